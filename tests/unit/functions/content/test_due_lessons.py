from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from aurora.runtime import aws
from aurora.runtime.errors import BadRequest, NotFound
from aurora.runtime.objects import ObjectStore
from aurora.testing.http_api import Context
from functions.content.batch_expander import handler
from functions.content.due_lessons import Expansion, expand
from functions.content.image_prompts import plan_batch
from functions.content.lessons import lesson_units
from functions.courses.events import CourseEvent
from functions.courses.progress import CourseProgress, ExecutionRecord
from functions.outline.batches import batches
from functions.outline.parse import parse
from functions.outline.units import LESSON
from functions.text.visuals import prompt_digest
from tests.support.courses import COURSE, OWNER, PATHS, course_event, course_unit
from tests.support.outlines import outline_bytes

RUN = f"{COURSE}-1"
GARDEN = outline_bytes("modules-under-course")
LESSONS = [
    course_unit("lesson", 1, 1, "Clay, sand and loam"),
    course_unit("lesson", 1, 2, "Compost"),
    course_unit("lesson", 2, 1, "Reading a seed packet"),
]


@dataclass(frozen=True)
class Course:
    """A course of two modules whose outline is accepted; nothing of it is written yet."""

    store: ObjectStore
    records: CourseProgress

    def expand(self, attempt: int = 1, **course: Any) -> Expansion:
        return expand(course_event(attempt, **course), self.store, self.records)

    def batches(self, attempt: int = 1, **course: Any) -> list[tuple[int, int]]:
        """The batches that an execution has to do, each by its module and place."""
        expansion = self.expand(attempt, **course)
        return [(batch["module_number"], batch["batch_index"]) for batch in expansion["batches"]]

    def states(self, attempt: int = 1) -> dict[str, str]:
        return {unit.id: unit.state for unit in self.records.progress(f"{COURSE}-{attempt}")[1]}

    def accept(self, outline: bytes | str) -> None:
        self.store.write(course_event()["outline_key"], outline, "application/yaml")

    def write_everything(self, text: str = "# A lesson\n\n[VISUAL: {id}-0001 - A spade]\n") -> None:
        """As the states of the workflow would have left it: lessons, what is to be drawn, and images."""
        course = course_event(9)
        outline = parse(self.store.read(course["outline_key"]))
        for batch in batches(outline, None, 3):
            for unit in lesson_units(course, outline, batch, self.store):
                metadata = {"execution": "x-9", "fingerprint": unit.fingerprint, "words": "700"}
                self.store.write(unit.key, text.format(id=unit.id), "text/markdown", metadata)
            self.plan_and_draw(course, batch)

    def plan_and_draw(self, course: CourseEvent, batch: Any) -> None:
        plan_batch(course, parse(self.store.read(course["outline_key"])), batch, self.store)
        for number in batch["lessons"]:
            self.draw(batch["module_number"], number)

    def draw(self, module: int, number: int) -> None:
        for image in json.loads(self.store.read(PATHS.prompt(module, number)))["images"]:
            self.store.write(PATHS.image(image["id"]), b"PNG", "image/png", {"prompt": prompt_digest(image["prompt"])})

    def remove(self, key: str) -> None:
        aws.client("s3").delete_object(Bucket=self.store.bucket, Key=key)


@pytest.fixture
def course(bucket: str, progress_table: str) -> Course:
    course = Course(ObjectStore(bucket), CourseProgress(progress_table))
    course.accept(GARDEN)
    return course


def test_a_course_expands_to_batches_and_every_lesson_waits(course: Course) -> None:
    first = {"module_number": 1, "batch_index": 1, "total_batches": 1, "batch_start_idx": 0, "batch_end_idx": 2}
    second = {"module_number": 2, "batch_index": 1, "total_batches": 1, "batch_start_idx": 0, "batch_end_idx": 1}
    assert course.expand() == {
        "batches": [{**first, "lessons": [1, 2]}, {**second, "lessons": [1]}],
        "slides": [],
        "theory": True,
        "labs": False,
        "units": 3,
    }
    assert course.records.progress(RUN) == (ExecutionRecord(OWNER, COURSE, 3, {"theory": "planning"}), LESSONS)


@pytest.mark.parametrize(
    ("asked", "steps", "units", "slides"),
    [
        ({"content": "labs"}, {"labs"}, 3, []),
        ({"content": "both", "slides": True}, {"theory", "labs", "slides"}, 8, [1, 2]),
        ({"content": "slides", "modules": [2]}, {"slides"}, 1, [2]),
        ({"content": "labs", "only": ["lab-02-01"]}, {"labs"}, 1, []),
    ],
)
def test_the_branches_of_an_execution_are_those_it_has_units_of(
    course: Course, asked: dict[str, Any], steps: set[str], units: int, slides: list[int]
) -> None:
    expansion = course.expand(**asked)
    run, found = course.records.progress(RUN)
    assert run is not None
    assert (set(run.steps), len(found)) == (steps, units)
    assert (expansion["units"], expansion["slides"]) == (units, slides)
    assert (expansion["theory"], expansion["labs"]) == ("theory" in steps, "labs" in steps)
    assert bool(expansion["batches"]) == ("theory" in steps)


