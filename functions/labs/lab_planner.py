"""LabPlanner: the first state of the labs' branch, called again while modules remain. Thin over `planning`."""

from __future__ import annotations

import functools
import time
from typing import Any

from functions.common.events import CourseEvent
from functions.common.logging import logger, told
from functions.common.models.opened import text_model
from functions.common.records import UnitRecords
from functions.common.storage import CourseStore
from functions.common.stored import accepted_outline
from functions.labs.planning import PlanCount, Planner
from functions.labs.settings import LabPlannerSettings

_log = logger("lab-planner")
_settings = functools.cache(LabPlannerSettings.read)


@told(_log)
def handler(event: dict[str, Any], context: Any) -> PlanCount:
    """`{"course": CourseEvent}` -> how many modules are planned; call again while some remain.

    Raises what `Planner.plan` raises, and ConfigurationError for a model that is not set up.
    """
    course: CourseEvent = event["course"]
    settings = _settings()
    end = time.monotonic() + min(settings.batch_seconds, context.get_remaining_time_in_millis() / 1000)
    store, records = CourseStore(settings.bucket), UnitRecords(settings.progress_table)
    planner = Planner(
        store=store,
        records=records,
        model=text_model(course["plan_model"], settings.models, settings.sample_seconds),
        worst_seconds=settings.unit_seconds,
        seconds_left=lambda: end - time.monotonic(),
    )
    records.set_step(course["execution"], "labs", "planning")
    count = planner.plan(course, accepted_outline(course, store))
    _log.info("count=<%s> | labs planned", count)
    return count
