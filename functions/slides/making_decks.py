"""Makes one module's slides of what the store holds of it, and only if they are not stored already as they would be.

What a deck is made of is known by listings, so that a module with nothing new costs no download.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from aurora.runtime.objects import CONTENT_TYPES, ObjectStore, etags, source_digest
from functions.courses.events import CourseEvent
from functions.courses.paths import CoursePaths
from functions.courses.stored import accepted_outline, stored_images, stored_units, unit_keys
from functions.generation.units import Product, Unit, UnitMaker, is_due
from functions.outline.model import Module, Outline
from functions.outline.selection import chosen
from functions.outline.units import LESSON, SLIDES, lesson_id
from functions.progress.counts import Count
from functions.progress.errors import UnitFailed
from functions.slides.deck import VERSION, Deck, DeckLesson, write_deck

NO_LESSON: Final = "None of the module's lessons is written yet, so there is nothing to make slides of."

_THREADS: Final = 16


class DeckCount(Count):
    """What became of a module's slides, which are one unit; `slides` is how many they are."""

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


def make_deck(course: CourseEvent, module: int, maker: UnitMaker) -> DeckCount:
    """Make the slides of a module, unless they are stored as they would be; their record says what became of them.

    Raises as `UnitMaker.make_all`, NotFound if the outline is gone, and InvalidOutline or BadRequest if it is not what
    was accepted.
    """
    store = maker.store
    paths = CoursePaths(course["owner"], course["course_id"])
    sources = _sources(course, module, store, paths)
    # Slides that exist keep their name though the module's title may have changed: they are never there twice.
    key = unit_keys(store, paths, SLIDES, module).get(lesson_id(module, 0))
    # A listing does not tell what an image was drawn for: slides that leave none out are known by listings alone.
    fingerprint = sources.fingerprint([])
    unit = Unit(SLIDES.id(module), SLIDES.name, key or paths.unit(SLIDES, module, 0, sources.module.title), fingerprint)

    def make(unit: Unit, _seconds: float) -> Product | None:
        if not sources.lessons:
            raise UnitFailed(NO_LESSON)
        deck, stale = _read(sources, store, paths)
        fingerprint = sources.fingerprint(stale)
        found = store.head(unit.key)
        if found and not is_due(maker.job, unit.id, fingerprint, found.metadata):
            return None
        content, slides = write_deck(deck)
        return Product(content, CONTENT_TYPES["pptx"], {"fingerprint": fingerprint, "slides": str(slides)})

    count = maker.make_all([unit], make)
    made = store.head(unit.key) if count["written"] or count["skipped"] else None
    return {**count, "slides": int(made.metadata["slides"]) if made else 0}


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
