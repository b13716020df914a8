"""ContentValidator: checks what an execution wrote and stores a report. Thin over `validation`."""

from __future__ import annotations

import functools
from typing import Any

from functions.common.events import CourseEvent
from functions.common.logging import logger
from functions.common.records import LessonRecords
from functions.common.storage import CourseStore
from functions.common.stored import accepted_outline
from functions.content.settings import ContentValidatorSettings
from functions.content.validation import Validation, validate_course

_log = logger("content-validator")
_settings = functools.cache(ContentValidatorSettings.read)


def handler(event: dict[str, Any], _context: Any) -> Validation:
    """`{"course": CourseEvent, ...}` -> `{"report": key, "warnings": n}`; the execution's step becomes "validating"."""
    course: CourseEvent = event["course"]
    settings = _settings()
    LessonRecords(settings.lessons_table).set_step(course["execution"], "validating")
    store = CourseStore(settings.bucket)
    validation = validate_course(course, accepted_outline(course, store), store)
    _log.info("execution=<%s>, warnings=<%d> | content validated", course["execution"], validation["warnings"])
    return validation
