"""The end of an execution: its outcome, its last records and the notification.

An execution succeeds if nothing is missing. A book that could not be made is a failure, even if all lessons were
written.
"""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypedDict

from aurora.runtime import errors
from aurora.runtime.errors import NotFound
from aurora.runtime.logging import log_context
from functions.courses.events import CourseEvent
from functions.courses.progress import CourseProgress, ExecutionRecord
from functions.courses.records import CourseRecords
from functions.courses.status import images_missing
from functions.generation import metrics
from functions.models import errors as model_errors
from functions.outline import errors as outline_errors
from functions.outline.units import UNIT_KINDS
from functions.progress import errors as progress_errors
from functions.progress.money import MICRO
from functions.progress.records import DONE, Outcome, UnitRecord

_PRODUCTS: Final[Mapping[str, str]] = {
    **{kind.branch: f"The {kind.product} could not be made" for kind in UNIT_KINDS.values()},
    "course": "The course could not be written",
    "archive": "The file with everything in it could not be made",
}
_SUBJECTS: Final[Mapping[Outcome, str]] = {
    "complete": "ready",
    "incomplete": "ready, but something is missing",
    "cancelled": "cancelled",
    "failed": "failed",
}
# Where those are defined whose texts are written for users.
_ERRORS: Final = (errors, model_errors, outline_errors, progress_errors)
_NAMED: Final = 20
# SNS takes 100 characters of a subject, ASCII and without a line break.
_SUBJECT_LENGTH: Final = 100


class Failure(TypedDict):
    """What ended a part of the workflow, by its name in `_PRODUCTS`."""

    part: str
    error: str
    cause: str


class Ending(TypedDict):
    """How an execution ended; `missing` counts units."""

    outcome: Outcome
    missing: int


def finish(
    course: CourseEvent,
    failures: Sequence[Failure],
    courses: CourseRecords,
    records: CourseProgress,
    publish: Callable[[str, str], None],
) -> Ending:
    """Record how an execution ended and `publish` subject and message.

    Raises NotFound if the course is gone.
    """
    execution = course["execution"]
    run, units = records.progress(execution)
    if run is None:  # it failed before it was expanded
        records.start(execution, course["owner"], course["course_id"], (), ())
        run = ExecutionRecord(course["owner"], course["course_id"], 0, {})
    units = _closed(records, execution, run, units)
    problems = tuple(_problem(failure) for failure in failures)
    if not problems and units and all(unit.state == "failed" for unit in units):
        problems = ("No unit could be written.",)
    run = replace(run, problems=problems)
    for branch, step in run.steps.items():
        if step != "done":
            records.set_step(execution, branch, "done")
    ended = _outcome(run, units, failures)
    missing = [unit for unit in units if not unit.is_there]
    records.finish(execution, ended, len(missing), problems)
    record = courses.get(course["owner"], course["course_id"])
    if record is None:
        raise NotFound("Course not found.")
    spent = records.spent(course["course_id"])
    publish(_subject(record.title, ended), _message(record.title, execution, ended, run, units, missing, spent))
    metrics.course_finished(ended, time.time() - record.started_at)
    return {"outcome": ended, "missing": len(missing)}


def _closed(
    records: CourseProgress, execution: str, run: ExecutionRecord, units: Sequence[UnitRecord]
) -> list[UnitRecord]:
    """The units in their last states: those that no branch finished are cancelled, or have failed with their branch."""
    open_units = [unit for unit in units if unit.state not in DONE]
    for unit in open_units:
        with log_context(unit=unit.id):
            if unit.state == "waiting" and run.cancelled:
                records.note(execution, unit.id, "cancelled")
                metrics.unit_ended(unit.kind, "cancelled", 0)
            else:
                reason = unit.reason or "The execution ended before this was finished."
                records.note(execution, unit.id, "failed", reason=reason)
                metrics.unit_ended(unit.kind, "failed", 0)
    return records.progress(execution)[1] if open_units else list(units)


def _outcome(run: ExecutionRecord, units: Sequence[UnitRecord], failures: Sequence[Failure]) -> Outcome:
    states = {unit.state for unit in units}
    if any(failure["part"] != "archive" for failure in failures) or states == {"failed"}:
        return "failed"
    if "cancelled" in states:
        return "cancelled"
    is_whole = all(unit.is_there for unit in units) and not failures and not run.images_missing
    return "complete" if is_whole else "incomplete"


def _problem(failure: Failure) -> str:
    said = errors.user_message(failure["error"], failure["cause"], *_ERRORS) or "something went wrong on our side"
    return f"{_PRODUCTS[failure['part']]}: {said.removesuffix('.')}."


def _subject(title: str, ended: Outcome) -> str:
    end = f" is {_SUBJECTS[ended]}" if ended in ("complete", "incomplete") else f": {_SUBJECTS[ended]}"
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    plain = " ".join(letters.split()) or "The course"
    return f"{plain[: _SUBJECT_LENGTH - len(end)]}{end}"


def _message(
    title: str,
    execution: str,
    ended: Outcome,
    run: ExecutionRecord,
    units: Sequence[UnitRecord],
    missing: Sequence[UnitRecord],
    spent: int,
) -> str:
    lines = [f"{title}: {_SUBJECTS[ended]}.", ""]
    for kind in UNIT_KINDS.values():
        of_kind = [unit for unit in units if unit.kind == kind.name]
        if of_kind:
            there = sum(unit.is_there for unit in of_kind)
            new = sum(unit.state == "written" for unit in of_kind)
            lines.append(f"{kind.label}: {there} of {len(of_kind)} are there, {new} of them new.")
    lines += [f"Problem: {problem}" for problem in run.problems]
    lines += images_missing(run)
    if missing:
        lines += ["", "Missing:"]
        lines += [f"- {unit.id} {unit.title}: {unit.reason or unit.state}" for unit in missing[:_NAMED]]
        if len(missing) > _NAMED:
            lines.append(f"- and {len(missing) - _NAMED} more")
        lines += ["", "Generate the course again: only what is missing is written."]
    if spent:
        lines += ["", f"The course has cost ${spent / MICRO:,.2f} so far."]
    return "\n".join([*lines, "", f"Execution: {execution}"])


def failures_of(event: Mapping[str, Any]) -> list[Failure]:
    """The failures in the event of the workflow's last state: of the whole, and of each of its parts."""
    found: list[Failure] = []
    for part in _PRODUCTS:
        failure = event.get("failures", {}).get(part)
        if failure:
            found.append({"part": part, "error": str(failure["Error"]), "cause": str(failure.get("Cause", ""))})
    return found
