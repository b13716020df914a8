"""ImagesGen: from image prompts to PNGs, a bounded number a call. Thin over `images`."""

from __future__ import annotations

import functools
from typing import Any

from aurora.runtime.deadline import time_left
from aurora.runtime.errors import ConfigurationError
from aurora.runtime.logging import log_invocation, logger
from aurora.runtime.objects import ObjectStore
from functions.courses.events import CourseEvent, log_fields
from functions.courses.progress import CourseProgress
from functions.generation.writing import sentence
from functions.outline.batches import Batch
from functions.slides.image_models import image_model
from functions.slides.images import Drawer, ImageCount
from functions.slides.settings import ImagesGenSettings

_log = logger("images-gen")
_settings = functools.cache(ImagesGenSettings.read)


@log_invocation(_log, log_fields)
def handler(event: dict[str, Any], context: Any) -> ImageCount:
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
        records.note_images_problem(course["execution"], sentence(error))
        raise
    drawer = Drawer(
        store=ObjectStore(settings.bucket),
        records=records,
        model=model,
        images_per_call=settings.images_per_call,
        worst_seconds=settings.image_seconds,
        seconds_left=seconds_left,
        failed=_failed,
    )
    count = drawer.draw_batch(course, batch)
    _log.info("module=<%d>, batch=<%d>, count=<%s> | images drawn", batch["module_number"], batch["batch_index"], count)
    return count


def _failed(key: str, error: Exception) -> None:
    _log.error("key=<%s>, error=<%r> | image not drawn", key, error)
