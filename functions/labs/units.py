"""The labs that an execution concerns, and each as a unit to write: where it lies and what makes it stale.

Knows the outline, the store and the form of the plan, and nothing of Lambda nor of how units are written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import partial

from aurora.runtime.errors import NotFound
from aurora.runtime.objects import ObjectStore
from functions.courses.events import CourseEvent
from functions.courses.paths import CoursePaths
from functions.courses.stored import accepted_outline, unit_keys
from functions.generation.texts import TextUnit
from functions.labs.master_plan import ModulePlan, PlannedLab, lab_id
from functions.labs.prompting import lab_brief, lab_fingerprint, lab_request
from functions.outline.batches import LabBatch
from functions.outline.model import Outline
from functions.outline.selection import PlacedLab, labs
from functions.outline.units import LAB, lesson_id
from functions.text.markup import lines
from functions.text.tidy import tidy_lesson
from functions.text.visuals import TAG


def wanted_labs(outline: Outline, course: CourseEvent) -> list[PlacedLab]:
    """The labs of the modules that an execution concerns, or those alone that it names."""
    only = course["only"]
    placed = labs(outline, course["modules"])
    return placed if only is None else [lab for lab in placed if lab_id(lab) in only]


def batch_units(course: CourseEvent, batch: LabBatch, store: ObjectStore) -> list[TextUnit]:
    """The labs of a batch, as their module's plan has them; a lab without a plan is written from the outline alone.

    Raises NotFound if the outline is gone, InvalidOutline if it is not what was accepted.
    """
    outline = accepted_outline(course, store)
    paths = CoursePaths(course["owner"], course["course_id"])
    placed = [lab for lab in labs(outline, [batch["module_number"]]) if lab.number in batch["labs"]]
    try:
        plan: ModulePlan | None = json.loads(store.read(paths.lab_plan(batch["module_number"])))
    except NotFound:  # nothing was planned any more once the execution was cancelled
        plan = None
    return lab_units(course, outline, placed, unit_keys(store, paths, LAB, batch["module_number"]), plan)


def lab_units(
    course: CourseEvent,
    outline: Outline,
    placed: Iterable[PlacedLab],
    stored: Mapping[str, str],
    plan: ModulePlan | None = None,
) -> list[TextUnit]:
    """These labs as units; `stored` holds the keys of the guides that are stored, by their numbers ("MM-NN")."""
    paths = CoursePaths(course["owner"], course["course_id"])
    planned = {lab["id"]: lab for lab in plan["labs"]} if plan else {}
    return [_unit(outline, lab, paths, stored, planned.get(lab_id(lab))) for lab in placed]


def tidy_guide(answer: str, title: str, numbers: str) -> str:
    """`answer` as a guide: no fence around the whole, `# title` first, other headings below it, and no visual tags.

    `numbers` are the lab's ("MM-NN"). Code blocks stay as they are.
    """
    kept: list[str] = []
    for line in lines(tidy_lesson(answer, title, numbers)):
        text = line.text if line.is_code else TAG.sub("", line.text)
        if text.strip() or not line.text.strip():
            kept.append(text)
    return "\n".join(kept)


def _unit(
    outline: Outline, placed: PlacedLab, paths: CoursePaths, stored: Mapping[str, str], planned: PlannedLab | None
) -> TextUnit:
    module, number, title = placed.module.number, placed.number, placed.lab.title
    numbers = lesson_id(module, number)
    brief = lab_brief(outline, placed, planned)
    return TextUnit(
        id=lab_id(placed),
        kind=LAB.name,
        # A guide that exists keeps its key though its title may have changed: it is never there twice.
        key=stored.get(numbers) or paths.unit(LAB, module, number, title),
        fingerprint=lab_fingerprint(outline, placed),
        words=brief.word_target,
        request=partial(lab_request, brief),
        tidy=partial(tidy_guide, title=title, numbers=numbers),
    )
