"""From an outline whose labs are planned to the batches of guides that an execution writes.

Knows neither Lambda nor how guides are written.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypedDict

from aurora.runtime.objects import ObjectStore
from functions.courses.events import CourseEvent
from functions.courses.paths import CoursePaths
from functions.courses.progress import CourseProgress
from functions.courses.stored import accepted_outline, unit_keys
from functions.generation.writing import Unit, is_due
from functions.labs.units import lab_units, wanted_labs
from functions.outline.batches import LabBatch, lab_batches
from functions.outline.units import LAB

_THREADS: Final = 16


class LabExpansion(TypedDict):
    """The batches of guides to write, and how many labs the execution concerns, those that are kept among them."""

    batches: list[LabBatch]
    labs: int


def expand_labs(course: CourseEvent, store: ObjectStore, records: CourseProgress) -> LabExpansion:
    """The batches of labs that are due; each guide that is not is noted as kept.

    Raises NotFound if the outline is gone, InvalidOutline and BadRequest if it is not what was accepted.
    """
    execution = course["execution"]
    outline = accepted_outline(course, store)
    wanted = wanted_labs(outline, course)
    keys = unit_keys(store, CoursePaths(course["owner"], course["course_id"]), LAB)
    stored = set(keys.values())
    states = {record.id: record.state for record in records.progress(execution)[1]}

    def settle(unit: Unit) -> bool:
        """Whether the guide need not be written; recorded, if it was not."""
        found = store.head(unit.key) if unit.key in stored else None
        if found is None or is_due(course, unit.id, unit.fingerprint, found.metadata):
            return False
        state = "written" if found.metadata.get("execution") == execution else "skipped"
        if states.get(unit.id) != state:
            records.note(execution, unit.id, state, words=int(found.metadata.get("words", 0)) or None)
        return True

    with ThreadPoolExecutor(_THREADS) as threads:
        settled = list(threads.map(settle, lab_units(course, outline, wanted, keys)))
    due = [lab for lab, is_settled in zip(wanted, settled, strict=True) if not is_settled]
    return {"batches": lab_batches(due, course["labs_per_batch"]), "labs": len(wanted)}
