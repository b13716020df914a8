from __future__ import annotations

import json
from dataclasses import replace

import pytest

from functions.common.records import (
    KEPT_SECONDS,
    CourseRecord,
    ExecutionRequest,
    LessonRecord,
    LessonStatus,
    RunRecord,
    Step,
)
from functions.content.executions import ExecutionState, Status
from functions.content.progress import latest_state, progress

NOW = 1_800_000_000.0
RUNNING = ExecutionState("RUNNING")
SUCCEEDED = ExecutionState("SUCCEEDED")
COURSE = CourseRecord("o", "c", "T", "en", "", "k", 1, 4, 1, "c-1", NOW, ExecutionRequest(None, False, "sample", 4))
RUN = RunRecord("writing", 4, "o", "c")


def lessons(*states: LessonStatus) -> list[LessonRecord]:
    return [LessonRecord(1, number, "T", state) for number, state in enumerate(states, start=1)]


def test_an_execution_that_is_not_expanded_yet_is_at_zero_of_the_lessons_expected() -> None:
    seen = progress(RUNNING, None, [], 4)
    assert (seen.status, seen.outcome, seen.step, seen.percent) == ("RUNNING", None, "expanding", 0)
    assert (seen.total, seen.done, seen.lessons, seen.error) == (4, 0, (), "")


@pytest.mark.parametrize(
    ("states", "done", "percent"),
    [
        (("waiting", "waiting", "waiting", "waiting"), 0, 0),
        (("writing", "waiting", "waiting", "waiting"), 0, 0),
        (("written", "writing", "waiting", "waiting"), 1, 22),
        (("written", "skipped", "waiting", "waiting"), 2, 45),
        (("written", "skipped", "failed", "waiting"), 3, 67),
        (("written", "skipped", "failed", "written"), 4, 90),
    ],
)
def test_lessons_done_of_all_are_the_first_ninety_percent(
    states: tuple[LessonStatus, ...], done: int, percent: int
) -> None:
    seen = progress(RUNNING, RUN, lessons(*states), 4)
    assert (seen.done, seen.percent) == (done, percent)


def test_the_steps_after_the_lessons_come_nearer_to_a_hundred_without_reaching_it() -> None:
    steps: tuple[Step, ...] = ("writing", "validating", "building", "done")
    percents = [progress(RUNNING, replace(RUN, step=step), lessons("written", "written"), 2).percent for step in steps]
    assert percents == sorted(set(percents))
    assert percents[-1] < 100


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"])
def test_whatever_has_ended_is_at_a_hundred(status: Status) -> None:
    assert progress(ExecutionState(status), RUN, lessons("waiting", "written"), 4).percent == 100


@pytest.mark.parametrize(
    ("state", "states", "outcome"),
    [
        (RUNNING, ("failed", "written"), None),
        (SUCCEEDED, ("skipped", "written"), "complete"),
        (SUCCEEDED, ("failed", "written"), "incomplete"),
        (SUCCEEDED, ("waiting", "written"), "incomplete"),
        (ExecutionState("FAILED"), ("written", "written"), "failed"),
        (ExecutionState("TIMED_OUT"), ("written", "written"), "failed"),
        (ExecutionState("ABORTED"), ("written", "written"), "failed"),
    ],
)
def test_the_outcome_says_whether_every_lesson_is_there(
    state: ExecutionState, states: tuple[LessonStatus, ...], outcome: str | None
) -> None:
    assert progress(state, RUN, lessons(*states), 4).outcome == outcome


def test_a_book_without_some_of_its_images_is_incomplete_and_says_so() -> None:
    seen = progress(SUCCEEDED, replace(RUN, images_missing=2), lessons("written"), 1)
    assert seen.outcome == "incomplete"
    assert seen.error.startswith("Images missing in the book: 2. Start the course again")


def test_an_execution_that_succeeded_is_done_whatever_step_was_noted_last() -> None:
    assert progress(SUCCEEDED, replace(RUN, step="building"), lessons("written"), 4).step == "done"


def test_a_lesson_that_waits_for_a_reason_is_said_to_be_tried_again_for_as_long_as_it_will_be() -> None:
    waiting = [LessonRecord(1, 1, "T", "waiting", reason="Rate limit reached."), LessonRecord(1, 2, "T", "waiting")]
    told = [lesson.reason for lesson in progress(RUNNING, RUN, waiting, 2).lessons]
    assert told == ["Rate limit reached. It will be tried again.", None]
    assert progress(SUCCEEDED, RUN, waiting, 2).lessons[0].reason == "Rate limit reached."


def test_lessons_left_unfinished_when_the_execution_ended_are_failed_with_a_reason() -> None:
    left = [
        LessonRecord(1, 1, "T", "written", words=900),
        LessonRecord(1, 2, "T", "writing"),
        LessonRecord(1, 3, "T", "waiting", reason="throttled, will be retried"),
        LessonRecord(1, 4, "T", "failed", reason="the model refused"),
    ]
    seen = progress(ExecutionState("FAILED"), RUN, left, 4)
    assert seen.done == 4
    assert [(lesson.state, lesson.reason) for lesson in seen.lessons] == [
        ("written", None),
        ("failed", "the execution ended before this lesson was finished"),
        ("failed", "throttled, will be retried"),
        ("failed", "the model refused"),
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
    assert progress(state, None, [], 4).error == "It could not be started. Start the course again."


def test_an_attempt_whose_execution_is_gone_was_interrupted() -> None:
    state = latest_state(replace(COURSE, started_at=NOW - 60, launched=True), None, NOW)
    assert state is not None
    assert progress(state, None, [], 4).error.startswith("It was interrupted.")


def test_an_attempt_older_than_what_is_kept_has_no_state_any_more() -> None:
    assert latest_state(COURSE, None, NOW + KEPT_SECONDS + 1) is None
