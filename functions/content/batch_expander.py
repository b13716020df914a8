"""BatchExpander: the first state of a course's workflow. Thin over `expanding`."""

from __future__ import annotations

from typing import Any

from functions.common.events import CourseEvent
from functions.common.logging import logger, told
from functions.common.records import UnitRecords
from functions.common.storage import CourseStore
from functions.content.expanding import Expansion, expand
from functions.content.settings import BatchExpanderSettings

_log = logger("batch-expander")


@told(_log)
def handler(event: dict[str, Any], _context: Any) -> Expansion:
    """`{"course": CourseEvent}` -> what there is to do; raises what `expand` raises."""
    course: CourseEvent = event["course"]
    settings = BatchExpanderSettings.read()
    expansion = expand(course, CourseStore(settings.bucket), UnitRecords(settings.progress_table))
    _log.info(
        "content=<%s>, units=<%d>, batches=<%d> | course expanded",
        course["content"],
        expansion["units"],
        len(expansion["batches"]),
    )
    return expansion
