"""From what a course's store holds to its book of labs in every format, and the record of labs that nobody finished.

Knows the store and the records by their interfaces only, and nothing of Lambda.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, TypedDict

from aurora.runtime.errors import NotFound
from aurora.runtime.objects import ObjectStore
from functions.book.model import assemble_labs
from functions.book.publishing import book_digest, is_published, publish
from functions.courses.events import CourseEvent
from functions.courses.paths import CoursePaths
from functions.courses.progress import CourseProgress
from functions.courses.stored import accepted_outline, stored_texts, unit_keys
from functions.courses.unfinished import close_unfinished
from functions.outline.model import Outline
from functions.outline.selection import PlacedLab, labs
from functions.outline.units import LAB, lesson_id
from functions.progress.counts import BatchResult


class LabBookCount(TypedDict):
    """Labs of the book without a guide, and labs with one."""

    missing: int
    labs: int


def build_lab_book(
    course: CourseEvent, batches: Iterable[BatchResult], store: ObjectStore, records: CourseProgress
) -> LabBookCount:
    """Write the book of labs in all formats; note every lab that no batch finished as failed, and the branch as done.

    Raises NotFound if the outline is gone, InvalidOutline if it is not what was accepted.
    """
    execution = course["execution"]
    records.set_step(execution, LAB.branch, "building")
    paths = CoursePaths(course["owner"], course["course_id"])
    outline = accepted_outline(course, store)
    keys = unit_keys(store, paths, LAB)
    reasons = close_unfinished(records, execution, LAB, batches, keys)
    shown = _shown(course, outline, keys)
    tags = {found.key: found.etag for found in store.list(paths.units(LAB))}
    source = book_digest("labs", asdict(outline), course["modules"], reasons, tags)
    if not is_published(paths.lab_book, store, source):
        texts = stored_texts(store, keys)
        publish(assemble_labs(outline, shown, texts, reasons, _plan(store, paths)), paths.lab_book, store, source)
    records.set_step(execution, LAB.branch, "done")
    there = sum(lesson_id(lab.module.number, lab.number) in keys for lab in shown)
    return {"missing": len(shown) - there, "labs": there}


def _shown(course: CourseEvent, outline: Outline, keys: Mapping[str, str]) -> list[PlacedLab]:
    """The labs of the requested modules, and of every module of which a guide exists."""
    begun = {int(numbers.partition("-")[0]) for numbers in keys}
    modules = course["modules"]
    return [lab for lab in labs(outline) if modules is None or lab.module.number in {*modules, *begun}]


def _plan(store: ObjectStore, paths: CoursePaths) -> Mapping[str, Any] | None:
    try:
        return json.loads(store.read(paths.lab_master_plan))
    except NotFound:
        return None
