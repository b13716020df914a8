from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from aurora.runtime.executions import ExecutionState, Status
from functions.courses.progress import Branch, ExecutionRecord, Step
from functions.courses.records import CourseRecord
from functions.courses.status import latest_state, progress
from functions.progress.records import KEPT_SECONDS, UnitRecord, UnitState
from tests.support.courses import course_unit, run_options

NOW = 1_800_000_000.0
RUNNING = ExecutionState("RUNNING")
SUCCEEDED = ExecutionState("SUCCEEDED")
COURSE = CourseRecord("o", "c", "T", "en", "", "k", 1, 4, 0, 1, "c-1", NOW, run_options(), 4)
RUN = ExecutionRecord("o", "c", 4, {"theory": "writing"})


def lessons(*states: UnitState) -> list[UnitRecord]:
    return [course_unit("lesson", 1, number, "T", state) for number, state in enumerate(states, start=1)]


def test_an_execution_that_is_not_expanded_yet_is_at_zero_of_the_units_expected() -> None:
    seen = progress(RUNNING, None, [], 4)
    assert (seen.status, seen.outcome, seen.steps, seen.step, seen.percent) == ("RUNNING", None, {}, "planning", 0)
    assert (seen.total, seen.done, seen.units, seen.problems, seen.error) == (4, 0, (), (), "")
    assert not seen.cancelling


@pytest.mark.parametrize(
    ("states", "done", "percent"),
    [
        (("waiting", "waiting", "waiting", "waiting"), 0, 0),
        (("writing", "waiting", "waiting", "waiting"), 0, 0),
        (("written", "writing", "waiting", "waiting"), 1, 22),
        (("written", "skipped", "cancelled", "waiting"), 3, 67),
        (("written", "skipped", "failed", "written"), 4, 90),
    ],
)
def test_units_done_of_all_are_the_first_ninety_percent(states: tuple[UnitState, ...], done: int, percent: int) -> None:
    seen = progress(RUNNING, RUN, lessons(*states), 4)
    assert (seen.done, seen.percent) == (done, percent)


def test_the_steps_after_the_units_come_nearer_to_a_hundred_without_reaching_it() -> None:
    steps: tuple[Step, ...] = ("writing", "validating", "building", "done")
    written = lessons("written", "written", "written", "written")
    percents = [progress(RUNNING, replace(RUN, steps={"theory": step}), written, 4).percent for step in steps]
    assert percents == sorted(set(percents))
    assert percents[-1] < 100


@pytest.mark.parametrize(
    ("steps", "step", "percent"),
    [
        ({"theory": "done", "labs": "planning"}, "planning", 90),
        ({"theory": "building", "labs": "done"}, "building", 95),
        ({"theory": "done", "labs": "done", "slides": "writing"}, "writing", 90),
        ({}, "planning", 90),
    ],
)
def test_of_several_branches_the_one_that_is_furthest_behind_counts(
    steps: Mapping[Branch, Step], step: Step, percent: int
) -> None:
    seen = progress(RUNNING, replace(RUN, steps=steps), lessons("written", "written", "written", "written"), 4)
    assert (seen.steps, seen.step, seen.percent) == (steps, step, percent)


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"])
def test_whatever_has_ended_is_at_a_hundred_and_cancels_nothing_any_more(status: Status) -> None:
    seen = progress(ExecutionState(status), replace(RUN, cancelled=True), lessons("waiting", "written"), 4)
    assert (seen.percent, seen.cancelling) == (100, False)


def test_an_execution_that_somebody_wants_to_end_says_so_while_it_runs() -> None:
    assert progress(RUNNING, replace(RUN, cancelled=True), lessons("writing"), 1).cancelling


@pytest.mark.parametrize(
    ("state", "run", "outcome"),
    [
        (RUNNING, replace(RUN, outcome="complete"), None),
        (SUCCEEDED, replace(RUN, outcome="complete"), "complete"),
        (SUCCEEDED, replace(RUN, outcome="cancelled"), "cancelled"),
        (ExecutionState("FAILED", "CourseFailed"), replace(RUN, outcome="failed"), "failed"),
        (ExecutionState("TIMED_OUT"), RUN, "failed"),
        (ExecutionState("FAILED"), None, "failed"),
    ],
)
def test_the_outcome_is_what_was_settled_and_without_one_it_has_failed(
    state: ExecutionState, run: ExecutionRecord | None, outcome: str | None
) -> None:
    assert progress(state, run, lessons("written"), 1).outcome == outcome


