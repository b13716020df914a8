"""What the course workflow promises beyond being valid: what it asks again, what it may lose, and that it says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra.workflows import course

MACHINE = course.definition(str)
STATES = MACHINE["States"]
THEORY, LABS = (branch["States"] for branch in STATES["WriteCourse"]["Branches"])
LESSONS = THEORY["WriteBatches"]["ItemProcessor"]["States"]
GUIDES = LABS["WriteLabs"]["ItemProcessor"]["States"]
SLIDES = STATES["MakeSlides"]["ItemProcessor"]["States"]


def tasks(states: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every task, those within Maps and branches too."""
    for name, state in states.items():
        if state["Type"] == "Task":
            yield name, state
        for inner in (state.get("ItemProcessor"), *state.get("Branches", ())):
            if inner:
                yield from tasks(inner["States"])


@pytest.mark.parametrize(
    ("name", "task"), list(tasks(STATES)), ids=lambda value: value if isinstance(value, str) else ""
)
def test_throttling_is_retried_with_full_jitter_and_a_timeout_is_not(name: str, task: dict[str, Any]) -> None:
    (throttled,) = [retry for retry in task["Retry"] if "Throttled" in retry["ErrorEquals"]]
    assert throttled["ErrorEquals"] == ["Throttled", "ModelUnavailable"]
    assert throttled["JitterStrategy"] == "FULL"
    retried = {error for retry in task["Retry"] for error in retry["ErrorEquals"]}
    timeouts = {"States.Timeout", "Lambda.Unknown", "Lambda.ClientExecutionTimeoutException", "ModelTimeout"}
    assert not retried & (timeouts | {"States.ALL", "States.TaskFailed"})


def test_whatever_goes_wrong_the_last_word_is_said() -> None:
    """Every task but that one is caught, within its branch, so that neither batches nor branches end one another."""
    uncaught = [
        name
        for name, task in tasks(STATES)
        if not any(c["ErrorEquals"] == ["States.ALL"] for c in task.get("Catch", ()))
    ]
    assert uncaught == ["FinishCourse"]
    for inner in (THEORY, LABS, LESSONS, GUIDES, SLIDES):
        assert not [name for name, state in inner.items() if state["Type"] == "Fail"]


def test_every_batch_is_a_child_execution_that_fails_alone_and_requests_say_how_many_run_at_a_time() -> None:
    for state in (THEORY["WriteBatches"], LABS["WriteLabs"], STATES["MakeSlides"]):
        assert state["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
        assert state["MaxConcurrencyPath"] == "$.course.max_concurrency"
        assert state["ToleratedFailurePercentage"] == 100


def test_batches_are_asked_again_until_no_lesson_lab_image_or_plan_remains() -> None:
    for states, choice, count, again in (
        (LESSONS, "LessonsRemain", "$.lessons", "GenerateLessons"),
        (LESSONS, "ImagesRemain", "$.images", "DrawImages"),
        (GUIDES, "LabsRemain", "$.labs", "WriteLabGuides"),
        (LABS, "PlansRemain", "$.planned", "PlanLabs"),
    ):
        (rule,) = states[choice]["Choices"]
        assert rule == {"Variable": f"{count}.answer.remaining", "NumericGreaterThan": 0, "Next": again}
        assert (states[again]["ResultPath"], states[again]["Next"]) == (count, choice)


def test_an_execution_fails_only_where_the_course_did() -> None:
    assert [name for name, state in STATES.items() if state["Type"] == "Fail"] == ["CourseFailed"]
    (rule,) = STATES["HowItEnded"]["Choices"]
    assert (rule["StringEquals"], rule["Next"]) == ("failed", "CourseFailed")
