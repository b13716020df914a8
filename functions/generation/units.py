"""Units with a record and an object: the two say what is due, and a unit is stored before it is recorded.

Its object names the execution that made it and the fingerprint of what it was made from. So a unit stored by this
execution is not made again though the call that stored it died, and one that failed in it is not tried again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

from aurora.runtime.errors import TryLater
from aurora.runtime.logging import current_logger
from aurora.runtime.objects import ObjectStore, StoredObject
from functions.generation import metrics
from functions.generation.budget import spent_in_vain
from functions.generation.loop import Loop, State
from functions.models.errors import ModelError
from functions.progress.counts import Count
from functions.progress.errors import BudgetExceeded, UnitFailed
from functions.progress.jobs import Job
from functions.progress.records import Spent, UnitRecords, UnitState
from functions.text.words import sentence

LASTING: Final = (ModelError, BudgetExceeded, UnitFailed)
"""Errors after which the same must not be tried again in this execution; those that are TryLater are caught before."""


@dataclass(frozen=True)
class Unit:
    """`key` is where it lies, or will lie; `fingerprint` (ASCII) changes with whatever makes a stored one stale."""

    id: str
    kind: str
    key: str
    fingerprint: str


@dataclass(frozen=True)
class Product:
    """What was made of a unit. `metadata` (ASCII) is the object's, beside `execution` and `fingerprint`."""

    body: bytes | str
    content_type: str
    metadata: Mapping[str, str]
    words: int | None = None
    spent: Spent | None = None


Kind = TypeVar("Kind", bound=Unit)
Make = Callable[[Kind, float], Product | None]
"""Makes a unit within so many seconds; None if the stored one is as it would be. Raises TryLater, or one of LASTING."""


def is_due(job: Job, id_: str, fingerprint: str, metadata: Mapping[str, str] | None) -> bool:
    """Whether a unit must be made: it is not stored (`metadata` None), stale, or asked for anew.

    What this very execution made is not due, whatever was asked for.
    """
    if metadata is None:
        return True
    if metadata.get("execution") == job.execution:
        return False
    return job.force or id_ in job.only or metadata.get("fingerprint") != fingerprint


def stored_state(
    job: Job, unit: Unit, found: StoredObject | None, records: UnitRecords, seen: UnitState
) -> Literal["written", "skipped"] | None:
    """The state of a unit whose object `found` is as it would be made; None for one that is due.

    It is recorded where the record was `seen` in another one: the call that stored it died before it could.
    """
    if found is None or is_due(job, unit.id, unit.fingerprint, found.metadata):
        return None
    state = "written" if found.metadata.get("execution") == job.execution else "skipped"
    if seen != state:
        records.note(job.execution, unit.id, state, words=int(found.metadata.get("words", 0)) or None)
    return state


@dataclass(frozen=True)
class UnitMaker:
    """Makes units of a job in one call; the times mean what they mean in `Loop`."""

    job: Job
    store: ObjectStore
    records: UnitRecords
    seconds_left: Callable[[], float]
    worst_seconds: float
    clock: Callable[[], float] = time.monotonic

    def make_all(self, units: Sequence[Kind], make: Make[Kind]) -> Count:
        """Make, store and record what is due of `units`. Raises as `Loop.run`, with the unit recorded as waiting."""
        execution = self.job.execution
        states: dict[str, UnitState] = {record.id: record.state for record in self.records.units(execution)}
        loop = Loop(
            lambda: self.records.is_cancelled(execution), self.seconds_left, self.worst_seconds, clock=self.clock
        )
        return loop.run([_RecordedUnit(self, unit, make, states.get(unit.id, "waiting")) for unit in units])


@dataclass(frozen=True)
class _RecordedUnit(Generic[Kind]):
    """A unit as the loop makes it; `seen` is the state of its record when this call looked."""

    maker: UnitMaker
    unit: Kind
    product: Make[Kind]
    seen: UnitState

    @property
    def id(self) -> str:
        return self.unit.id

    def state(self) -> State | None:
        found = self.maker.store.head(self.unit.key)
        state = stored_state(self.maker.job, self.unit, found, self.maker.records, self.seen)
        return state or (self.seen if self.seen in ("failed", "cancelled") else None)

    def claim(self, seconds: float) -> bool:
        return self.maker.records.claim(self.maker.job.execution, self.unit.id, seconds, self.seen)

    def make(self, seconds: float) -> State:
        start = self.maker.clock()
        state, words = self._made(seconds)
        metrics.unit_ended(self.unit.kind, state, self.maker.clock() - start, words)
        return state

    def cancel(self) -> None:
        self.maker.records.note(self.maker.job.execution, self.unit.id, "cancelled")
        metrics.unit_ended(self.unit.kind, "cancelled", 0)

    def _made(self, seconds: float) -> tuple[State, int]:
        """Make, store and record the unit: how it ended, and its words."""
        execution, unit, records = self.maker.job.execution, self.unit, self.maker.records
        try:
            product = self.product(unit, seconds)
        except TryLater as error:
            records.note(execution, unit.id, "waiting", reason=sentence(str(error)))
            metrics.unit_waits(unit.kind, error)
            raise
        except LASTING as error:
            records.note(execution, unit.id, "failed", reason=sentence(str(error)), spent=spent_in_vain(error))
            current_logger().warning("error=<%s> | a unit cannot be made", type(error).__name__)
            return "failed", 0
        if product is None:
            records.note(execution, unit.id, "skipped")
            return "skipped", 0
        metadata = {"execution": execution, "fingerprint": unit.fingerprint, **product.metadata}
        self.maker.store.write(unit.key, product.body, product.content_type, metadata)
        records.note(execution, unit.id, "written", words=product.words, spent=product.spent)
        return "written", product.words or 0
