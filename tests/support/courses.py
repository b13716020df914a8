"""A course's event and options as the workflow and the API know them, with whatever a test wants to be different."""

from __future__ import annotations

from typing import Any, Final

from functions.courses.events import CourseEvent
from functions.courses.options import RunOptions, stored
from functions.courses.paths import CoursePaths
from functions.outline.units import Kind, unit_id
from functions.progress.records import UnitRecord, UnitState

OWNER: Final = "owner-1"
COURSE: Final = "0123456789abcdef0123456789abcdef"
PATHS: Final = CoursePaths(OWNER, COURSE)


def course_event(attempt: int = 1, **changes: Any) -> CourseEvent:
    """The event of a course's attempt to write all its lessons with the sample model, without a limit of costs."""
    event: CourseEvent = {
        "owner": OWNER,
        "course_id": COURSE,
        "execution": f"{COURSE}-{attempt}",
        "outline_key": PATHS.outline("f" * 32),
        "content": "theory",
        "slides": False,
        "modules": None,
        "only": None,
        "force": False,
        "language": "",
        "lesson_model": "sample",
        "plan_model": "sample",
        "lab_model": "sample",
        "image_model": "sample",
        "words_per_minute": 45,
        "min_words": 400,
        "max_words": 5000,
        "lessons_per_batch": 3,
        "labs_per_batch": 2,
        "max_concurrency": 2,
        "budget": 0,
    }
    unknown = set(changes) - set(event)
    assert not unknown, f"no fields of a course's event: {unknown}"
    return CourseEvent(**{**event, **changes})


def run_options(**changes: Any) -> RunOptions:
    """The options that `course_event` comes from."""
    return stored(course_event(**changes))


def course_unit(
    kind: Kind, module: int, number: int, title: str, state: UnitState = "waiting", **more: Any
) -> UnitRecord:
    """The record of a unit as an execution came to it."""
    return UnitRecord(unit_id(kind, module, number), kind, title, state, **more)
