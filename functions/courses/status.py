"""How far an execution is, as its author sees it: percentage, state of each unit, and what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from aurora.runtime import errors
from aurora.runtime.executions import ExecutionState, Status
from functions.courses.progress import Branch, ExecutionRecord, Step
from functions.courses.records import CourseRecord
from functions.outline import errors as outline_errors
from functions.progress.records import DONE, KEPT_SECONDS, Outcome, UnitRecord

UNITS_PERCENT: Final = 90
"""The part of an execution that its units are; the rest is checking them and building the books."""
_ORDER: Final[tuple[Step, ...]] = ("planning", "writing", "validating", "building", "done")
_AFTER_UNITS: Final[Mapping[str, int]] = {"validating": 2, "building": 5, "done": 9}
_UNFINISHED: Final = "the execution ended before this was finished"
_ENDINGS: Final = {
    "TIMED_OUT": "It took longer than an execution may.",
    "ABORTED": "It was stopped.",
    "NeverStarted": "It could not be started.",
    "Interrupted": "It was interrupted.",
    "CourseFailed": "",  # the problems say why
}
_WILL_BE_TRIED: Final = "It will be tried again."
_AGAIN: Final = "Start the course again: only what is missing is generated."


@dataclass(frozen=True)
class Progress:
    """An execution's progress. `percent` is 100 only when it has ended; `error` says why it failed, "" if it did not;
    `problems` says what else went wrong; `cancelling` that it will end soon because somebody asked for it."""

    status: Status
    outcome: Outcome | None
    steps: Mapping[Branch, Step]
    step: Step
    percent: int
    total: int
    done: int
    cancelling: bool
    units: tuple[UnitRecord, ...]
    problems: tuple[str, ...]
    error: str


def latest_state(course: CourseRecord, state: ExecutionState | None, now: float) -> ExecutionState | None:
    """The state of a course's latest attempt, given what Step Functions knows of it; None if nobody knows any more."""
    if state is not None:
        return state
    if course.is_fresh(now):
        return ExecutionState("RUNNING")
    if course.started_at and now - course.started_at > KEPT_SECONDS:
        return None
    return ExecutionState("FAILED", error="Interrupted" if course.launched else "NeverStarted")


def progress(
    state: ExecutionState, run: ExecutionRecord | None, units: Sequence[UnitRecord], expected_units: int
) -> Progress:
    """Progress of an execution. Before it is expanded (`run` None) it has `expected_units`, none of them known."""
    running = state.status == "RUNNING"
    shown = tuple(map(_under_way if running else _ended, units))
    total = run.total if run else expected_units
    done = sum(unit.state in DONE for unit in shown)
    steps = run.steps if run else {}
    return Progress(
        status=state.status,
        outcome=None if running else (run and run.outcome) or "failed",
        steps=steps,
        step=min(steps.values(), key=_ORDER.index) if steps else "planning",
        percent=_percent(steps, done, total) if running else 100,
        total=total,
        done=done,
        cancelling=running and run is not None and run.cancelled,
        units=shown,
        problems=_problems(run),
        error=_error(state),
    )


def _under_way(unit: UnitRecord) -> UnitRecord:
    """The unit while the execution runs: one that waits for a reason is not given up yet."""
    if unit.state == "waiting" and unit.reason:
        return replace(unit, reason=f"{unit.reason} {_WILL_BE_TRIED}")
    return unit


def _ended(unit: UnitRecord) -> UnitRecord:
    """The unit once nothing more happens: unfinished is failed."""
    return unit if unit.state in DONE else replace(unit, state="failed", reason=unit.reason or _UNFINISHED)


def _problems(run: ExecutionRecord | None) -> tuple[str, ...]:
    if run is None:
        return ()
    return (*run.problems, *(f"{problem} {_AGAIN}" for problem in images_missing(run)))


def images_missing(run: ExecutionRecord) -> list[str]:
    """How many images the book lacks, and why as far as anybody said; nothing if it has them all."""
    if not run.images_missing:
        return []
    return [f"Images missing in the book: {run.images_missing}. {run.images_problem}".strip()]


def _percent(steps: Mapping[Branch, Step], done: int, total: int) -> int:
    """Units first; what comes after them counts by the branch that is furthest behind."""
    units = UNITS_PERCENT * done // total if total else 0
    after = min((_AFTER_UNITS.get(step, 0) for step in steps.values()), default=0)
    return units + after if done == total else units


def _error(state: ExecutionState) -> str:
    if state.status in ("RUNNING", "SUCCEEDED"):
        return ""
    if state.status == "FAILED" and state.error not in _ENDINGS:
        said = errors.user_message(state.error, state.cause, errors, outline_errors)
        return f"{said or 'Something went wrong on our side.'} {_AGAIN}"
    return f"{_ENDINGS[state.error if state.status == 'FAILED' else state.status]} {_AGAIN}".strip()
