"""PptGenerator: from a module's lessons and images to its slides. Thin over `making_decks`."""

from __future__ import annotations

import functools
from typing import Any

from aurora.runtime.logging import log_context, log_invocation, logger
from aurora.runtime.objects import ObjectStore
from functions.courses.events import CourseEvent, log_fields
from functions.courses.progress import CourseProgress
from functions.outline.units import SLIDES
from functions.slides.making_decks import DeckCount, DeckMaker
from functions.slides.settings import PptGeneratorSettings

_log = logger("ppt-generator")
_settings = functools.cache(PptGeneratorSettings.read)


@log_invocation(_log, log_fields)
def handler(event: dict[str, Any], context: Any) -> DeckCount:
    """`{"course": CourseEvent, "module": number}` -> what became of its slides, and how many they are.

    Raises what `DeckMaker.make` raises.
    """
    course: CourseEvent = event["course"]
    module: int = event["module"]
    settings = _settings()
    store, records = ObjectStore(settings.bucket), CourseProgress(settings.progress_table)
    with log_context(unit=SLIDES.id(module)):
        records.set_step(course["execution"], SLIDES.branch, "writing")
        count = DeckMaker(store, records, context.get_remaining_time_in_millis() / 1000).make(course, module)
        _log.info("module=<%d>, count=<%s> | slides made", module, count)
    return count
