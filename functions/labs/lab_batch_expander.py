"""LabBatchExpander: from planned labs to batches of guides. Thin over `expanding`."""

from __future__ import annotations

import functools
from typing import Any

from functions.common.events import CourseEvent
from functions.common.logging import logger, told
from functions.common.records import UnitRecords
from functions.common.storage import CourseStore
from functions.labs.expanding import LabExpansion, expand_labs
from functions.labs.settings import LabBatchExpanderSettings

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
