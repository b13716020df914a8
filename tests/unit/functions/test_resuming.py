"""Whole courses, their workflow followed in this process.

One that is killed at any state boundary and gone on with ends as one that nothing disturbed, byte for byte; and what a
request says reaches the step that it is for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from aurora.runtime import aws
from aurora.runtime.objects import ObjectStore
from functions.courses.paths import CoursePaths
from functions.courses.records import CourseRecord, CourseRecords
from functions.models.sample import SampleModel
from functions.outline.units import LAB, LESSON
from functions.progress.records import iso_now
from tests.support.courses import OWNER, course_event, run_options
from tests.support.fake_openai import FakeOpenAI
from tests.support.workflow import Killed, Workflow, fresh_settings

OUTLINE: Final = """\
course: {title: Small hours, language: en}
modules:
  - title: Dusk
    lessons:
      - {title: First light out, duration_minutes: 3, lab_activities: [Count the lamps]}
      - {title: Second thoughts, duration_minutes: 3}
"""
# What an author keeps; the records of how it came about differ from run to run.
KEPT: Final = ("book/", "lessons/", "labguide/", "slides/", "images/")
# In the order of the workflow: a change of it shows here.
CALLS: Final = (
    "batch-expander",
    *("content-gen", "visual-planner", "images-gen", "content-validator", "book-builder"),
    *("lab-planner", "lab-batch-expander", "lab-writer", "lab-book-builder"),
    *("ppt-generator", "course-archiver", "course-finisher"),
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the model was asked for: the brief of every text that it wrote."""
    asked: list[str] = []
    write = SampleModel.write

    def writes(self: SampleModel, request: Any, seconds: float) -> Any:
        asked.append(repr(request.brief))
        return write(self, request, seconds)

    monkeypatch.setattr(SampleModel, "write", writes)
    return asked


