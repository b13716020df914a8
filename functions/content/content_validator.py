"""ContentValidator: checks what an execution wrote and stores a report. Thin over `validation`."""

from __future__ import annotations

import functools
from typing import Any

from functions.common.events import CourseEvent
from functions.common.logging import logger, told
from functions.common.records import UnitRecords
from functions.common.storage import CourseStore
from functions.common.stored import accepted_outline
from functions.content.settings import ContentValidatorSettings
from functions.content.validation import Validation, validate_course

_log = logger("content-validator")
_settings = functools.cache(ContentValidatorSettings.read)


@told(_log)
def handler(event: dict[str, Any], _context: Any) -> Validation:
    """`{"course": CourseEvent, ...}` -> `{"report": key, "warnings": n}`; the branch's step becomes "validating"."""
    course: CourseEvent = event["course"]
    settings = _settings()
    UnitRecords(settings.progress_table).set_step(course["execution"], "theory", "validating")
    store = CourseStore(settings.bucket)
    validation = validate_course(course, accepted_outline(course, store), store)
    _log.info("warnings=<%d> | content validated", validation["warnings"])
    return validation
