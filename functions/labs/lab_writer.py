"""LabWriter: writes one batch of lab guides, as far as a call's time goes."""

from __future__ import annotations

import functools
from typing import Any

from aurora.runtime.deadline import time_left
from aurora.runtime.logging import log_invocation, logger
from aurora.runtime.objects import ObjectStore
from functions.courses.events import CourseEvent, job_of, log_fields
from functions.courses.progress import CourseProgress
from functions.generation.budget import Budget
from functions.generation.texts import TextWriter
from functions.generation.units import UnitMaker
from functions.labs.settings import LabWriterSettings
from functions.labs.units import batch_units
from functions.models.opened import text_model
from functions.outline.batches import LabBatch
from functions.outline.units import LAB
from functions.progress.counts import Count

_log = logger("lab-writer")
_settings = functools.cache(LabWriterSettings.read)


@log_invocation(_log, log_fields)
def handler(event: dict[str, Any], context: Any) -> Count:
    """`{"course": CourseEvent, "batch": LabBatch}` -> the batch's labs by state; call again while some remain.

    Raises what `UnitMaker.make_all` raises, and ConfigurationError for a model that is not set up.
    """
    course: CourseEvent = event["course"]
    batch: LabBatch = event["batch"]
    settings = _settings()
    job = job_of(course)
    store, records = ObjectStore(settings.bucket), CourseProgress(settings.progress_table)
    maker = UnitMaker(job, store, records, time_left(context, settings.batch_seconds), settings.unit_seconds)
    model = text_model(course["lab_model"], settings.models, settings.sample_seconds)
    writer = TextWriter(model, Budget(job, records))
    records.set_step(course["execution"], LAB.branch, "writing")
    count = maker.make_all(batch_units(course, batch, store), writer.write)
    _log.info(
        "module=<%d>, batch=<%d>, count=<%s> | lab guides written", batch["module_number"], batch["batch_index"], count
    )
    return count
