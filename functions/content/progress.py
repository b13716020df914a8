"""How far an execution is, as its author sees it: percentage, each lesson's state, and in plain words what went wrong.

Pure functions over records and the execution's state; they know neither HTTP nor AWS.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from functions.common import errors
from functions.common.records import DONE, KEPT_SECONDS, CourseRecord, LessonRecord, RunRecord
from functions.content.executions import ExecutionState, Status

Outcome = Literal["complete", "incomplete", "failed"]

LESSONS_PERCENT: Final = 90
"""The part of an execution that its lessons are; the rest is checking them and building the book."""
_STEP_PERCENT: Final = {"validating": 92, "building": 95, "done": 99}
_UNFINISHED: Final = "the execution ended before this lesson was finished"
_WILL_BE_TRIED: Final = "It will be tried again."
_AGAIN: Final = "Start the course again: only what is missing is generated."


@dataclass(frozen=True)
class Progress:
    """An execution's progress. `percent` is 100 only when it has ended; `error` says why it failed, or
    which images the book lacks; "" if neither."""

    status: Status
    outcome: Outcome | None
    step: str
    percent: int
    total: int
    done: int
    lessons: tuple[LessonRecord, ...]
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
    state: ExecutionState, run: RunRecord | None, lessons: Sequence[LessonRecord], expected_lessons: int
) -> Progress:
    """Progress of an execution. Before it is expanded (`run` None) it has `expected_lessons`, none of them known."""
    running = state.status == "RUNNING"
    shown = tuple(map(_under_way if running else _ended, lessons))
    total = run.total if run else expected_lessons
    done = sum(lesson.state in DONE for lesson in shown)
    step = run.step if run else "expanding"
    return Progress(
        status=state.status,
        outcome=None if running else _outcome(state, run, shown),
        step="done" if state.status == "SUCCEEDED" else step,
        percent=_percent(step, done, total) if running else 100,
        total=total,
        done=done,
        lessons=shown,
        error=_images_error(run) if state.status == "SUCCEEDED" else _error(state),
    )


def _under_way(lesson: LessonRecord) -> LessonRecord:
    """The lesson while the execution runs: one that waits for a reason is not given up yet."""
    if lesson.state == "waiting" and lesson.reason:
        return replace(lesson, reason=f"{lesson.reason} {_WILL_BE_TRIED}")
    return lesson


def _ended(lesson: LessonRecord) -> LessonRecord:
    """The lesson once nothing more happens: unfinished is failed."""
    return lesson if lesson.state in DONE else replace(lesson, state="failed", reason=lesson.reason or _UNFINISHED)


def _outcome(state: ExecutionState, run: RunRecord | None, lessons: Sequence[LessonRecord]) -> Outcome:
    if state.status != "SUCCEEDED":
        return "failed"
    images_missing = run.images_missing if run else 0
    return "incomplete" if images_missing or any(lesson.state == "failed" for lesson in lessons) else "complete"


def _images_error(run: RunRecord | None) -> str:
    """What to say of the images that the book lacks."""
    if run is None or not run.images_missing:
        return ""
    return f"Images missing in the book: {run.images_missing}. {_AGAIN}"


def _percent(step: str, done: int, total: int) -> int:
    return _STEP_PERCENT.get(step, LESSONS_PERCENT * done // total if total else 0)


def _error(state: ExecutionState) -> str:
    match state.status:
        case "RUNNING" | "SUCCEEDED":
            return ""
        case "TIMED_OUT":
            return f"It took longer than an execution may. {_AGAIN}"
        case "ABORTED":
            return f"It was stopped. {_AGAIN}"
        case "FAILED" if state.error == "NeverStarted":
            return "It could not be started. Start the course again."
        case "FAILED" if state.error == "Interrupted":
            return f"It was interrupted. {_AGAIN}"
        case "FAILED":
            return f"{_told(state) or 'Something went wrong on our side.'} {_AGAIN}"


def _told(state: ExecutionState) -> str:
    """The message of an error of ours, which is written for users; anything else is not for them to read."""
    known = getattr(errors, state.error, None)
    if not (isinstance(known, type) and issubclass(known, errors.AuroraError)):
        return ""
    try:
        cause: Any = json.loads(state.cause)
    except ValueError:
        return state.cause
    return str(cause.get("errorMessage", "")) if isinstance(cause, dict) else ""
