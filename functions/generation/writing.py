"""Writes the units of one batch, lessons or lab guides: which are due, in what time and at what cost.

Knows the store, the records and the model by their interfaces only, and nothing of Lambda nor of what a unit says.

What makes it safe to call again and again: a unit is stored first and recorded afterwards, and its object names the
execution that wrote it and the fingerprint of what was asked for. A unit stored by this execution is never written
again, one that failed in it is not tried again, and one that another call is writing at this moment is left to it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from aurora.runtime.errors import AuroraError, Throttled, TryLater
from aurora.runtime.logging import current_logger, log_context
from aurora.runtime.objects import CONTENT_TYPES, ObjectStore
from functions.courses.events import CourseEvent
from functions.generation import metrics
from functions.models import ImageAnswer, TextAnswer, TextModel, TextRequest
from functions.models.errors import AnswerCut, ModelAnswerInvalid, ModelError, ModelRefused, ModelTimeout
from functions.outline.units import Kind, unit_id
from functions.progress.counts import Count
from functions.progress.errors import BudgetExceeded
from functions.progress.money import MICRO
from functions.progress.records import Spent, UnitRecords, UnitState
from functions.text.words import count_words

MARGIN_SECONDS: Final = 15.0
"""Kept back of a call's time for storing and recording a unit after its model has answered."""
LEAST_SHARE: Final = 0.1
"""An answer with fewer words than this share of the target is no text but an excuse."""

LASTING: Final = (ModelTimeout, ModelRefused, ModelAnswerInvalid, AnswerCut, BudgetExceeded)
"""Faults after which a model must not be asked for the same again in this execution."""

Paid = TypeVar("Paid", TextAnswer, ImageAnswer)


@dataclass(frozen=True)
class Unit:
    """One text to write. `key` is where it lies, or will lie; `fingerprint` (ASCII) changes with whatever makes a
    stored text stale; `request` is called when its turn has come; `tidy` makes of an answer what is stored."""

    kind: Kind
    module: int
    number: int
    key: str
    fingerprint: str
    words: int
    request: Callable[[], TextRequest]
    tidy: Callable[[str], str]

    @property
    def id(self) -> str:
        return unit_id(self.kind, self.module, self.number)


def is_due(course: CourseEvent, id_: str, fingerprint: str, metadata: Mapping[str, str] | None) -> bool:
    """Whether a unit must be written: it is not stored (`metadata` None), stale, or asked for anew.

    What this very execution wrote is not due, whatever was asked for.
    """
    if metadata is None:
        return True
    if metadata.get("execution") == course["execution"]:
        return False
    return course["force"] or id_ in (course["only"] or ()) or metadata.get("fingerprint") != fingerprint


