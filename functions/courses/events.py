"""What every function of a course's execution is given.

Keys, names and numbers only: lessons, books and uploads stay in the bucket.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from functions.courses.options import RunOptions
from functions.progress.jobs import Job


class CourseEvent(RunOptions):
    """The options of a run, and the course that it makes. `execution` is the execution's name."""

    owner: str
    course_id: str
    execution: str
    outline_key: str


def job_of(course: CourseEvent) -> Job:
    """The execution as what makes units sees it; a course's executions spend on one account."""
    return Job(course["execution"], course["course_id"], course["budget"], course["force"], course["only"] or ())


def log_fields(event: Mapping[str, Any]) -> dict[str, str]:
    """What the lines of a handler of the workflow carry, whose event holds the CourseEvent as "course"."""
    course: CourseEvent = event["course"]
    return {"course_id": course["course_id"], "execution": course["execution"]}
