"""BatchExpander: the first state of the course workflow. The work is in `due_lessons`."""

from __future__ import annotations

from typing import Any

from aurora.runtime.logging import log_invocation, logger
from aurora.runtime.objects import ObjectStore
from functions.content.due_lessons import Expansion, expand
from functions.content.settings import BatchExpanderSettings
from functions.courses.events import CourseEvent, log_fields
from functions.courses.progress import CourseProgress

_log = logger("batch-expander")


@log_invocation(_log, log_fields)
def handler(event: dict[str, Any], _context: Any) -> Expansion:
    """`{"course": CourseEvent}` -> what there is to do; raises what `expand` raises."""
    course: CourseEvent = event["course"]
    settings = BatchExpanderSettings.read()
    expansion = expand(course, ObjectStore(settings.bucket), CourseProgress(settings.progress_table))
    _log.info(
        "content=<%s>, units=<%d>, batches=<%d> | course expanded",
        course["content"],
        expansion["units"],
        len(expansion["batches"]),
    )
    return expansion
