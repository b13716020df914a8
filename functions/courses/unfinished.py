"""Closes the records of units that no batch finished, before a book is made, with the reason for each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from functions.courses.progress import CourseProgress, place_of
from functions.outline.units import UnitKind, lesson_id
from functions.progress.counts import BatchResult
from functions.progress.records import DONE, UnitRecord, UnitState

# Why a unit is missing whose batch was ended by an error, by the error's name.
_GIVEN_UP: Final = {
    "Throttled": "The text model was too busy for too long, so its batch was given up.",
    "ModelUnavailable": "The text model could not be reached for too long, so its batch was given up.",
}
_OUR_FAULT: Final = "Something went wrong on our side before it was written"
_CANCELLED: Final = "It was cancelled before it was written."
_KEPT: Final = "The earlier text stays in the book."


def close_unfinished(
    records: CourseProgress,
    execution: str,
    kind: UnitKind,
    batches: Iterable[BatchResult | None],
    stored: Collection[str],
) -> dict[str, str]:
    """Note as failed, or as cancelled, each unit of `kind` that is neither written nor kept.

    `batches` are the results of the batches; one whose execution itself failed has none
    (https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html). `stored` holds the numbers
    ("MM-LL") of the units that have a text. Returns by number why a unit has no text, or not the new one.
    """
    errors: dict[int, str] = {}
    for batch in batches:
        if batch and (error := batch.get("error")):
            errors.setdefault(batch["module_number"], error)
    run, units = records.progress(execution)
    is_cancelled = run is not None and run.cancelled
    reasons: dict[str, str] = {}
    for unit in units:
        if unit.kind != kind.name:
            continue
        id_ = lesson_id(*place_of(unit))
        is_stored = id_ in stored
        state, reason = _end(unit, errors, is_stored, is_cancelled)
        if (state, reason) != (unit.state, unit.reason or ""):
            records.note(execution, unit.id, state, reason=reason, words=unit.words)
        if reason:
            reasons[id_] = reason
    return reasons


def _end(unit: UnitRecord, errors: Mapping[int, str], is_stored: bool, is_cancelled: bool) -> tuple[UnitState, str]:
    """How a unit ends, and why it is not as it was asked for ("": it is)."""
    kept = [_KEPT] if is_stored else []
    if unit.state == "failed":
        return "failed", unit.reason or ""
    if unit.state == "cancelled":
        return "cancelled", unit.reason or " ".join([_CANCELLED, *kept])
    if unit.state in DONE:
        return (unit.state, unit.reason or "") if is_stored else ("failed", "It was written, but its text is gone.")
    error = errors.get(place_of(unit)[0])
    if is_cancelled and not error:
        return "cancelled", " ".join([_CANCELLED, *kept])
    ended = _GIVEN_UP.get(error, f"{_OUR_FAULT} ({error}).") if error else "No batch finished it."
    # Why it waited ("Retry-After 7") says more than the name of the error that followed from it.
    return "failed", " ".join([*([unit.reason] if unit.reason else []), ended, *kept])