@dataclass(frozen=True)
class Writer:
    """Writes units with one model.

    `seconds_left` tells how much of this call's time is left; `worst_seconds` is what the worst unit is assumed to
    take until one took longer. `clock` measures that, in seconds.
    """

    store: ObjectStore
    records: UnitRecords
    model: TextModel
    worst_seconds: float
    seconds_left: Callable[[], float]
    clock: Callable[[], float] = time.monotonic

    def write_batch(self, course: CourseEvent, units: Sequence[Unit]) -> Count:
        """Write what is due of a batch, as far as the time goes; the first unit due is always begun.

        Raises Throttled or ModelUnavailable, with the unit noted as waiting, so that the workflow calls again
        later. Every other fault of the model is that one unit's: it is noted as failed and the next one begun.
        Nothing is begun any more once the execution was cancelled.
        """
        count: Count = {"written": 0, "skipped": 0, "failed": 0, "cancelled": 0, "remaining": 0}
        due = self._due(course, units, count)
        worst = self.worst_seconds
        busy = 0
        for place, (unit, seen) in enumerate(due):
            if self.records.is_cancelled(course["execution"]):
                for left, _ in due[place:]:
                    self.records.note(course["execution"], left.id, "cancelled")
                    with log_context(unit=left.id):
                        metrics.unit_ended(left.kind, "cancelled", 0)
                count["cancelled"] += len(due) - place
                break
            if place and self.seconds_left() < worst + MARGIN_SECONDS:
                count["remaining"] += len(due) - place
                break
            if not self.records.claim(course["execution"], unit.id, self.seconds_left(), seen):
                busy += 1
                continue
            start = self.clock()
            with log_context(unit=unit.id):
                words = self._write(course, unit)
                seconds = self.clock() - start
                state = "failed" if words is None else "written"
                metrics.unit_ended(unit.kind, state, seconds, words or 0)
            worst = max(worst, seconds)
            count[state] += 1
        if busy and busy == len(due):
            raise Throttled("Another call is writing this at the moment.")
        count["remaining"] += busy
        return count

    def _due(self, course: CourseEvent, units: Sequence[Unit], count: Count) -> list[tuple[Unit, UnitState]]:
        """The units to write and the state each was seen in; what is settled is counted, and recorded if it is not."""
        execution = course["execution"]
        states: dict[str, UnitState] = {record.id: record.state for record in self.records.units(execution)}
        due: list[tuple[Unit, UnitState]] = []
        for unit in units:
            state = states.get(unit.id, "waiting")
            found = self.store.head(unit.key)
            metadata = found.metadata if found else None
            if metadata is not None and not is_due(course, unit.id, unit.fingerprint, metadata):
                now = "written" if metadata.get("execution") == execution else "skipped"
                count[now] += 1
                if state != now:  # the call that stored it died before it could say so
                    self.records.note(execution, unit.id, now, words=int(metadata.get("words", 0)) or None)
            elif state in ("failed", "cancelled"):
                count[state] += 1
            else:
                due.append((unit, state))
        return due

    def _write(self, course: CourseEvent, unit: Unit) -> int | None:
        """Write, store and record one unit; its words, None if it failed for good."""
        execution = course["execution"]
        spent = None
        try:
            request = unit.request()
            answer = ask(self.model, request, self.seconds_left() - MARGIN_SECONDS, course, self.records)
            spent = Spent(answer.input_tokens, answer.output_tokens, answer.cost, answer.model)
            text = unit.tidy(answer.text)
            words = count_words(text)
            if words < LEAST_SHARE * unit.words:
                raise ModelAnswerInvalid(f"The text model wrote {words} words where {unit.words} were asked for.")
        except TryLater as error:
            self.records.note(execution, unit.id, "waiting", reason=sentence(error))
            metrics.unit_waits(unit.kind, error)
            raise
        except LASTING as error:
            self.records.note(
                execution, unit.id, "failed", reason=sentence(error), spent=spent or Spent(cost=cost_of(error))
            )
            current_logger().warning("error=<%s> | a unit cannot be written", type(error).__name__)
            return None
        metadata = {
            "execution": execution,
            "fingerprint": unit.fingerprint,
            "words": str(words),
            "target": str(unit.words),
            "model": answer.model.encode("ascii", "replace").decode(),
        }
        self.store.write(unit.key, text, CONTENT_TYPES["md"], metadata)
        self.records.note(execution, unit.id, "written", words=words, spent=spent)
        return words


def ask(
    model: TextModel, request: TextRequest, seconds: float, course: CourseEvent, records: UnitRecords
) -> TextAnswer:
    """The model's answer, within what the course may still cost. Raises as `within_budget` does."""
    start = time.monotonic()
    answer = within_budget(model.most(request), course, records, lambda: model.write(request, seconds))
    metrics.model_answered(answer, time.monotonic() - start)
    return answer


def within_budget(most: int, course: CourseEvent, records: UnitRecords, call: Callable[[], Paid]) -> Paid:
    """What `call` answers, which may cost `most` millionths of a US dollar, within what the course may still cost.

    Raises what it raises, with the most that this may have cost; before it is called BudgetExceeded, or Throttled if
    other calls have set aside what is missing: most of that they will give back.
    """
    course_id, budget = course["course_id"], course["budget"]
    if most and not records.reserve(course_id, most, budget):
        spent = records.spent(course_id)
        if spent + most <= budget:
            raise Throttled("The rest of the budget is set aside for what is being made at the moment.")
        raise BudgetExceeded(
            f"The course may cost ${budget / MICRO:,.2f}, and ${spent / MICRO:,.2f} of it is spent: this might have "
            f"cost ${most / MICRO:,.2f} more. Start it again with a larger budget."
        )
    try:
        answer = call()
    except AuroraError as error:
        cost = 0
        if isinstance(error, ModelError) and error.may_be_paid:
            error.cost = cost = most  # nobody says how much it was
            metrics.paid_in_vain(cost)
        _settle(records, course_id, most, cost)
        raise
    _settle(records, course_id, most, answer.cost)
    return answer


def cost_of(error: AuroraError) -> int:
    """The most that a failed call may have cost, in millionths of a US dollar."""
    return error.cost if isinstance(error, ModelError) else 0


def _settle(records: UnitRecords, course_id: str, most: int, cost: int) -> None:
    if most:
        records.charge(course_id, most, cost)


def sentence(error: Exception) -> str:
    """What an error says, ended: more may be said after it."""
    text = str(error)
    return text if text.endswith((".", "!", "?")) else f"{text}."
