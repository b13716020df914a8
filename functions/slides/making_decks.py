"""Makes one module's slides of what the store holds of it, and only if they are not stored already as they would be.

Knows the store and the records by their interfaces only, and nothing of Lambda nor of what a slide looks like. What
a deck is made of is told by listings, so that a module with nothing new costs no download.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypedDict

from aurora.runtime.errors import Throttled
from aurora.runtime.objects import CONTENT_TYPES, ObjectStore, etags, source_digest
from functions.courses.events import CourseEvent
from functions.courses.paths import CoursePaths
from functions.courses.progress import CourseProgress
from functions.courses.stored import accepted_outline, stored_images, stored_units, unit_keys
from functions.generation import metrics
from functions.generation.writing import is_due
from functions.outline.model import Module, Outline
from functions.outline.selection import chosen
from functions.outline.units import LESSON, SLIDES, lesson_id
from functions.progress.records import UnitState
from functions.slides.deck import VERSION, Deck, DeckLesson, write_deck

NO_LESSON: Final = "None of the module's lessons is written yet, so there is nothing to make slides of."

_THREADS: Final = 16


class DeckCount(TypedDict):
    """What became of a module's slides (one of them is 1), and how many they are; `remaining` is always 0."""

    written: int
    skipped: int
    failed: int
    cancelled: int
    remaining: int
    slides: int


@dataclass(frozen=True)
class _Sources:
    """What a module's slides are made of, as far as listings tell it; keys of lessons by their numbers."""

    outline: Outline
    module: Module
    lessons: Mapping[int, str]
    tags: Mapping[str, str]

    def fingerprint(self, stale: Sequence[str]) -> str:
        """Changes with whatever changes the slides; `stale` are images that do not belong to the text any more."""
        return source_digest(
            VERSION,
            self.outline.language,
            self.outline.title,
            [self.module.number, self.module.title, self.module.description],
            [[lesson.number, lesson.title] for lesson in self.module.lessons],
            self.tags,
            stale,
        )


@dataclass(frozen=True)
class DeckMaker:
    """Makes slides; `seconds_left` is how much of this call's time is left."""

    store: ObjectStore
    records: CourseProgress
    seconds_left: float

    def make(self, course: CourseEvent, module: int) -> DeckCount:
        """Write the slides of a module, unless they are stored as they would be; its record says what became of it.

        Raises Throttled while another call makes them, NotFound if the outline is gone, and InvalidOutline or
        BadRequest if it is not what was accepted.
        """
        execution, id_ = course["execution"], SLIDES.id(module)
        paths = CoursePaths(course["owner"], course["course_id"])
        sources = _sources(course, module, self.store, paths)
        # Slides that exist keep their name though the module's title may have changed: they are never there twice.
        stored = unit_keys(self.store, paths, SLIDES, module).get(lesson_id(module, 0))
        key = stored or paths.unit(SLIDES, module, 0, sources.module.title)
        found = self.store.head(key)
        metadata = found.metadata if found else None
        units: dict[str, UnitState] = {unit.id: unit.state for unit in self.records.progress(execution)[1]}
        state: UnitState = units.get(id_, "waiting")
        # A listing does not tell what an image was drawn for: slides that leave none out are known by listings alone.
        if metadata is not None and not is_due(course, id_, sources.fingerprint([]), metadata):
            now: UnitState = "written" if metadata.get("execution") == execution else "skipped"
            if state != now:  # or the call that stored it died before it could say so
                self.records.note(execution, id_, now)
            return _count(now, metadata)
        if state in ("failed", "cancelled"):
            return _count(state)
        if self.records.is_cancelled(execution):
            self.records.note(execution, id_, "cancelled")
            metrics.unit_ended(SLIDES.name, "cancelled", 0)
            return _count("cancelled")
        if not self.records.claim(execution, id_, self.seconds_left, state):
            raise Throttled("Another call is making these slides at the moment.")
        return self._settle(course, sources, key, metadata)

    def _settle(
        self, course: CourseEvent, sources: _Sources, key: str, metadata: Mapping[str, str] | None
    ) -> DeckCount:
        """Make slides that are claimed, and record what became of them."""
        execution, id_ = course["execution"], SLIDES.id(sources.module.number)
        start = time.monotonic()
        state: UnitState = "written"
        reason = None
        if not sources.lessons:
            state, reason, metadata = "failed", NO_LESSON, None
        else:
            deck, stale = _read(sources, self.store, CoursePaths(course["owner"], course["course_id"]))
            fingerprint = sources.fingerprint(stale)
            if metadata is not None and not is_due(course, id_, fingerprint, metadata):
                state = "skipped"
            else:
                content, slides = write_deck(deck)
                metadata = {"execution": execution, "fingerprint": fingerprint, "slides": str(slides)}
                self.store.write(key, content, CONTENT_TYPES["pptx"], metadata)
        self.records.note(execution, id_, state, reason=reason)
        metrics.unit_ended(SLIDES.name, state, time.monotonic() - start)
        return _count(state, metadata)


def _count(state: UnitState, metadata: Mapping[str, str] | None = None) -> DeckCount:
    return {
        "written": int(state == "written"),
        "skipped": int(state == "skipped"),
        "failed": int(state == "failed"),
        "cancelled": int(state == "cancelled"),
        "remaining": 0,
        "slides": int((metadata or {}).get("slides", 0)),
    }


def _sources(course: CourseEvent, number: int, store: ObjectStore, paths: CoursePaths) -> _Sources:
    outline = accepted_outline(course, store)
    (module,) = chosen(outline, [number])
    stored = stored_units(store, paths, LESSON, number)
    texts = {
        lesson.number: found for lesson in module.lessons if (found := stored.get(lesson_id(number, lesson.number)))
    }
    tags = dict(etags(texts.values()))
    for prefix in (paths.prompts_of(number), paths.images_of(number)):
        tags.update(etags(store.list(prefix)))
    return _Sources(outline, module, {lesson: found.key for lesson, found in texts.items()}, tags)


def _read(sources: _Sources, store: ObjectStore, paths: CoursePaths) -> tuple[Deck, list[str]]:
    """What the slides are made of, and the ids of images that are left out as they were drawn for other texts."""
    with ThreadPoolExecutor(_THREADS) as threads:
        texts = dict(zip(sources.lessons, threads.map(store.read_text, sources.lessons.values()), strict=True))
    module = sources.module
    images = stored_images(store, paths, module.number)
    deck = Deck(
        course_title=sources.outline.title,
        language=sources.outline.language,
        module_number=module.number,
        module_title=module.title,
        module_description=module.description,
        lessons=tuple(DeckLesson(lesson.number, lesson.title, texts.get(lesson.number)) for lesson in module.lessons),
        images={id_: png for id_, png in images.items() if png is not None},
    )
    return deck, [id_ for id_, png in images.items() if png is None]