def test_a_book_without_some_of_its_images_says_so_beside_other_problems() -> None:
    run = replace(RUN, outcome="incomplete", images_missing=2, problems=("The slides could not be made.",))
    seen = progress(SUCCEEDED, run, lessons("written"), 1)
    assert seen.problems == (
        "The slides could not be made.",
        "Images missing in the book: 2. Start the course again: only what is missing is generated.",
    )
    reason = replace(run, images_problem="The key is empty.")
    assert (
        progress(SUCCEEDED, reason, lessons("written"), 1)
        .problems[1]
        .startswith("Images missing in the book: 2. The key is empty. Start")
    )
    assert seen.error == ""


def test_a_unit_that_waits_for_a_reason_is_said_to_be_tried_again_for_as_long_as_it_will_be() -> None:
    first, second = lessons("waiting", "waiting")
    waiting = [replace(first, reason="Rate limit reached."), second]
    told = [unit.reason for unit in progress(RUNNING, RUN, waiting, 2).units]
    assert told == ["Rate limit reached. It will be tried again.", None]
    assert progress(SUCCEEDED, RUN, waiting, 2).units[0].reason == "Rate limit reached."


def test_units_left_unfinished_when_the_execution_ended_are_failed_with_a_reason() -> None:
    left = lessons("written", "writing", "waiting", "failed", "cancelled")
    left[2] = replace(left[2], reason="throttled, will be retried")
    left[3] = replace(left[3], reason="the model refused")
    seen = progress(ExecutionState("FAILED"), RUN, left, 5)
    assert seen.done == 5
    assert [(unit.state, unit.reason) for unit in seen.units] == [
        ("written", None),
        ("failed", "the execution ended before this was finished"),
        ("failed", "throttled, will be retried"),
        ("failed", "the model refused"),
        ("cancelled", None),
    ]


def failed(error: str, cause: object) -> str:
    text = cause if isinstance(cause, str) else json.dumps(cause)
    return progress(ExecutionState("FAILED", error, text), RUN, [], 4).error


def test_an_error_of_ours_is_told_in_its_own_words() -> None:
    again = "Start the course again: only what is missing is generated."
    assert failed("NotFound", {"errorMessage": "The outline is gone.", "errorType": "NotFound"}) == (
        f"The outline is gone. {again}"
    )
    assert failed("NotFound", "The outline is gone.") == f"The outline is gone. {again}"


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("KeyError", {"errorMessage": "secret", "stackTrace": ["secret"]}),
        ("States.Runtime", "secret path $.x"),
        ("Problem", "secret"),
        ("annotations", "secret"),
        ("NotFound", []),
        ("", ""),
    ],
)
def test_any_other_error_is_not_shown_to_the_author(error: str, cause: object) -> None:
    assert failed(error, cause).startswith("Something went wrong on our side.")


def test_of_a_course_that_failed_as_a_whole_the_problems_say_why() -> None:
    assert failed("CourseFailed", "The course's page says why.") == (
        "Start the course again: only what is missing is generated."
    )


@pytest.mark.parametrize(
    ("status", "told"), [("TIMED_OUT", "longer than"), ("ABORTED", "was stopped"), ("SUCCEEDED", ""), ("RUNNING", "")]
)
def test_how_an_execution_ended_is_told_in_plain_words(status: Status, told: str) -> None:
    error = progress(ExecutionState(status), RUN, [], 4).error
    assert (told in error) if told else error == ""


def test_what_step_functions_knows_of_an_execution_counts() -> None:
    assert latest_state(COURSE, SUCCEEDED, NOW) == SUCCEEDED


def test_an_attempt_claimed_a_moment_ago_runs_though_its_execution_is_not_there_yet() -> None:
    assert latest_state(COURSE, None, NOW + 59) == RUNNING


@pytest.mark.parametrize("started_at", [NOW - 60, 0])
def test_an_attempt_whose_execution_never_came_has_failed(started_at: float) -> None:
    state = latest_state(replace(COURSE, started_at=started_at), None, NOW)
    assert state is not None
    assert progress(state, None, [], 4).error.startswith("It could not be started. Start the course again")


def test_an_attempt_whose_execution_is_gone_was_interrupted() -> None:
    state = latest_state(replace(COURSE, started_at=NOW - 60, launched=True), None, NOW)
    assert state is not None
    assert progress(state, None, [], 4).error.startswith("It was interrupted.")


def test_an_attempt_older_than_what_is_kept_has_no_state_any_more() -> None:
    assert latest_state(COURSE, None, NOW + KEPT_SECONDS + 1) is None
