"""ContentValidator: checks what an execution wrote and stores a report. The work is in `findings`."""

from __future__ import annotations

import functools
from typing import Any

from aurora.runtime.logging import log_invocation, logger
from aurora.runtime.objects import ObjectStore
from functions.content.findings import Validation, validate_course
from functions.content.settings import ContentValidatorSettings
from functions.courses.events import CourseEvent, log_fields
from functions.courses.progress import CourseProgress
from functions.courses.stored import accepted_outline
from functions.outline.units import LESSON

_log = logger("content-validator")
_settings = functools.cache(ContentValidatorSettings.read)


@log_invocation(_log, log_fields)
def handler(event: dict[str, Any], _context: Any) -> Validation:
    """`{"course": CourseEvent, ...}` -> `{"report": key, "warnings": n}`; the branch's step becomes "validating"."""
    course: CourseEvent = event["course"]
    settings = _settings()
    CourseProgress(settings.progress_table).set_step(course["execution"], LESSON.branch, "validating")
    store = ObjectStore(settings.bucket)
    validation = validate_course(course, accepted_outline(course, store), store)
    _log.info("warnings=<%d> | content validated", validation["warnings"])
    return validation
