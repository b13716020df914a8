"""What of a course is stored: the outline that was accepted, and which lessons and labs, under which key."""

from __future__ import annotations

import functools
import re
from dataclasses import replace

from functions.common.events import CourseEvent
from functions.common.outline import MAX_OUTLINE_BYTES, Outline, parse
from functions.common.records import lesson_id
from functions.common.storage import CoursePaths, CourseStore

_LESSON = re.compile(r"module-(\d{2,3})-lesson-(\d{2,3})-[^/]*\.md")
_LAB = re.compile(r"module-(\d{2,3})-lab-(\d{2,3})-[^/]*\.md")


def accepted_outline(course: CourseEvent, store: CourseStore) -> Outline:
    """The outline of an execution, in the language that it asks for.

    Raises NotFound if it is gone, InvalidOutline if it is not what was accepted.
    """
    outline = _parsed(store.read(course["outline_key"], MAX_OUTLINE_BYTES))
    return replace(outline, language=course["language"]) if course["language"] else outline


# A function meets the same outline at every batch of a course, and a large one takes long to parse.
_parsed = functools.lru_cache(maxsize=4)(parse)


def lesson_keys(store: CourseStore, paths: CoursePaths, module: int | None = None) -> dict[str, str]:
    """The keys of the stored lessons, or of one module alone, by lesson id ("MM-LL"), whatever their titles are now."""
    return _keys(store, paths.lessons, _LESSON, module)


def lab_keys(store: CourseStore, paths: CoursePaths, module: int | None = None) -> dict[str, str]:
    """The keys of the stored lab guides, or of one module's, by their numbers ("MM-NN")."""
    return _keys(store, paths.labs, _LAB, module)


def _keys(store: CourseStore, prefix: str, name: re.Pattern[str], module: int | None) -> dict[str, str]:
    listed = store.list(prefix if module is None else f"{prefix}module-{module:02d}-")
    matches = ((found.key, name.fullmatch(found.key.removeprefix(prefix))) for found in listed)
    return {lesson_id(int(match[1]), int(match[2])): key for key, match in matches if match}
