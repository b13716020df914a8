"""LabWriter: writes one batch of lab guides, as far as a call's time goes. Thin over `units` and `writing`."""

from __future__ import annotations

import functools
from typing import Any

from aurora.runtime.deadline import time_left
from aurora.runtime.logging import log_invocation, logger
from aurora.runtime.objects import ObjectStore
from functions.courses.events import CourseEvent, log_fields
from functions.courses.progress import CourseProgress
from functions.generation.writing import Writer
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

    Raises what `Writer.write_batch` raises, and ConfigurationError for a model that is not set up.
    """
    course: CourseEvent = event["course"]
    batch: LabBatch = event["batch"]
    settings = _settings()
    seconds_left = time_left(context, settings.batch_seconds)
    store, records = ObjectStore(settings.bucket), CourseProgress(settings.progress_table)
    writer = Writer(
        store=store,
        records=records,
        model=text_model(course["lab_model"], settings.models, settings.sample_seconds),
        worst_seconds=settings.unit_seconds,
        seconds_left=seconds_left,
    )
    records.set_step(course["execution"], LAB.branch, "writing")
    count = writer.write_batch(course, batch_units(course, batch, store))
    _log.info(
        "module=<%d>, batch=<%d>, count=<%s> | lab guides written", batch["module_number"], batch["batch_index"], count
    )
    return count
