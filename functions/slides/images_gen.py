"""ImagesGen: from image prompts to PNGs, a bounded number a call."""

from __future__ import annotations

import functools
from typing import Any

from aurora.runtime.deadline import time_left
from aurora.runtime.errors import ConfigurationError
from aurora.runtime.logging import log_invocation, logger
from aurora.runtime.objects import ObjectStore
from functions.courses.events import CourseEvent, log_fields
from functions.courses.progress import CourseProgress
from functions.outline.batches import Batch
from functions.progress.counts import Count
from functions.slides.image_models import image_model
from functions.slides.images import Drawer
from functions.slides.settings import ImagesGenSettings
from functions.text.words import sentence

_log = logger("images-gen")
_settings = functools.cache(ImagesGenSettings.read)


@log_invocation(_log, log_fields)
def handler(event: dict[str, Any], context: Any) -> Count:
    """`{"course": CourseEvent, "batch": Batch}` -> its images by what became of them; call again while some remain.

    Raises what `Drawer.draw_batch` raises, and ConfigurationError for a model that is not set up.
    """
    course: CourseEvent = event["course"]
    batch: Batch = event["batch"]
    settings = _settings()
    seconds_left = time_left(context)
    records = CourseProgress(settings.progress_table)
    try:
        model = image_model(course["image_model"], settings.models)
    except ConfigurationError as error:  # such as a key that is not there
        records.note_images_problem(course["execution"], sentence(str(error)))
        raise
    store = ObjectStore(settings.bucket)
    drawer = Drawer(store, records, model, settings.images_per_call, seconds_left, settings.image_seconds)
    count = drawer.draw_batch(course, batch)
    _log.info("module=<%d>, batch=<%d>, count=<%s> | images drawn", batch["module_number"], batch["batch_index"], count)
    return count
