"""What every function of a course's execution is told.

Keys, names and numbers only: lessons, books and uploads stay in the bucket.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

Content = Literal["theory", "labs", "both", "slides"]
"""What an execution makes: lessons and their book, lab guides and their book, both, or slides of what is written."""


class CourseEvent(TypedDict):
    """What every function of an execution is told. `execution` is the execution's name.

    `modules` None means all; `only` names units ("03-02", "lab-03-01") that alone are made, and made again. `language`
    is the one to write in, "" for the outline's own. Word targets are words, `budget` is in millionths of a US dollar
    (0: no limit).
    """

    owner: str
    course_id: str
    execution: str
    outline_key: str
    content: Content
    slides: bool
    modules: list[int] | None
    only: list[str] | None
    force: bool
    language: str
    lesson_model: str
    plan_model: str
    lab_model: str
    image_model: str
    words_per_minute: int
    min_words: int
    max_words: int
    lessons_per_batch: int
    labs_per_batch: int
    max_concurrency: int
    budget: int


def log_fields(event: Mapping[str, Any]) -> dict[str, str]:
    """What the lines of a handler of the workflow carry, whose event holds the CourseEvent as "course"."""
    course: CourseEvent = event["course"]
    return {"course_id": course["course_id"], "execution": course["execution"]}
