"""The lessons of a batch as units to write: where each is stored, what makes it stale, and the request to a model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from aurora.runtime.errors import NotFound
from aurora.runtime.objects import ObjectStore
from functions.content.prompting import fingerprint, lesson_brief, lesson_request, outlined, summary
from functions.courses.events import CourseEvent
from functions.courses.paths import CoursePaths
from functions.courses.stored import unit_keys
from functions.generation.texts import TextUnit
from functions.models import LessonBrief, TextRequest
from functions.outline.batches import Batch
from functions.outline.model import Lesson, Module, Outline
from functions.outline.targets import word_target
from functions.outline.units import LESSON, lesson_id
from functions.text.tidy import tidy_lesson


def batch_lessons(outline: Outline, batch: Batch) -> tuple[Module, tuple[Lesson, ...]]:
    """A batch's module and the lessons of it that are the batch's."""
    module = next(module for module in outline.modules if module.number == batch["module_number"])
    return module, tuple(lesson for lesson in module.lessons if lesson.number in batch["lessons"])


def lesson_units(
    course: CourseEvent,
    outline: Outline,
    batch: Batch,
    store: ObjectStore,
    stored: Mapping[str, str] | None = None,
) -> list[TextUnit]:
    """The batch's lessons; `stored` holds the keys of lessons that are stored, by id, where they are known."""
    paths = CoursePaths(course["owner"], course["course_id"])
    keys = unit_keys(store, paths, LESSON, batch["module_number"]) if stored is None else stored
    module, lessons = batch_lessons(outline, batch)
    units: list[TextUnit] = []
    for lesson in lessons:
        words = word_target(
            lesson,
            module,
            words_per_minute=course["words_per_minute"],
            min_words=course["min_words"],
            max_words=course["max_words"],
        )
        brief = lesson_brief(outline, module, lesson, words)
        units.append(
            TextUnit(
                id=brief.lesson_id,
                kind=LESSON.name,
                # A lesson that exists keeps its key though its title may have changed: it is never there twice.
                key=keys.get(brief.lesson_id) or paths.unit(LESSON, module.number, lesson.number, lesson.title),
                fingerprint=fingerprint(brief),
                words=words,
                request=partial(_request, brief, outline, store, paths),
                tidy=partial(tidy_lesson, title=lesson.title, lesson_id=brief.lesson_id),
            )
        )
    return units


def _request(brief: LessonBrief, outline: Outline, store: ObjectStore, paths: CoursePaths) -> TextRequest:
    """What a model is asked for a lesson, and what came before it: a course is read from one lesson to the next."""
    every = [(module, lesson) for module in outline.modules for lesson in module.lessons]
    place = [lesson_id(module.number, lesson.number) for module, lesson in every].index(brief.lesson_id)
    if not place:
        return lesson_request(brief)
    module, lesson = every[place - 1]
    key = unit_keys(store, paths, LESSON, module.number).get(lesson_id(module.number, lesson.number))
    try:
        before = summary(lesson.title, store.read_text(key)) if key else outlined(lesson)
    except NotFound:  # removed since it was listed
        before = outlined(lesson)
    return lesson_request(brief, before)
