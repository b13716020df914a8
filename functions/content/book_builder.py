"""BookBuilder: the last state of a course's workflow. Thin over `book_building`."""

from __future__ import annotations

import functools
from typing import Any

from functions.common.events import CourseEvent
from functions.common.logging import logger
from functions.common.records import LessonRecords
from functions.common.storage import CourseStore
from functions.content.book_building import BookCount, build_book
from functions.content.settings import BookBuilderSettings

_log = logger("book-builder")
_settings = functools.cache(BookBuilderSettings.read)


def handler(event: dict[str, Any], _context: Any) -> BookCount:
    """`{"course": CourseEvent, "batches": [results]}` -> `{"missing", "lessons", "images"}`; raises as `build_book`."""
    course: CourseEvent = event["course"]
    settings = _settings()
    count = build_book(course, event["batches"], CourseStore(settings.bucket), LessonRecords(settings.lessons_table))
    _log.info(
        "execution=<%s>, lessons=<%d>, missing=<%d>, images=<%d> | book built",
        course["execution"],
        count["lessons"],
        count["missing"],
        count["images"],
    )
    return count
