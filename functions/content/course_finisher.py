"""CourseFinisher: the last state of the course workflow, also after a failure. The work is in `ending`."""

from __future__ import annotations

import functools
from typing import Any

from aurora.runtime import aws
from aurora.runtime.logging import log_invocation, logger
from functions.content.ending import Ending, failures_of, finish
from functions.content.settings import CourseFinisherSettings
from functions.courses.events import CourseEvent, log_fields
from functions.courses.progress import CourseProgress
from functions.courses.records import CourseRecords

_log = logger("course-finisher")
_settings = functools.cache(CourseFinisherSettings.read)


@log_invocation(_log, log_fields)
def handler(event: dict[str, Any], _context: Any) -> Ending:
    """`{"course": CourseEvent, "failures": {part: error or null}}` -> how it ended; raises as `finish` does."""
    course: CourseEvent = event["course"]
    settings = _settings()

    def publish(subject: str, message: str) -> None:
        # Where nobody subscribes, as on an author's own machine, the log is where the notification is read.
        _log.info("subject=<%s>, message=<%s> | course ended", subject, " ".join(message.split()))
        aws.client("sns").publish(TopicArn=settings.topic_arn, Subject=subject, Message=message)

    records = CourseProgress(settings.progress_table)
    return finish(course, failures_of(event), CourseRecords(settings.courses_table), records, publish)
