"""LabBatchExpander: from planned labs to batches of guides. Thin over `due_labs`."""

from __future__ import annotations

import functools
from typing import Any

from aurora.runtime.logging import log_invocation, logger
from aurora.runtime.objects import ObjectStore
from functions.courses.events import CourseEvent, log_fields
from functions.courses.progress import CourseProgress
from functions.labs.due_labs import LabExpansion, expand_labs
from functions.labs.settings import LabBatchExpanderSettings

_log = logger("lab-batch-expander")
_settings = functools.cache(LabBatchExpanderSettings.read)


@log_invocation(_log, log_fields)
def handler(event: dict[str, Any], _context: Any) -> LabExpansion:
    """`{"course": CourseEvent}` -> `{"batches": [...], "labs": n}`; raises what `expand_labs` raises."""
    course: CourseEvent = event["course"]
    settings = _settings()
    expansion = expand_labs(course, ObjectStore(settings.bucket), CourseProgress(settings.progress_table))
    _log.info("labs=<%d>, batches=<%d> | labs expanded", expansion["labs"], len(expansion["batches"]))
    return expansion
