"""Which lessons of a course are stored, and under which key. Knows the names of lesson objects, not their text."""

from __future__ import annotations

import re

from functions.common.records import lesson_id
from functions.common.storage import CoursePaths, CourseStore

_NAME = re.compile(r"module-(\d{2})-lesson-(\d{2})-[^/]*\.md")


def lesson_keys(store: CourseStore, paths: CoursePaths) -> dict[str, str]:
    """The keys of all stored lessons by lesson id ("MM-LL"), whatever title their names were made from."""
    keys: dict[str, str] = {}
    for found in store.list(paths.lessons):
        if match := _NAME.fullmatch(found.key.removeprefix(paths.lessons)):
            keys[lesson_id(int(match[1]), int(match[2]))] = found.key
    return keys
