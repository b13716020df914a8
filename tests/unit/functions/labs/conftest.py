"""A course with labs in the embedded AWS, and a model that fails as it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from aurora.runtime.errors import AuroraError
from aurora.runtime.objects import ObjectStore
from functions.courses.events import CourseEvent, job_of
from functions.courses.progress import CourseProgress
from functions.courses.stored import accepted_outline
from functions.generation.budget import Budget
from functions.generation.texts import TextWriter
from functions.generation.units import UnitMaker
from functions.labs.due_labs import LabExpansion, expand_labs
from functions.labs.guide_book import LabBookCount, build_lab_book
from functions.labs.preparation import Planner
from functions.labs.units import batch_units
from functions.models import LabBrief, LabPlanBrief, TextAnswer, TextRequest
from functions.models.sample import SampleModel
from functions.outline.batches import LabBatch
from functions.outline.model import Outline
from functions.outline.selection import labs
from functions.progress.counts import BatchResult, Count
from functions.progress.records import UnitRecord
from tests.support.courses import COURSE, OWNER, course_event, course_unit

OUTLINE = """\
title: Soil
language: en
learning_outcomes: [Tell soils apart]
modules:
- title: Kinds
  lessons:
  - title: Clay
    lab_activities:
    - {title: Roll it, duration_minutes: 20, activities: [Wet it, Roll it], objectives: [Recognise clay]}
  - {title: Sand, lab_activities: [Let it drain]}
  labs: [Compare them]
- title: Care
  lessons:
  - {title: Water, lab_activities: [Water a bed]}
"""


@dataclass
class Model:
    """Writes what the sample model does, but for a module (its number) or a lab (its title) the text or error given."""

    instead: dict[object, str | AuroraError] = field(default_factory=dict[object, str | AuroraError])
    asked: list[TextRequest] = field(default_factory=list[TextRequest])
    cost: int = 0
    passes: float = 0.0
    now: float = 0.0
    meanwhile: Callable[[], object] = lambda: None

    def write(self, request: TextRequest, seconds: float) -> TextAnswer:
        self.asked.append(request)
        self.now += self.passes
        self.meanwhile()
        brief = request.brief
        planned = self.instead.get(brief.module_number if isinstance(brief, LabPlanBrief) else _title(request))
        if isinstance(planned, AuroraError):
            raise planned
        text = planned if planned is not None else SampleModel().write(request, seconds).text
        return TextAnswer(text, 100, 10, "modèle", self.cost)

    def max_cost(self, request: TextRequest) -> int:
        return self.cost

    @property
    def written(self) -> list[str]:
        """What it was asked for: titles of labs, and the names of modules that were planned."""
        return [_title(request) for request in self.asked]


def _title(request: TextRequest) -> str:
    brief = request.brief
    return brief.lab_title if isinstance(brief, LabBrief) else f"plan {brief.module_number}"


@dataclass(frozen=True)
class Workshop:
    """One course, and what its workflow does, in the order of the states."""

    store: ObjectStore
    records: CourseProgress

    def begin(self, attempt: int = 1, text: str = OUTLINE, **changes: Any) -> CourseEvent:
        """An attempt whose units are recorded."""
        course = course_event(attempt, content="labs", **changes)
        self.store.write(course["outline_key"], text, "application/yaml")
        units = [
            course_unit("lab", placed.module.number, placed.number, placed.lab.title)
            for placed in labs(self.outline(course), course["modules"])
            if course["only"] is None or f"lab-{placed.module.number:02d}-{placed.number:02d}" in course["only"]
        ]
        self.records.start(course["execution"], OWNER, COURSE, ("labs",), units)
        return course

    def outline(self, course: CourseEvent) -> Outline:
        return accepted_outline(course, self.store)

    def plan(self, course: CourseEvent, model: Model, left: Callable[[], float] = lambda: 450.0) -> Count:
        planner = Planner(self.store, self.records, self.writer(course, model), left, 100.0, clock=lambda: model.now)
        return planner.plan(course, self.outline(course))

    def writer(self, course: CourseEvent, model: Model) -> TextWriter:
        return TextWriter(model, Budget(job_of(course), self.records))

    def expand(self, course: CourseEvent) -> LabExpansion:
        return expand_labs(course, self.store, self.records)

    def write(self, course: CourseEvent, model: Model, batch: LabBatch) -> Count:
        maker = UnitMaker(job_of(course), self.store, self.records, lambda: 450.0, 100.0, clock=lambda: model.now)
        return maker.make_all(batch_units(course, batch, self.store), self.writer(course, model).write)

    def build(self, course: CourseEvent, *results: BatchResult) -> LabBookCount:
        return build_lab_book(course, results, self.store, self.records)

    def generate(self, course: CourseEvent, model: Model) -> None:
        """All of the branch but the book, without a fault that ends a batch."""
        self.plan(course, model)
        for batch in self.expand(course)["batches"]:
            self.write(course, model, batch)

    def run(self, course: CourseEvent, model: Model) -> LabBookCount:
        """The whole branch."""
        self.generate(course, model)
        return self.build(course)

    def states(self, course: CourseEvent) -> dict[str, str]:
        return {unit.id: unit.state for unit in self.units(course)}

    def units(self, course: CourseEvent) -> list[UnitRecord]:
        return self.records.progress(course["execution"])[1]


@pytest.fixture
def workshop(bucket: str, progress_table: str) -> Workshop:
    return Workshop(ObjectStore(bucket), CourseProgress(progress_table))
