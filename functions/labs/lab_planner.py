"""LabPlanner: the first state of the labs' branch, called again while modules remain."""

from __future__ import annotations

import functools
from typing import Any

from aurora.runtime.deadline import time_left
from aurora.runtime.logging import log_invocation, logger
from aurora.runtime.objects import ObjectStore
from functions.courses.events import CourseEvent, job_of, log_fields
from functions.courses.progress import CourseProgress
from functions.courses.stored import accepted_outline
from functions.generation.budget import Budget
from functions.generation.texts import TextWriter
from functions.labs.preparation import Planner
from functions.labs.settings import LabPlannerSettings
from functions.models.opened import text_model
from functions.outline.units import LAB
from functions.progress.counts import Count

_log = logger("lab-planner")
_settings = functools.cache(LabPlannerSettings.read)


@log_invocation(_log, log_fields)
def handler(event: dict[str, Any], context: Any) -> Count:
    """`{"course": CourseEvent}` -> how many modules are planned; call again while some remain.

    Raises what `Planner.plan` raises, and ConfigurationError for a model that is not set up.
    """
    course: CourseEvent = event["course"]
    settings = _settings()
    job = job_of(course)
    store, records = ObjectStore(settings.bucket), CourseProgress(settings.progress_table)
    model = text_model(course["plan_model"], settings.models, settings.sample_seconds)
    writer = TextWriter(model, Budget(job, records))
    planner = Planner(store, records, writer, time_left(context, settings.batch_seconds), settings.unit_seconds)
    records.set_step(course["execution"], LAB.branch, "planning")
    count = planner.plan(course, accepted_outline(course, store))
    _log.info("count=<%s> | labs planned", count)
    return count
