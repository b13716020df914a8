"""Plans the labs of a course, module by module, and unites the plans: which modules are due, and in what time.

Knows the store, the records and the model by their interfaces only, and nothing of Lambda. It is safe to call again and
again: a module's plan is stored as soon as it is made, and names the execution and what it was made from.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypedDict

from aurora.runtime.errors import TryLater
from aurora.runtime.logging import current_logger
from aurora.runtime.objects import ObjectStore, StoredObject
from functions.courses.events import CourseEvent
from functions.courses.paths import CoursePaths
from functions.courses.progress import CourseProgress
from functions.courses.stored import unit_keys
from functions.generation import metrics
from functions.generation.writing import LASTING, MARGIN_SECONDS, ask, is_due
from functions.labs.master_plan import lab_id, plan_of_answer, plan_of_outline, united
from functions.labs.prompting import plan_fingerprint, plan_request
from functions.labs.units import wanted_labs
from functions.models import TextModel
from functions.outline.model import Outline
from functions.outline.selection import PlacedLab, labs
from functions.outline.units import LAB, lesson_id
from functions.progress.records import Spent

_THREADS: Final = 16


class PlanCount(TypedDict):
    """How many modules' plans stand how, now: made by this execution, kept as they were, not begun any more because
    the execution was cancelled, still to do."""

    planned: int
    kept: int
    cancelled: int
    remaining: int


@dataclass(frozen=True)
class _ModuleLabs:
    """All labs of a module, of which at least one is wanted: plans are made of modules, whatever was asked for."""

    labs: Sequence[PlacedLab]
    wanted: Sequence[PlacedLab]
    key: str
    fingerprint: str

    @property
    def number(self) -> int:
        return self.labs[0].module.number


@dataclass(frozen=True)
class Planner:
    """Plans with one model; the fields mean what they mean in `functions.generation.writing.Writer`."""

    store: ObjectStore
    records: CourseProgress
    model: TextModel
    worst_seconds: float
    seconds_left: Callable[[], float]
    clock: Callable[[], float] = time.monotonic

    def plan(self, course: CourseEvent, outline: Outline) -> PlanCount:
        """Plan what is due, as far as the time goes; the first module due is always begun. At the end, unite the plans.

        Raises Throttled or ModelUnavailable, so that the workflow calls again later. After any other fault of the model
        the plan is made from the outline alone, and says so.
        """
        paths = CoursePaths(course["owner"], course["course_id"])
        modules = _modules(course, outline, paths)
        found = self._stored([module.key for module in modules], paths)
        guides = unit_keys(self.store, paths, LAB)
        due = [module for module in modules if _is_due(course, module, found.get(module.key), guides)]
        count: PlanCount = {"planned": 0, "kept": 0, "cancelled": 0, "remaining": 0}
        for module in modules:
            if module not in due:
                by_this = found[module.key].metadata.get("execution") == course["execution"]
                count["planned" if by_this else "kept"] += 1
        worst = self.worst_seconds
        for place, module in enumerate(due):
            if self.records.is_cancelled(course["execution"]):
                count["cancelled"] += len(due) - place
                break
            if place and self.seconds_left() < worst + MARGIN_SECONDS:
                count["remaining"] += len(due) - place
                return count
            start = self.clock()
            self._plan(course, outline, module)
            worst = max(worst, self.clock() - start)
            count["planned"] += 1
        self._unite(outline, paths)
        return count

    def _stored(self, keys: Sequence[str], paths: CoursePaths) -> dict[str, StoredObject]:
        """The objects of those of `keys` that are there, with their metadata."""
        listed = {found.key for found in self.store.list(paths.units(LAB))}
        with ThreadPoolExecutor(_THREADS) as threads:
            heads = threads.map(self.store.head, [key for key in keys if key in listed])
        return {found.key: found for found in heads if found}

    def _plan(self, course: CourseEvent, outline: Outline, module: _ModuleLabs) -> None:
        """Make and store the plan of one module."""
        execution, first = course["execution"], lab_id(module.wanted[0])
        try:
            request = plan_request(outline, module.labs)
            answer = ask(self.model, request, self.seconds_left() - MARGIN_SECONDS, course, self.records)
            # A plan is no unit of its own: what it cost stands with the first of the labs that it is made for.
            self.records.add_cost(
                execution, first, Spent(answer.input_tokens, answer.output_tokens, answer.cost, answer.model)
            )
            plan = plan_of_answer(answer.text, module.labs)
        except TryLater as error:
            self._note_waiting(execution, module, str(error))
            metrics.unit_waits(LAB.name, error)
            raise
        except LASTING as error:
            name = type(error).__name__
            current_logger().warning(
                "module=<%d>, error=<%s> | labs are planned by their outline alone", module.number, name
            )
            plan = plan_of_outline(module.labs, f"Module {module.number} is planned by its outline alone: {error}")
        metadata = {"execution": execution, "fingerprint": module.fingerprint, "source": plan["source"]}
        self.store.write(module.key, _json(plan), "application/json", metadata)

    def _note_waiting(self, execution: str, module: _ModuleLabs, reason: str) -> None:
        """Say of the labs that wait for this plan why they do."""
        ids = {lab_id(placed) for placed in module.wanted}
        for record in self.records.progress(execution)[1]:
            if record.id in ids and record.state == "waiting":
                self.records.note(execution, record.id, "waiting", reason=reason)

    def _unite(self, outline: Outline, paths: CoursePaths) -> None:
        """Store the master plan, unless it is there: all modules' plans that are stored, in the order of the course."""
        listed = {found.key for found in self.store.list(paths.units(LAB))}
        every = (paths.lab_plan(module.number) for module in outline.modules)
        with ThreadPoolExecutor(_THREADS) as threads:
            plans = [json.loads(text) for text in threads.map(self.store.read, [key for key in every if key in listed])]
        key, text = paths.lab_master_plan, _json(united(outline, plans))
        if key not in listed or self.store.read_text(key) != text:
            self.store.write(key, text, "application/json")


def _modules(course: CourseEvent, outline: Outline, paths: CoursePaths) -> list[_ModuleLabs]:
    wanted: dict[int, list[PlacedLab]] = {}
    for placed in wanted_labs(outline, course):
        wanted.setdefault(placed.module.number, []).append(placed)
    modules: list[_ModuleLabs] = []
    for number, group in itertools.groupby(labs(outline), key=lambda placed: placed.module.number):
        if number in wanted:
            every = list(group)
            modules.append(_ModuleLabs(every, wanted[number], paths.lab_plan(number), plan_fingerprint(outline, every)))
    return modules


def _is_due(course: CourseEvent, module: _ModuleLabs, found: StoredObject | None, guides: Mapping[str, str]) -> bool:
    """Whether a module must be planned: its plan is missing, stale, asked for anew, or makeshift while guides are to
    be written by it."""
    if found is None or is_due(course, "", module.fingerprint, found.metadata):
        return True
    is_makeshift = found.metadata.get("source") == "outline" and found.metadata.get("execution") != course["execution"]
    return is_makeshift and any(lesson_id(lab.module.number, lab.number) not in guides for lab in module.wanted)


def _json(plan: object) -> str:
    return json.dumps(plan, ensure_ascii=False, indent=2)
