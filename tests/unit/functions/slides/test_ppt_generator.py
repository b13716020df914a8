from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pptx
import pytest

from aurora.runtime.errors import Throttled
from aurora.runtime.objects import ObjectStore
from functions.courses.progress import CourseProgress
from functions.courses.stored import planned_for
from functions.outline.units import LESSON, SLIDES
from functions.progress.records import UnitRecord
from functions.slides import ppt_generator
from functions.slides.making_decks import NO_LESSON, DeckCount
from functions.text.visuals import prompt_digest
from tests.support.courses import COURSE, OWNER, PATHS, course_event, course_unit
from tests.unit.functions.book.examples import png
from tests.unit.functions.slides.conftest import Call

OUTLINE = """
title: Soils
language: en
modules:
  - title: Clay and sand
    lessons: [{title: Clay}, {title: Sand}]
  - title: Loam
    lessons: [{title: Loam}]
"""
TEXT = "# Clay\n\nIt holds water.\n\n[VISUAL: 01-01-0001 - Layers]\n"
KEY = PATHS.unit(SLIDES, 1, 0, "clay-and-sand")


@dataclass(frozen=True)
class Course:
    """A course of two modules, whose first has a lesson with an image."""

    store: ObjectStore
    records: CourseProgress

    def begin(self, attempt: int) -> None:
        units = [course_unit("slides", number, 0, f"Module {number}") for number in (1, 2)]
        self.records.start(course_event(attempt)["execution"], OWNER, COURSE, ["slides"], units)

    def write(self, lesson: str = TEXT, outline: str = OUTLINE) -> None:
        self.store.write(course_event()["outline_key"], outline, "application/yaml")
        self.store.write(PATHS.unit(LESSON, 1, 1, "clay"), lesson, "text/markdown")

    def draw(self, prompt: str = "Draw it.", drawn_from: str = "Draw it.") -> None:
        image = {"id": "01-01-0001", "description": "Layers", "prompt": prompt}
        body = {"lesson": "01-01", "title": "Clay", "language": "en", "images": [image]}
        lesson = self.store.head(PATHS.unit(LESSON, 1, 1, "clay"))
        assert lesson
        self.store.write(PATHS.prompt(1, 1), json.dumps(body), "application/json", planned_for(lesson))
        self.store.write(PATHS.image("01-01-0001"), png(), "image/png", {"prompt": prompt_digest(drawn_from)})

    def make(self, module: int = 1, attempt: int = 1, **course: Any) -> DeckCount:
        return ppt_generator.handler({"course": course_event(attempt, **course), "module": module}, Call())

    def unit(self, module: int = 1, attempt: int = 1) -> UnitRecord:
        return self.records.progress(course_event(attempt)["execution"])[1][module - 1]

    def deck(self, key: str = KEY) -> Any:
        return pptx.Presentation(io.BytesIO(self.store.read(key)))

    def pictures(self) -> int:
        return sum("image" in part.partname for part in self.deck().part.package.iter_parts())


def count(slides: int = 0, **states: int) -> dict[str, int]:
    nothing = {"written": 0, "skipped": 0, "failed": 0, "cancelled": 0, "remaining": 0}
    return {**nothing, **states, "slides": slides}


@pytest.fixture
def course(bucket: str, progress_table: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Course]:
    monkeypatch.setenv("BUCKET", bucket)
    monkeypatch.setenv("PROGRESS_TABLE", progress_table)
    ppt_generator._settings.cache_clear()
    course = Course(ObjectStore(bucket), CourseProgress(progress_table))
    course.write()
    course.draw()
    course.begin(1)
    course.begin(2)
    yield course
    ppt_generator._settings.cache_clear()