@pytest.fixture
def variables(
    bucket: str, courses_table: str, progress_table: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    topic = aws.client("sns").create_topic(Name=f"topic-of-{bucket}")["TopicArn"]
    variables = {
        "BUCKET": bucket,
        "COURSES_TABLE": courses_table,
        "PROGRESS_TABLE": progress_table,
        "TOPIC_ARN": topic,
        "MODELS": "{}",
        "SAMPLE_SECONDS": "0",
        "BATCH_SECONDS": "450",
        "UNIT_SECONDS": "10",
        "IMAGES_PER_CALL": "24",
        "IMAGE_SECONDS": "10",
        "AWS_LAMBDA_FUNCTION_NAME": "aurora-test-function",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with fresh_settings():
        yield variables


class Author:
    """Somebody with courses of the one outline; each is a course of its own."""

    def __init__(self, variables: dict[str, str]) -> None:
        self.store = ObjectStore(variables["BUCKET"])
        self.courses = CourseRecords(variables["COURSES_TABLE"])
        self._number = 0

    def new_course(self) -> CoursePaths:
        self._number += 1
        paths = CoursePaths(OWNER, f"{self._number:032x}")
        self.store.write(paths.outline("f" * 32), OUTLINE, "application/yaml")
        record = CourseRecord(
            OWNER, paths.course_id, "Small hours", "en", iso_now(), paths.outline("f" * 32), 1, 2, 1, 1, "e", 0,
            run_options(), 3,
        )  # fmt: skip
        assert self.courses.claim(record, 0)
        return paths

    def run(self, paths: CoursePaths, attempt: int, workflow: Workflow, **options: Any) -> dict[str, Any]:
        options = {"content": "both", "slides": True, "min_words": 60, "max_words": 80, **options}
        event = course_event(
            **options,
            course_id=paths.course_id,
            execution=f"{paths.course_id}-{attempt}",
            outline_key=paths.outline("f" * 32),
        )
        return workflow.run(event)

    def kept(self, paths: CoursePaths) -> dict[str, bytes]:
        """Everything that the author keeps, by its name."""
        found = (found.key for found in self.store.list(paths.prefix))
        names = [key.removeprefix(paths.prefix) for key in found]
        return {name: self.store.read(paths.prefix + name) for name in names if name.startswith(KEPT)}


def test_a_course_killed_at_any_state_boundary_and_resumed_is_the_undisturbed_one_and_no_text_is_asked_for_twice(
    variables: dict[str, str], asked: list[str]
) -> None:
    author = Author(variables)
    undisturbed, whole = author.new_course(), Workflow()
    assert author.run(undisturbed, 1, whole) == {"outcome": "complete", "missing": 0}
    assert tuple(whole.calls) == CALLS
    expected = author.kept(undisturbed)
    assert {"book/book.pdf", "book/book.docx", "book/lab-book.pdf"} <= set(expected)
    texts = sorted(asked)
    assert len(texts) == len(set(texts)) == 2 + 1 + 1  # lessons, a lab, the plan of its module

    for boundary in range(len(CALLS)):
        asked.clear()
        paths = author.new_course()
        with pytest.raises(Killed):
            author.run(paths, 1, Workflow(kill_at=boundary))
        assert author.run(paths, 2, Workflow()) == {"outcome": "complete", "missing": 0}, CALLS[boundary]
        assert author.kept(paths) == expected, CALLS[boundary]
        assert sorted(asked) == texts, CALLS[boundary]


def test_a_run_with_nothing_to_do_asks_no_model_and_writes_nothing(variables: dict[str, str], asked: list[str]) -> None:
    author = Author(variables)
    paths = author.new_course()
    author.run(paths, 1, Workflow())
    before = {found.key: author.store.head(found.key) for found in author.store.list(paths.prefix)}
    asked.clear()
    again = Workflow()
    assert author.run(paths, 2, again) == {"outcome": "complete", "missing": 0}
    assert asked == []
    assert not {"content-gen", "visual-planner", "images-gen", "lab-writer"} & set(again.calls)
    assert {found.key: author.store.head(found.key) for found in author.store.list(paths.prefix)} == before


def test_an_outline_that_changed_for_one_lesson_has_that_one_written_anew_and_its_lab_left_alone(
    variables: dict[str, str], asked: list[str]
) -> None:
    author = Author(variables)
    paths = author.new_course()
    author.run(paths, 1, Workflow())
    before = author.kept(paths)
    author.store.write(
        paths.outline("f" * 32), OUTLINE.replace("Second thoughts", "Third thoughts"), "application/yaml"
    )
    asked.clear()
    author.run(paths, 2, Workflow())
    after = author.kept(paths)
    (text,) = asked
    assert "Third thoughts" in text
    changed = {name for name in after if after[name] != before.get(name)}
    assert {name for name in changed if name.startswith(("lessons/", "labguide/"))} == {
        "lessons/module-01-lesson-02-second-thoughts.md"
    }
    assert {"book/book.md", "slides/module-01-dusk.pptx"} <= changed
    assert set(after) == set(before)
    assert not [name for name in changed if name.startswith("book/lab-book")]


@pytest.mark.parametrize(
    ("unit", "written"),
    [
        ("01-02", "lessons/module-01-lesson-02-second-thoughts.md"),
        ("lab-01-01", "labguide/module-01-lab-01-count-the-lamps.md"),
    ],
)
def test_one_unit_is_regenerated_alone(variables: dict[str, str], asked: list[str], unit: str, written: str) -> None:
    author = Author(variables)
    paths = author.new_course()
    author.run(paths, 1, Workflow())
    before = {found.key: author.store.head(found.key) for found in author.store.list(paths.units(LESSON))}
    before |= {found.key: author.store.head(found.key) for found in author.store.list(paths.units(LAB))}
    asked.clear()
    content = "labs" if unit.startswith("lab") else "theory"
    author.run(paths, 2, Workflow(), content=content, slides=False, only=[unit])
    assert len([text for text in asked if "LabPlanBrief" not in text]) == 1
    executions = {key.removeprefix(paths.prefix): author.store.head(key) for key in before}
    anew = {
        name
        for name, found in executions.items()
        if found and found.metadata.get("execution") == f"{paths.course_id}-2"
    }
    assert anew == {written}
    book = json.loads(author.store.read(paths.book("json")))
    assert [lesson["id"] for module in book["modules"] for lesson in module["lessons"]] == ["01-01", "01-02"]


def test_models_language_word_target_and_batch_size_of_a_request_reach_the_steps_that_they_are_for(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    author, workflow = Author(variables), Workflow()
    with FakeOpenAI() as server:
        models = {
            name: {"provider": "openai", "kind": kind, "id": name, "baseUrl": server.url}
            for name, kind in (("writer", "text"), ("planner", "text"), ("guide", "text"), ("painter", "image"))
        }
        monkeypatch.setenv("MODELS", json.dumps(models))
        ended = author.run(
            author.new_course(), 1, workflow, lesson_model="writer", plan_model="planner", lab_model="guide",
            image_model="painter", language="es", min_words=120, max_words=120, lessons_per_batch=1,
        )  # fmt: skip
    assert ended == {"outcome": "complete", "missing": 0}
    assert workflow.calls.count("content-gen") == 2
    assert [(request.body["model"], request.lesson) for request in server.asked if "prompt" not in request.body] == [
        ("writer", "First light out"),
        ("writer", "Second thoughts"),
        ("planner", ""),
        ("guide", "Count the lamps"),
    ]
    assert {request.body["model"] for request in server.asked if "prompt" in request.body} == {"painter"}
    texts = [request.body["messages"][-1]["content"] for request in server.asked if "prompt" not in request.body]
    assert all("el idioma 'es'" in text for text in texts)
    assert all("unas 120 palabras" in text for text in texts[:2])
