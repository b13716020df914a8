"""The batches of lessons that an execution writes, and the first record of every unit of it.

A batch whose lessons and images are all up to date is left out: an execution with nothing to do calls no model and
draws nothing.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final, TypedDict

from aurora.runtime.errors import NotFound
from aurora.runtime.objects import ObjectStore, StoredObject
from functions.content.lessons import lesson_units
from functions.courses.chosen import chosen_units
from functions.courses.events import CourseEvent, job_of
from functions.courses.paths import CoursePaths
from functions.courses.progress import CourseProgress
from functions.courses.stored import accepted_outline, is_planned_for, unit_keys
from functions.generation.units import Unit, is_due
from functions.outline.batches import Batch, batches
from functions.outline.model import Outline
from functions.outline.units import LAB, LESSON, SLIDES, UNIT_KINDS, Branch, OutlineUnit, lesson_id
from functions.progress.records import UnitRecord
from functions.text.visuals import prompt_digest

_THREADS: Final = 24


class Expansion(TypedDict):
    """What an execution has to do: batches of lessons, and modules that get slides; `units` is how many it concerns.

    `theory` and `labs` are whether there are lessons and labs among them at all, kept or not.
    """

    batches: list[Batch]
    slides: list[int]
    theory: bool
    labs: bool
    units: int


def expand(course: CourseEvent, store: ObjectStore, records: CourseProgress) -> Expansion:
    """The course's batches; every unit is recorded: as kept where nothing is to be done for it, else as waiting.

    Raises NotFound if the outline is gone, InvalidOutline and BadRequest if it is not what was accepted.
    """
    outline = accepted_outline(course, store)
    units = chosen_units(
        outline, course["content"], slides=course["slides"], modules=course["modules"], only=course["only"]
    )
    lessons = {(unit.module, unit.number) for unit in units if unit.kind == LESSON.name}
    every = batches(outline, course["modules"], course["lessons_per_batch"], lessons) if lessons else []
    kept = _kept(course, outline, every, store)
    branches: list[Branch] = [
        kind.branch for kind in UNIT_KINDS.values() if any(unit.kind == kind.name for unit in units)
    ]
    records.start(
        course["execution"], course["owner"], course["course_id"], branches, [_record(unit, kept) for unit in units]
    )
    return {
        "batches": [batch for batch in every if not _is_kept(batch, kept)],
        "slides": [unit.module for unit in units if unit.kind == SLIDES.name],
        "theory": LESSON.branch in branches,
        "labs": LAB.branch in branches,
        "units": len(units),
    }


def _record(unit: OutlineUnit, kept: Mapping[str, int | None]) -> UnitRecord:
    record = UnitRecord(unit.id, unit.kind, unit.title)
    return replace(record, state="skipped", words=kept[unit.id]) if unit.id in kept else record


def _is_kept(batch: Batch, kept: Mapping[str, int | None]) -> bool:
    return all(lesson_id(batch["module_number"], number) in kept for number in batch["lessons"])


def _kept(course: CourseEvent, outline: Outline, every: Sequence[Batch], store: ObjectStore) -> dict[str, int | None]:
    """The words of each lesson for which nothing is to be done: neither its text nor an image of it."""
    if not every:
        return {}
    paths = CoursePaths(course["owner"], course["course_id"])
    stored = unit_keys(store, paths, LESSON)
    listed = {found.key for prefix in (paths.prompts, paths.images) for found in store.list(prefix)}
    units = [unit for batch in every for unit in lesson_units(course, outline, batch, store, stored)]
    with ThreadPoolExecutor(_THREADS) as threads:
        there = [unit for unit in units if unit.id in stored]
        found = threads.map(lambda unit: _words(course, unit, paths, store, listed), there)
        return {unit.id: words[0] for unit, words in zip(there, found, strict=True) if words}


def _words(
    course: CourseEvent, unit: Unit, paths: CoursePaths, store: ObjectStore, listed: Collection[str]
) -> tuple[int | None] | None:
    """The words of a lesson that needs nothing, None for one that needs something."""
    found = store.head(unit.key)
    if found is None or is_due(job_of(course), unit.id, unit.fingerprint, found.metadata):
        return None
    if not _is_drawn(unit, found, paths, store, listed):
        return None
    return (int(found.metadata.get("words", 0)) or None,)


def _is_drawn(
    unit: Unit, lesson: StoredObject, paths: CoursePaths, store: ObjectStore, listed: Collection[str]
) -> bool:
    """Whether every image that the lesson asks for, as it is now, is there as its prompt asks for it."""
    numbers = LESSON.numbers_of_id(unit.id)
    if numbers is None or paths.prompt(*numbers) not in listed:
        return False
    try:
        content, metadata = store.fetch(paths.prompt(*numbers))
    except NotFound:  # removed since it was listed
        return False
    if not is_planned_for(metadata, lesson):
        return False
    for image in json.loads(content)["images"]:
        key = paths.image(image["id"])
        drawn = store.head(key) if key in listed else None
        if drawn is None or drawn.metadata.get("prompt") != prompt_digest(image["prompt"]):
            return False
    return True