def test_a_module_s_slides_are_stored_and_recorded(course: Course) -> None:
    assert course.make() == count(written=1, slides=7)
    assert (course.unit().state, course.unit().reason) == ("written", None)
    deck = course.deck()
    assert len(deck.slides) == 7
    assert [slide.shapes.title.text_frame.text for slide in deck.slides][:3] == ["Clay and sand", "Agenda", "Clay"]
    assert course.pictures() == 1
    run, _ = course.records.progress(course_event()["execution"])
    assert run
    assert run.steps["slides"] == "writing"


def test_slides_that_would_be_the_same_are_kept(course: Course) -> None:
    course.make()
    assert course.make() == count(written=1, slides=7)  # the same execution, called again
    assert course.make(attempt=2) == count(skipped=1, slides=7)
    assert course.unit(attempt=2).state == "skipped"
    assert course.store.head(KEY).metadata["execution"] == course_event()["execution"]  # type: ignore[union-attr]


@pytest.mark.parametrize("wish", [{"force": True}, {"only": ["slides-01"]}])
def test_slides_that_are_asked_for_anew_are_made_again(course: Course, wish: dict[str, Any]) -> None:
    course.make()
    assert course.make(attempt=2, **wish) == count(written=1, slides=7)
    assert course.make(attempt=2, **wish) == count(written=1, slides=7)


def test_another_text_title_language_or_image_makes_them_anew(course: Course) -> None:
    course.make()
    for attempt, change in enumerate(
        (
            lambda: course.write(TEXT + "\nMore.\n"),
            lambda: course.write(TEXT, OUTLINE.replace("{title: Sand}", "{title: Silt}")),
            lambda: course.write(TEXT, OUTLINE.replace("language: en", "language: es")),
            lambda: course.store.write(PATHS.image("01-01-0001"), png(8, 8), "image/png"),
        ),
        start=3,
    ):
        course.begin(attempt)
        change()
        assert course.make(attempt=attempt)["written"] == 1


def test_a_module_of_another_title_keeps_the_name_of_its_slides(course: Course) -> None:
    course.make()
    course.write(TEXT, OUTLINE.replace("Clay and sand", "Heavy soils"))
    assert course.make(attempt=2)["written"] == 1
    assert [found.key for found in course.store.list(PATHS.units(SLIDES))] == [KEY]
    assert course.deck().slides[0].shapes.title.text_frame.text == "Heavy soils"


def test_an_image_of_an_earlier_text_is_left_out_and_put_in_when_it_was_drawn_again(course: Course) -> None:
    course.draw("Draw it otherwise.", drawn_from="Draw it.")
    course.make()
    assert course.pictures() == 0
    assert course.make(attempt=2) == count(skipped=1, slides=7)
    course.draw("Draw it otherwise.", drawn_from="Draw it otherwise.")  # the very same picture
    course.begin(3)
    assert course.make(attempt=3)["written"] == 1
    assert course.pictures() == 1


def test_a_module_without_a_lesson_fails_in_words(course: Course) -> None:
    assert course.make(module=2) == count(failed=1)
    assert (course.unit(2).state, course.unit(2).reason) == ("failed", NO_LESSON)
    assert course.make(module=2) == count(failed=1)
    assert [found.key for found in course.store.list(PATHS.units(SLIDES))] == []


def test_a_cancelled_execution_begins_no_slides(course: Course) -> None:
    course.records.cancel(course_event()["execution"])
    assert course.make() == count(cancelled=1)
    assert course.unit().state == "cancelled"
    assert [found.key for found in course.store.list(PATHS.units(SLIDES))] == []


def test_slides_that_another_call_makes_are_left_to_it(course: Course) -> None:
    course.records.claim(course_event()["execution"], "slides-01", 60, "waiting")
    with pytest.raises(Throttled, match="Another call"):
        course.make()


def test_another_modules_texts_do_not_make_slides_stale(course: Course) -> None:
    course.make()
    course.store.write(PATHS.unit(LESSON, 2, 1, "loam"), "# Loam\n\nText.\n", "text/markdown")
    assert course.make(attempt=2) == count(skipped=1, slides=7)
