"""LabBatchExpander: from planned labs to batches of guides. Thin over `expanding`."""

from __future__ import annotations

import functools
from typing import Any

from aurora.runtime.logging import logger, told
from aurora.runtime.objects import CourseStore
from functions.courses.events import CourseEvent
from functions.labs.expanding import LabExpansion, expand_labs
from functions.labs.settings import LabBatchExpanderSettings
from functions.progress.records import UnitRecords

_log = logger("lab-batch-expander")
_settings = functools.cache(LabBatchExpanderSettings.read)


@told(_log)
def handler(event: dict[str, Any], _context: Any) -> LabExpansion:
    """`{"course": CourseEvent}` -> `{"batches": [...], "labs": n}`; raises what `expand_labs` raises."""
    course: CourseEvent = event["course"]
    settings = _settings()
    expansion = expand_labs(course, CourseStore(settings.bucket), UnitRecords(settings.progress_table))
    _log.info("labs=<%d>, batches=<%d> | labs expanded", expansion["labs"], len(expansion["batches"]))
    return expansion
