"""From an outline whose labs are planned to the batches of guides that an execution writes.

Knows neither Lambda nor how guides are written.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypedDict

from aurora.runtime.objects import ObjectStore
from functions.courses.events import CourseEvent, job_of
from functions.courses.paths import CoursePaths
from functions.courses.progress import CourseProgress
from functions.courses.stored import accepted_outline, unit_keys
from functions.generation.texts import TextUnit
from functions.generation.units import stored_state
from functions.labs.units import lab_units, wanted_labs
from functions.outline.batches import LabBatch, lab_batches
from functions.outline.units import LAB
from functions.progress.records import UnitState

_THREADS: Final = 16


class LabExpansion(TypedDict):
    """The batches of guides to write, and how many labs the execution concerns, those that are kept among them."""

    batches: list[LabBatch]
    labs: int


def expand_labs(course: CourseEvent, store: ObjectStore, records: CourseProgress) -> LabExpansion:
    """The batches of labs that are due; each guide that is not is recorded as kept.

    Raises NotFound if the outline is gone, InvalidOutline and BadRequest if it is not what was accepted.
    """
    job = job_of(course)
    outline = accepted_outline(course, store)
    wanted = wanted_labs(outline, course)
    keys = unit_keys(store, CoursePaths(course["owner"], course["course_id"]), LAB)
    stored = set(keys.values())
    states: dict[str, UnitState] = {record.id: record.state for record in records.units(job.execution)}

    def is_kept(unit: TextUnit) -> bool:
        found = store.head(unit.key) if unit.key in stored else None
        return stored_state(job, unit, found, records, states.get(unit.id, "waiting")) is not None

    with ThreadPoolExecutor(_THREADS) as threads:
        kept = list(threads.map(is_kept, lab_units(course, outline, wanted, keys)))
    due = [lab for lab, is_there in zip(wanted, kept, strict=True) if not is_there]
    return {"batches": lab_batches(due, course["labs_per_batch"]), "labs": len(wanted)}
