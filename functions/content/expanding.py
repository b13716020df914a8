"""From an accepted outline to the batches that an execution writes, and the record of every lesson it concerns.

Knows neither Lambda nor how lessons are written.
"""

from __future__ import annotations

from typing import TypedDict

from functions.common.events import CourseEvent
from functions.common.outline import Batch, batches, chosen
from functions.common.records import LessonRecord, LessonRecords
from functions.common.storage import CourseStore
from functions.common.stored import accepted_outline


class Expansion(TypedDict):
    """The batches of an execution, and how many lessons they hold together."""

    batches: list[Batch]
    lessons: int


def expand(course: CourseEvent, store: CourseStore, records: LessonRecords, max_lessons: int) -> Expansion:
    """The course's batches of at most `max_lessons`; every lesson is recorded as waiting.

    Raises NotFound if the outline is gone, InvalidOutline and BadRequest if it is not what was accepted.
    """
    outline = accepted_outline(course, store)
    lessons = [
        LessonRecord(module.number, lesson.number, lesson.title)
        for module in chosen(outline, course["modules"])
        for lesson in module.lessons
    ]
    records.begin(course["execution"], course["owner"], course["course_id"], lessons)
    return {"batches": batches(outline, course["modules"], max_lessons), "lessons": len(lessons)}
