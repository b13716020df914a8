"""BatchExpander: the first state of a course's workflow. Thin over `expanding`."""

from __future__ import annotations

from typing import Any

from functions.common.events import CourseEvent
from functions.common.logging import logger
from functions.common.records import LessonRecords
from functions.common.storage import CourseStore
from functions.content.expanding import Expansion, expand
from functions.content.settings import BatchExpanderSettings

_log = logger("batch-expander")


def handler(event: dict[str, Any], _context: Any) -> Expansion:
    """`{"course": CourseEvent}` -> `{"batches": [...], "lessons": n}`; raises what `expand` raises."""
    course: CourseEvent = event["course"]
    settings = BatchExpanderSettings.read()
    expansion = expand(
        course, CourseStore(settings.bucket), LessonRecords(settings.lessons_table), settings.max_lessons_per_batch
    )
    _log.info(
        "execution=<%s>, lessons=<%d>, batches=<%d> | course expanded",
        course["execution"],
        expansion["lessons"],
        len(expansion["batches"]),
    )
    return expansion
