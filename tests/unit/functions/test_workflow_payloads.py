"""States hand on numbers, flags, keys and names: what a function writes stays in the bucket."""

from __future__ import annotations

import importlib
import importlib.util
import json
import types
import typing
from collections.abc import Iterator
from typing import Any, TypedDict

import pytest

from aurora.naming import Naming
from functions.content.ending import failures_of
from functions.courses.events import CourseEvent
from functions.outline.batches import Batch, LabBatch
from functions.progress.counts import BatchResult
from infra.workflows import course
from tests.support.platform import COURSES

# Every text that travels between states, and what it is: each short, and none of them content.
TEXTS = {
    "owner": "the id of a user",
    "course_id": "the id of a course",
    "execution": "the name of an execution",
    "language": "the name of a language",
    "only": "the ids of units",
    "lesson_model": "the name of a model",
    "plan_model": "the name of a model",
    "lab_model": "the name of a model",
    "image_model": "the name of a model",
    "outline_key": "the key of an object",
    "report": "the key of an object",
    "error": "the name of an error",
}
EVENTS = (CourseEvent, Batch, LabBatch, BatchResult)
HANDLERS = {
    name: next(
        f"functions.{group}.{name.replace('-', '_')}"
        for group in ("content", "labs", "slides")
        if importlib.util.find_spec(f"functions.{group}.{name.replace('-', '_')}")
    )
    for name in COURSES.functions
}


def content_in(kind: Any, field: str = "answer") -> Iterator[str]:
    """The fields of a type that could hold content: texts that are not listed, and whatever has no exact type."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if typing.is_typeddict(kind):
        for name, hint in typing.get_type_hints(kind).items():
            yield from content_in(hint, name)
    elif origin in (types.UnionType, typing.Union, list):
        for each in inner:
            yield from content_in(each, field)
    elif origin is typing.Literal:  # a word of a list that is closed
        return
    elif kind not in (int, float, bool, types.NoneType) and not (kind is str and field in TEXTS):
        yield field


class Lesson(TypedDict):
    """What no state may hand on."""

    number: int
    markdown: str


class Lessons(TypedDict):
    """The same, a level deeper, and what nobody knows the inside of."""

    lessons: list[Lesson] | None
    notes: dict[str, Any]


@pytest.mark.parametrize("module", HANDLERS.values(), ids=HANDLERS)
def test_a_function_of_the_workflow_answers_without_content(module: str) -> None:
    answer = typing.get_type_hints(importlib.import_module(module).handler)["return"]
    assert typing.is_typeddict(answer)
    assert list(content_in(answer)) == []


@pytest.mark.parametrize("kind", EVENTS)
def test_what_states_are_told_holds_no_content(kind: type) -> None:
    assert list(content_in(kind)) == []


def test_every_text_that_may_travel_does() -> None:
    answers = [typing.get_type_hints(importlib.import_module(module).handler)["return"] for module in HANDLERS.values()]
    names = {name for kind in (*answers, *EVENTS) for name in typing.get_type_hints(kind)}
    assert set(TEXTS) <= names


def test_content_would_be_found_wherever_it_hid() -> None:
    assert list(content_in(Lessons)) == ["markdown", "notes"]


def machine() -> dict[str, Any]:
    return course.definition(Naming("aurora", "dev", "eu-west-1", "123456789012").live_arn)["States"]


def test_a_failed_batch_hands_on_the_name_of_its_error_and_not_the_cause() -> None:
    theory, labs = machine()["WriteCourse"]["Branches"]
    for branch, batches in ((theory, "WriteBatches"), (labs, "WriteLabs")):
        states = branch["States"][batches]["ItemProcessor"]["States"]
        ends = [state["Parameters"] for state in states.values() if state.get("End")]
        assert [sorted(name.removesuffix(".$") for name in end) for end in ends] == [
            ["batch_index", "error", "module_number"]
        ] * 2
        assert ends[1]["error.$"] == "$.failure.Error"


def test_a_batch_is_told_of_its_course_and_itself_and_builders_of_what_became_of_batches() -> None:
    theory, labs = (branch["States"] for branch in machine()["WriteCourse"]["Branches"])
    for batches in (theory["WriteBatches"], labs["WriteLabs"]):
        assert batches["ItemSelector"] == {"course.$": "$.course", "batch.$": "$$.Map.Item.Value"}
    for kept in (theory["KeepWhatTheBookNeeds"], labs["KeepWhatTheLabBookNeeds"]):
        assert kept["Parameters"] == {"course.$": "$.course", "batches.$": "$.batches"}
    assert machine()["MakeSlides"]["ItemSelector"] == {"course.$": "$.course", "module.$": "$$.Map.Item.Value"}


def working(states: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The states that can fail."""
    return {name: state for name, state in states.items() if state["Type"] in ("Task", "Map", "Parallel")}


def test_whatever_fails_the_course_has_its_last_word() -> None:
    states = machine()
    parts: set[str] = set()
    for name, state in working(states).items():
        if name == "FinishCourse":
            continue
        (catch,) = state["Catch"]
        assert catch["ErrorEquals"] == ["States.ALL"]
        assert catch["Next"] in ("ArchiveCourse", "FinishCourse")
        parts.add(catch["ResultPath"].removeprefix("$.failures."))
    parts.update(name.removesuffix(".$") for name in states["WriteCourse"]["ResultSelector"])
    told = failures_of({"failures": {part: {"Error": "Throttled"} for part in parts}})
    assert {failure["part"] for failure in told} == parts == {"course", "theory", "labs", "slides", "archive"}
    ways = [name for name, state in states.items() if "CourseEnded" in json.dumps(state) and name != "CourseEnded"]
    assert ways == ["HowItEnded"]
    assert states["FinishCourse"]["Next"] == "HowItEnded"


def test_neither_branch_takes_the_other_with_it_and_no_batch_the_others() -> None:
    branches = [branch["States"] for branch in machine()["WriteCourse"]["Branches"]]
    batches = [
        branch[name]["ItemProcessor"]["States"]
        for branch in branches
        for name in branch
        if "ItemProcessor" in branch[name]
    ]
    assert len(batches) == 2
    for states in (*branches, *batches):
        for name, state in working(states).items():
            assert [catch["ErrorEquals"] for catch in state.get("Catch", ())] == [["States.ALL"]], name
        assert [name for name, state in states.items() if state["Type"] == "Fail"] == []
