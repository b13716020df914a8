"""ContentGen: writes a batch of lessons, as many as a call's time allows. The work is in `lessons` and `writing`."""

from __future__ import annotations

import functools
from typing import Any

from aurora.runtime.deadline import time_left
from aurora.runtime.logging import log_invocation, logger
from aurora.runtime.objects import ObjectStore
from functions.content.lessons import lesson_units
from functions.content.settings import ContentGenSettings
from functions.courses.events import CourseEvent, log_fields
from functions.courses.progress import CourseProgress
from functions.courses.stored import accepted_outline
from functions.generation.writing import Writer
from functions.models.opened import text_model
from functions.outline.batches import Batch
from functions.outline.units import LESSON
from functions.progress.counts import Count

_log = logger("content-gen")
_settings = functools.cache(ContentGenSettings.read)


@log_invocation(_log, log_fields)
def handler(event: dict[str, Any], context: Any) -> Count:
    """`{"course": CourseEvent, "batch": Batch}` -> the batch's lessons by state; call again while some remain.

    Raises what `Writer.write_batch` raises, and ConfigurationError for a model that is not set up.
    """
    course: CourseEvent = event["course"]
    batch: Batch = event["batch"]
    settings = _settings()
    seconds_left = time_left(context, settings.batch_seconds)
    store, records = ObjectStore(settings.bucket), CourseProgress(settings.progress_table)
    writer = Writer(
        store=store,
        records=records,
        model=text_model(course["lesson_model"], settings.models, settings.sample_seconds),
        worst_seconds=settings.unit_seconds,
        seconds_left=seconds_left,
    )
    records.set_step(course["execution"], LESSON.branch, "writing")
    count = writer.write_batch(course, lesson_units(course, accepted_outline(course, store), batch, store))
    _log.info(
        "module=<%d>, batch=<%d>, count=<%s> | lessons written", batch["module_number"], batch["batch_index"], count
    )
    return count