def test_only_the_chosen_modules_and_units_are_expanded(course: Course) -> None:
    assert course.batches(modules=[2]) == [(2, 1)]
    assert list(course.states()) == ["02-01"]
    (batch,) = course.expand(attempt=2, only=["01-02"])["batches"]
    assert batch["lessons"] == [2]
    assert list(course.states(2)) == ["01-02"]


def test_expanding_again_after_a_lost_answer_gives_the_same(course: Course) -> None:
    assert course.expand(lessons_per_batch=1) == course.expand(lessons_per_batch=1)


def test_a_course_with_nothing_left_to_do_has_no_batch_and_its_lessons_are_kept(course: Course) -> None:
    course.write_everything()
    expansion = course.expand()
    assert (expansion["batches"], expansion["theory"], expansion["units"]) == ([], True, 3)
    assert [(unit.state, unit.words) for unit in course.records.progress(RUN)[1]] == [("skipped", 700)] * 3


def test_lessons_without_any_figure_need_no_batch_either(course: Course) -> None:
    course.write_everything("# A lesson\n")
    assert course.batches() == []


def test_a_lesson_that_changed_brings_exactly_its_batch_back(course: Course) -> None:
    course.write_everything()
    course.accept(GARDEN.replace(b"What goes in, what stays out.", b"What a heap needs."))
    assert course.batches(lessons_per_batch=1) == [(1, 2)]
    assert course.states() == {"01-01": "skipped", "01-02": "waiting", "02-01": "skipped"}


@pytest.mark.parametrize(
    "asked", [{"force": True, "modules": [2]}, {"only": ["02-01"]}, {"language": "es", "modules": [2]}]
)
def test_what_is_asked_for_anew_has_its_batch(course: Course, asked: dict[str, Any]) -> None:
    course.write_everything()
    assert course.batches(**asked) == [(2, 1)]


def _forget_an_image(course: Course) -> None:
    course.remove(PATHS.image("02-01-0001"))


def _draw_something_else(course: Course) -> None:
    course.store.write(PATHS.image("02-01-0001"), b"PNG", "image/png", {"prompt": prompt_digest("another")})


def _forget_what_is_to_be_drawn(course: Course) -> None:
    course.remove(PATHS.prompt(2, 1))


def _write_the_lesson_anew(course: Course) -> None:
    key = PATHS.unit(LESSON, 2, 1, "reading-a-seed-packet")
    found = course.store.head(key)
    assert found
    course.store.write(key, "# Written anew\n\n[VISUAL: 02-01-0001 - A seed]\n", "text/markdown", found.metadata)


def _forget_the_lesson(course: Course) -> None:
    course.remove(PATHS.unit(LESSON, 2, 1, "reading-a-seed-packet"))


@pytest.mark.parametrize(
    "change",
    [
        _forget_an_image,
        _draw_something_else,
        _forget_what_is_to_be_drawn,
        _write_the_lesson_anew,
        _forget_the_lesson,
    ],
)
def test_what_is_missing_or_stale_of_a_lesson_brings_its_batch_back(
    course: Course, change: Callable[[Course], None]
) -> None:
    course.write_everything()
    change(course)
    assert course.batches() == [(2, 1)]
    assert course.states() == {"01-01": "skipped", "01-02": "skipped", "02-01": "waiting"}


def test_the_budget_and_the_pace_of_an_execution_make_nothing_stale(course: Course) -> None:
    course.write_everything()
    assert course.batches(budget=1, max_concurrency=9, lessons_per_batch=1, min_words=50) == []


def test_an_outline_that_is_gone_is_not_found(course: Course) -> None:
    course.remove(course_event()["outline_key"])
    with pytest.raises(NotFound):
        course.expand()


def test_units_that_a_changed_outline_no_longer_has_are_refused(course: Course) -> None:
    course.accept(outline_bytes("minimal"))
    with pytest.raises(BadRequest, match="02-01"):
        course.expand(only=["02-01"])


def test_the_function_takes_its_parts_from_its_environment(
    course: Course, progress_table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUCKET", course.store.bucket)
    monkeypatch.setenv("PROGRESS_TABLE", progress_table)
    assert len(handler({"course": course_event(lessons_per_batch=1)}, Context())["batches"]) == 3
