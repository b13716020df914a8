"""Plans the images of a batch: reads its lessons' visual tags and stores one file of prompts for each lesson."""

from __future__ import annotations

import json
from typing import TypedDict

from aurora.runtime.objects import ObjectStore
from functions.content.lessons import batch_lessons
from functions.courses.events import CourseEvent
from functions.courses.paths import CoursePaths
from functions.courses.stored import planned_for, unit_keys
from functions.outline.batches import Batch
from functions.outline.model import Outline
from functions.outline.units import LESSON, lesson_id
from functions.text.visuals import image_prompts, visual_tags


class Plan(TypedDict):
    """How many images a batch's lessons ask for."""

    images: int


def plan_batch(course: CourseEvent, outline: Outline, batch: Batch, store: ObjectStore) -> Plan:
    """Store the prompts of each lesson of the batch; a lesson that is not there (it failed) has none."""
    paths = CoursePaths(course["owner"], course["course_id"])
    module, lessons = batch_lessons(outline, batch)
    stored = unit_keys(store, paths, LESSON, module.number)
    images = 0
    for lesson in lessons:
        id_ = lesson_id(module.number, lesson.number)
        if id_ not in stored:
            continue
        found = store.head(stored[id_])
        tags = visual_tags(store.read_text(stored[id_]))
        prompts = image_prompts(id_, lesson.title, outline.language, tags)
        body = json.dumps(prompts, ensure_ascii=False, indent=2) + "\n"
        key = paths.prompt(module.number, lesson.number)
        store.write(key, body, "application/json", planned_for(found) if found else None)
        images += len(prompts["images"])
    return {"images": images}
