"""The progress of a course's execution: beside its units, where each of its branches stands and how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from functions.outline.units import Branch, unit_of
from functions.progress.records import Outcome, UnitRecord, UnitRecords

Step = Literal["planning", "writing", "validating", "building", "done"]


def place_of(unit: UnitRecord) -> tuple[int, int]:
    """The module that a unit belongs to and its number there, 0 for slides."""
    found = unit_of(unit.id)
    if found is None:
        raise ValueError(f"{unit.id!r} is no unit of a course")
    return found[1], found[2]


@dataclass(frozen=True)
class ExecutionRecord:
    """One execution as a whole, from its expansion on: where each of its branches stands, and whose it is.

    `outcome` is None until it has ended; `images_missing` is how many figures of the book have no image, 0 until the
    book is built, and `images_problem` why the last one that failed did; `problems` says in plain words what went wrong
    beside units; `cancelled` is that somebody asked for it to end.
    """

    owner: str
    course_id: str
    total: int
    steps: Mapping[Branch, Step]
    outcome: Outcome | None = None
    images_missing: int = 0
    images_problem: str = ""
    problems: tuple[str, ...] = ()
    cancelled: bool = False


class CourseProgress(UnitRecords):
    """The table of progress, as functions of courses use it. Costs of a course are counted under its id."""

    def start(
        self, execution: str, owner: str, course_id: str, branches: Iterable[Branch], units: Sequence[UnitRecord]
    ) -> None:
        """Record that an execution concerns `units`, all of them as they are given, and that its branches begin."""
        steps = dict.fromkeys(branches, "planning")
        self.begin(execution, units, {"owner": owner, "course_id": course_id, "steps": steps})

    def set_step(self, execution: str, branch: Branch, step: Step) -> None:
        """Note which step a branch of an execution is at."""
        self._set(execution, "steps.#branch = :step", {"#branch": branch}, {":step": step})

    def progress(self, execution: str) -> tuple[ExecutionRecord | None, list[UnitRecord]]:
        """The execution's record (None before it is expanded) and its units: lessons, labs, slides, each in the order
        of the course."""
        item, units = self._read(execution)
        if item is None:
            return None, units
        record = ExecutionRecord(
            owner=item["owner"],
            course_id=item["course_id"],
            total=item["total"],
            steps=item["steps"],
            outcome=item.get("outcome"),
            images_missing=item.get("images_missing", 0),
            images_problem=item.get("images_problem", ""),
            problems=tuple(item.get("problems", ())),
            cancelled=item.get("cancelled", False),
        )
        return record, units

    def note_images(self, execution: str, missing: int) -> None:
        """Note how many figures of the book have no image."""
        self._set(execution, "images_missing = :missing", {}, {":missing": missing})

    def note_images_problem(self, execution: str, problem: str) -> None:
        """Note, as a sentence, why an image could not be drawn; the last one stays."""
        self._set(execution, "images_problem = :problem", {}, {":problem": problem})
