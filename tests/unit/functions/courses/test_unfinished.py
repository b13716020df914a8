from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from functions.courses.progress import CourseProgress
from functions.courses.unfinished import close_unfinished
from functions.outline.units import LESSON
from functions.progress.counts import BatchResult
from functions.progress.records import UnitState
from tests.support.courses import COURSE, OWNER, course_unit

EXECUTION = f"{COURSE}-1"
GIVEN_UP: list[BatchResult] = [{"module_number": 1, "batch_index": 1, "error": "Throttled"}]
KEPT = "The earlier text stays in the book."


@pytest.fixture
def records(progress_table: str) -> CourseProgress:
    return CourseProgress(progress_table)


def settled(
    records: CourseProgress,
    state: UnitState,
    *,
    stored: bool,
    batches: Sequence[BatchResult | None],
    reason: str | None = None,
) -> tuple[str, str | None, dict[str, str]]:
    """How a lesson ends that was seen in that state: its state and reason, and what the book is told."""
    units = [course_unit("lesson", 1, 1, "A", state, reason=reason, words=9), course_unit("lab", 1, 1, "B")]
    records.start(EXECUTION, OWNER, COURSE, ("theory", "labs"), units)
    told = close_unfinished(records, EXECUTION, LESSON, batches, ["01-01"] if stored else [])
    lesson, lab = records.progress(EXECUTION)[1]
    assert lab.state == "waiting"
    return lesson.state, lesson.reason, told


@pytest.mark.parametrize("state", ["written", "skipped"])
def test_what_is_there_stays_as_it_is(records: CourseProgress, state: UnitState) -> None:
    assert settled(records, state, stored=True, batches=GIVEN_UP) == (state, None, {})


def test_what_was_written_and_is_gone_has_failed(records: CourseProgress) -> None:
    reason = "It was written, but its text is gone."
    assert settled(records, "written", stored=False, batches=[]) == ("failed", reason, {"01-01": reason})


@pytest.mark.parametrize("state", ["waiting", "writing"])
def test_what_no_batch_finished_has_failed_because_of_its_batch(records: CourseProgress, state: UnitState) -> None:
    reason = "The text model was too busy for too long, so its batch was given up."
    assert settled(records, state, stored=False, batches=GIVEN_UP) == ("failed", reason, {"01-01": reason})
    reason = f"Quota used up. {reason} {KEPT}"
    assert settled(records, state, stored=True, batches=GIVEN_UP, reason="Quota used up.")[1] == reason


@pytest.mark.parametrize("failed", [None, {"Status": "FAILED", "Error": "States.Runtime", "Cause": "..."}])
def test_a_batch_whose_execution_itself_failed_tells_nothing(records: CourseProgress, failed: Any) -> None:
    end = settled(records, "waiting", stored=False, batches=[failed])
    assert end == ("failed", "No batch finished it.", {"01-01": "No batch finished it."})


def test_an_error_of_ours_is_called_that(records: CourseProgress) -> None:
    batches: list[BatchResult] = [{"module_number": 1, "batch_index": 1, "error": "Runtime.ExitError"}]
    reason = "Something went wrong on our side before it was written (Runtime.ExitError)."
    assert settled(records, "writing", stored=False, batches=batches)[1] == reason


def test_what_failed_keeps_its_reason(records: CourseProgress) -> None:
    told = settled(records, "failed", stored=False, batches=GIVEN_UP, reason="It declined.")
    assert told == ("failed", "It declined.", {"01-01": "It declined."})


def test_what_was_cancelled_is_told_as_that(records: CourseProgress) -> None:
    reason = "It was cancelled before it was written."
    assert settled(records, "cancelled", stored=False, batches=[]) == ("cancelled", reason, {"01-01": reason})
    assert settled(records, "cancelled", stored=True, batches=[])[1] == f"{reason} {KEPT}"


def test_what_was_not_begun_in_a_cancelled_execution_is_cancelled(records: CourseProgress) -> None:
    records.start(EXECUTION, OWNER, COURSE, ("theory",), [course_unit("lesson", 1, 1, "A")])
    assert records.cancel(EXECUTION)
    close_unfinished(records, EXECUTION, LESSON, [], [])
    assert records.progress(EXECUTION)[1][0].state == "cancelled"
