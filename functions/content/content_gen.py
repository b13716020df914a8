"""ContentGen: writes a batch of lessons, as many as a call's time allows."""

from __future__ import annotations

import functools
from typing import Any

from aurora.runtime.deadline import time_left
from aurora.runtime.logging import log_invocation, logger
from aurora.runtime.objects import ObjectStore
from functions.content.lessons import lesson_units
from functions.content.settings import ContentGenSettings
from functions.courses.events import CourseEvent, job_of, log_fields
from functions.courses.progress import CourseProgress
from functions.courses.stored import accepted_outline
from functions.generation.budget import Budget
from functions.generation.texts import TextWriter
from functions.generation.units import UnitMaker
from functions.models.opened import text_model
from functions.outline.batches import Batch
from functions.outline.units import LESSON
from functions.progress.counts import Count

_log = logger("content-gen")
_settings = functools.cache(ContentGenSettings.read)


@log_invocation(_log, log_fields)
def handler(event: dict[str, Any], context: Any) -> Count:
    """`{"course": CourseEvent, "batch": Batch}` -> the batch's lessons by state; call again while some remain.

    Raises what `UnitMaker.make_all` raises, and ConfigurationError for a model that is not set up.
    """
    course: CourseEvent = event["course"]
    batch: Batch = event["batch"]
    settings = _settings()
    job = job_of(course)
    store, records = ObjectStore(settings.bucket), CourseProgress(settings.progress_table)
    maker = UnitMaker(job, store, records, time_left(context, settings.batch_seconds), settings.unit_seconds)
    model = text_model(course["lesson_model"], settings.models, settings.sample_seconds)
    writer = TextWriter(model, Budget(job, records))
    records.set_step(course["execution"], LESSON.branch, "writing")
    units = lesson_units(course, accepted_outline(course, store), batch, store)
    count = maker.make_all(units, writer.write)
    _log.info(
        "module=<%d>, batch=<%d>, count=<%s> | lessons written", batch["module_number"], batch["batch_index"], count
    )
    return count
