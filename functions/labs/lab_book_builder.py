"""LabBookBuilder: the last state of the labs' branch. Thin over `guide_book`."""

from __future__ import annotations

import functools
from typing import Any

from aurora.runtime.logging import log_invocation, logger
from aurora.runtime.objects import ObjectStore
from functions.courses.events import CourseEvent, log_fields
from functions.courses.progress import CourseProgress
from functions.labs.guide_book import LabBookCount, build_lab_book
from functions.labs.settings import LabBookBuilderSettings

_log = logger("lab-book-builder")
_settings = functools.cache(LabBookBuilderSettings.read)


@log_invocation(_log, log_fields)
def handler(event: dict[str, Any], _context: Any) -> LabBookCount:
    """`{"course": CourseEvent, "batches": [results]}` -> `{"missing", "labs"}`; raises as `build_lab_book` does."""
    course: CourseEvent = event["course"]
    settings = _settings()
    count = build_lab_book(
        course, event["batches"], ObjectStore(settings.bucket), CourseProgress(settings.progress_table)
    )
    _log.info("labs=<%d>, missing=<%d> | book of labs built", count["labs"], count["missing"])
    return count
