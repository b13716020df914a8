"""ImagesGen: from image prompts to PNGs, a bounded number a call. Thin over `images`."""

from __future__ import annotations

import functools
from typing import Any

from functions.common.events import CourseEvent
from functions.common.logging import logger
from functions.common.storage import CourseStore
from functions.slides.images import ImageCount, draw_batch
from functions.slides.settings import ImagesGenSettings

_log = logger("images-gen")
_settings = functools.cache(ImagesGenSettings.read)


def handler(event: dict[str, Any], _context: Any) -> ImageCount:
    """`{"course": CourseEvent, "batch": {...}}` -> the images by what became of them; call again while some remain."""
    course: CourseEvent = event["course"]
    module, batch_index = event["batch"]["module_number"], event["batch"]["batch_index"]
    settings = _settings()
    count = draw_batch(course, module, batch_index, CourseStore(settings.bucket), settings.images_per_call, _failed)
    _log.info(
        "execution=<%s>, module=<%d>, batch=<%d>, count=<%s> | images drawn",
        course["execution"],
        module,
        batch_index,
        count,
    )
    return count


def _failed(key: str, error: Exception) -> None:
    _log.error("key=<%s>, error=<%r> | image not drawn", key, error)
