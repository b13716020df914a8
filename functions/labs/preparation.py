"""Plans the labs of a course, module by module, and joins the plans.

A module's plan is stored as soon as it is made, and names the execution and what it was made from.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

from aurora.runtime.errors import TryLater
from aurora.runtime.logging import current_logger
from aurora.runtime.objects import ObjectStore, StoredObject
from functions.courses.events import CourseEvent, job_of
from functions.courses.paths import CoursePaths
from functions.courses.progress import CourseProgress
from functions.courses.stored import unit_keys
from functions.generation import metrics
from functions.generation.budget import spent_on
from functions.generation.loop import Loop, State
from functions.generation.texts import TextWriter
from functions.generation.units import LASTING, is_due
from functions.labs.master_plan import joined, lab_id, plan_of_answer, plan_of_outline
from functions.labs.prompting import plan_fingerprint, plan_request
from functions.labs.units import wanted_labs
from functions.outline.model import Outline
from functions.outline.selection import PlacedLab, labs
from functions.outline.units import LAB, lesson_id
from functions.progress.counts import Count
from functions.progress.jobs import Job

_THREADS: Final = 16


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
    """Plans with one model; `writer` asks it, the times mean what they mean in `functions.generation.loop.Loop`."""

    store: ObjectStore
    records: CourseProgress
    writer: TextWriter
    seconds_left: Callable[[], float]
    worst_seconds: float
    clock: Callable[[], float] = time.monotonic

    def plan(self, course: CourseEvent, outline: Outline) -> Count:
        """Plan the modules that are due, as far as the time goes; once none remains, store the master plan.

        Raises as `Loop.run`. After any other error of the model the plan is made from the outline alone, and says so.
        """
        paths = CoursePaths(course["owner"], course["course_id"])
        modules = _modules(course, outline, paths)
        found = self._stored([module.key for module in modules], paths)
        guides = unit_keys(self.store, paths, LAB)
        job = job_of(course)
        items = [_Plan(self, job, outline, module, found.get(module.key), guides) for module in modules]
        is_cancelled = partial(self.records.is_cancelled, job.execution)
        count = Loop(is_cancelled, self.seconds_left, self.worst_seconds, clock=self.clock).run(items)
        if not count["remaining"]:
            self._join(outline, paths)
        return count

    def _stored(self, keys: Sequence[str], paths: CoursePaths) -> dict[str, StoredObject]:
        """The objects of those of `keys` that are there, with their metadata."""
        listed = {found.key for found in self.store.list(paths.units(LAB))}
        with ThreadPoolExecutor(_THREADS) as threads:
            heads = threads.map(self.store.head, [key for key in keys if key in listed])
        return {found.key: found for found in heads if found}

    def _join(self, outline: Outline, paths: CoursePaths) -> None:
        """Store the master plan, unless it is there: all modules' plans that are stored, in the order of the course."""
        listed = {found.key for found in self.store.list(paths.units(LAB))}
        every = (paths.lab_plan(module.number) for module in outline.modules)
        with ThreadPoolExecutor(_THREADS) as threads:
            plans = [json.loads(text) for text in threads.map(self.store.read, [key for key in every if key in listed])]
        key, text = paths.lab_master_plan, _json(joined(outline, plans))
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


@dataclass(frozen=True)
class _Plan:
    """The plan of a module's labs as the loop makes it; `found` is the stored one."""

    planner: Planner
    job: Job
    outline: Outline
    module: _ModuleLabs
    found: StoredObject | None
    guides: Mapping[str, str]

    @property
    def id(self) -> str:
        """The first of the labs that it is made for."""
        return lab_id(self.module.wanted[0])

    def state(self) -> State | None:
        if self.found is None or self._is_due(self.found.metadata):
            return None
        return "written" if self.found.metadata.get("execution") == self.job.execution else "skipped"

    def claim(self, seconds: float) -> bool:  # noqa: ARG002
        """One call at a time plans the labs of an execution."""
        return True

    def make(self, seconds: float) -> State:
        module, planner = self.module, self.planner
        try:
            answer = planner.writer.ask(plan_request(self.outline, module.labs), seconds)
            # A plan is no unit of its own: what it cost stands with the first of the labs that it is made for.
            planner.records.add_cost(self.job.execution, self.id, spent_on(answer))
            plan = plan_of_answer(answer.text, module.labs)
        except TryLater as error:
            self._note_waiting(str(error))
            metrics.unit_waits(LAB.name, error)
            raise
        except LASTING as error:
            name = type(error).__name__
            current_logger().warning(
                "module=<%d>, error=<%s> | labs are planned by the outline alone", module.number, name
            )
            plan = plan_of_outline(module.labs, f"Module {module.number} is planned by its outline alone: {error}")
        metadata = {"execution": self.job.execution, "fingerprint": module.fingerprint, "source": plan["source"]}
        planner.store.write(module.key, _json(plan), "application/json", metadata)
        return "written"

    def cancel(self) -> None:
        """What is not planned has no record to say so."""

    def _is_due(self, metadata: Mapping[str, str]) -> bool:
        """Whether the stored plan is stale, asked for anew, or makeshift while guides are to be written by it."""
        if is_due(self.job, "", self.module.fingerprint, metadata):
            return True
        is_makeshift = metadata.get("source") == "outline" and metadata.get("execution") != self.job.execution
        return is_makeshift and any(
            lesson_id(lab.module.number, lab.number) not in self.guides for lab in self.module.wanted
        )

    def _note_waiting(self, reason: str) -> None:
        """Say of the labs that wait for this plan why they do."""
        ids = {lab_id(placed) for placed in self.module.wanted}
        for record in self.planner.records.units(self.job.execution):
            if record.id in ids and record.state == "waiting":
                self.planner.records.note(self.job.execution, record.id, "waiting", reason=reason)


def _json(plan: object) -> str:
    return json.dumps(plan, ensure_ascii=False, indent=2)
