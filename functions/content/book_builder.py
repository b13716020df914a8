"""BookBuilder: the last state of the workflow's branch of lessons. The work is in `lesson_book`."""

from __future__ import annotations

import functools
from typing import Any

from aurora.runtime.logging import log_invocation, logger
from aurora.runtime.objects import ObjectStore
from functions.content.lesson_book import BookCount, build_book
from functions.content.settings import BookBuilderSettings
from functions.courses.events import CourseEvent, log_fields
from functions.courses.progress import CourseProgress

_log = logger("book-builder")
_settings = functools.cache(BookBuilderSettings.read)


@log_invocation(_log, log_fields)
def handler(event: dict[str, Any], _context: Any) -> BookCount:
    """`{"course": CourseEvent, "batches": [results]}` -> `{"missing", "lessons", "images"}`; raises as `build_book`."""
    course: CourseEvent = event["course"]
    settings = _settings()
    count = build_book(course, event["batches"], ObjectStore(settings.bucket), CourseProgress(settings.progress_table))
    _log.info(
        "lessons=<%d>, missing=<%d>, images=<%d> | book built", count["lessons"], count["missing"], count["images"]
    )
    return count
