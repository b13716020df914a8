"""CourseArchiver: stores everything that an author may download as one file. The work is in `zip_file`."""

from __future__ import annotations

import functools
from typing import Any, TypedDict

from aurora.runtime.logging import log_invocation, logger
from aurora.runtime.objects import ObjectStore
from functions.content.settings import CourseArchiverSettings
from functions.content.zip_file import write_archive
from functions.courses.events import CourseEvent, log_fields
from functions.courses.paths import CoursePaths

_log = logger("course-archiver")
_settings = functools.cache(CourseArchiverSettings.read)


class Archived(TypedDict):
    """Whether the archive was written, or is there already as it would be."""

    written: bool


@log_invocation(_log, log_fields)
def handler(event: dict[str, Any], _context: Any) -> Archived:
    """`{"course": CourseEvent}` -> whether the archive had to be written."""
    course: CourseEvent = event["course"]
    paths = CoursePaths(course["owner"], course["course_id"])
    written = write_archive(ObjectStore(_settings().bucket), paths, course["outline_key"])
    _log.info("written=<%s> | archive made", written)
    return {"written": written}
