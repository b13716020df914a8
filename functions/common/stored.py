"""What of a course is stored: the outline that was accepted, and which lessons, under which key."""

from __future__ import annotations

import re

from functions.common.events import CourseEvent
from functions.common.outline import MAX_OUTLINE_BYTES, Outline, parse
from functions.common.records import lesson_id
from functions.common.storage import CoursePaths, CourseStore

_NAME = re.compile(r"module-(\d{2})-lesson-(\d{2})-[^/]*\.md")


def accepted_outline(course: CourseEvent, store: CourseStore) -> Outline:
    """The outline of an execution. Raises NotFound if it is gone, InvalidOutline if it is not what was accepted."""
    return parse(store.read(course["outline_key"], MAX_OUTLINE_BYTES))


def lesson_keys(store: CourseStore, paths: CoursePaths) -> dict[str, str]:
    """The keys of all stored lessons by lesson id ("MM-LL"), whatever title their names were made from."""
    keys: dict[str, str] = {}
    for found in store.list(paths.lessons):
        if match := _NAME.fullmatch(found.key.removeprefix(paths.lessons)):
            keys[lesson_id(int(match[1]), int(match[2]))] = found.key
    return keys
