"""The data that travels between the states of a course's workflow, as far as more than one function knows it.

Keys and numbers only: lessons, books and uploads stay in the bucket.
"""

from __future__ import annotations

from typing import TypedDict


class CourseEvent(TypedDict):
    """What every function of an execution is told. `execution` is the execution's name, `modules` None means all."""

    owner: str
    course_id: str
    execution: str
    outline_key: str
    model: str
    force: bool
    modules: list[int] | None
