"""CourseFinisher: the last state of a course's workflow, whatever happened before. Thin over `finishing`."""

from __future__ import annotations

import functools
from typing import Any

from functions.common import aws
from functions.common.events import CourseEvent
from functions.common.logging import logger, told
from functions.common.records import CourseRecords, UnitRecords
from functions.content.finishing import Ending, failures_of, finish
from functions.content.settings import CourseFinisherSettings

_log = logger("course-finisher")
_settings = functools.cache(CourseFinisherSettings.read)


@told(_log)
def handler(event: dict[str, Any], _context: Any) -> Ending:
    """`{"course": CourseEvent, "failures": {part: error or null}}` -> how it ended; raises as `finish` does."""
    course: CourseEvent = event["course"]
    settings = _settings()

    def publish(subject: str, message: str) -> None:
        # Where nobody subscribes, as on an author's own machine, the log is where the notification is read.
        _log.info("subject=<%s>, message=<%s> | course ended", subject, " ".join(message.split()))
        aws.client("sns").publish(TopicArn=settings.topic_arn, Subject=subject, Message=message)

    records = UnitRecords(settings.progress_table)
    return finish(course, failures_of(event), CourseRecords(settings.courses_table), records, publish)
