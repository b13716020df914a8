"""PptGenerator: from a module's lessons and images to its slides."""

from __future__ import annotations

import functools
from typing import Any

from aurora.runtime.deadline import time_left
from aurora.runtime.logging import log_context, log_invocation, logger
from aurora.runtime.objects import ObjectStore
from functions.courses.events import CourseEvent, job_of, log_fields
from functions.courses.progress import CourseProgress
from functions.generation.units import UnitMaker
from functions.outline.units import SLIDES
from functions.slides.making_decks import DeckCount, make_deck
from functions.slides.settings import PptGeneratorSettings

_log = logger("ppt-generator")
_settings = functools.cache(PptGeneratorSettings.read)


@log_invocation(_log, log_fields)
def handler(event: dict[str, Any], context: Any) -> DeckCount:
    """`{"course": CourseEvent, "module": number}` -> what became of its slides, and how many they are.

    Raises what `make_deck` raises.
    """
    course: CourseEvent = event["course"]
    module: int = event["module"]
    settings = _settings()
    store, records = ObjectStore(settings.bucket), CourseProgress(settings.progress_table)
    with log_context(unit=SLIDES.id(module)):
        records.set_step(course["execution"], SLIDES.branch, "writing")
        maker = UnitMaker(job_of(course), store, records, time_left(context), worst_seconds=0)
        count = make_deck(course, module, maker)
        _log.info("module=<%d>, count=<%s> | slides made", module, count)
    return count
