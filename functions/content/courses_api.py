"""CoursesApi: a caller's own courses, their files, and the progress of their executions. Imports nothing heavy.

Everything is read through the caller's own record of the course, so another's course is as absent as one that is not.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from functions.common.api import Api
from functions.common.errors import NotFound
from functions.common.records import CourseRecord, CourseRecords, LessonRecord, LessonRecords, execution_name
from functions.common.storage import CoursePaths, CourseStore, is_id
from functions.content.executions import Executions
from functions.content.progress import Progress, latest_state, progress
from functions.content.settings import CoursesApiSettings

api = Api("courses-api")

_EXECUTION: Final = re.compile(r"([0-9a-f]{32})-([1-9][0-9]{0,8})")
_CONTENT_TYPES: Final = {
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}


@dataclass(frozen=True)
class _Parts:
    """What the routes work with; made for each request, which costs little: clients are shared."""

    store: CourseStore
    courses: CourseRecords
    lessons: LessonRecords
    executions: Executions


def _parts() -> _Parts:
    settings = CoursesApiSettings.read()
    return _Parts(
        CourseStore(settings.bucket),
        CourseRecords(settings.courses_table),
        LessonRecords(settings.lessons_table),
        Executions(settings.state_machine_arn),
    )


@api.routes.get("/courses")
def list_courses() -> dict[str, Any]:
    """The caller's courses, newest first."""
    parts = _parts()
    courses = parts.courses.of_owner(api.caller())
    finished = parts.lessons.finished([course.execution for course in courses])
    return {"courses": [_course_view(parts, course, finished.get(course.execution)) for course in courses]}


@api.routes.get("/courses/<course_id>")
def get_course(course_id: str) -> dict[str, Any]:
    """One course, with an address to download each of its files from."""
    parts = _parts()
    course = _own_course(parts, course_id)
    finished = parts.lessons.finished([course.execution])
    files = _files(parts.store, CoursePaths(course.owner, course_id))
    return {**_course_view(parts, course, finished.get(course.execution)), "files": list(files)}


@api.routes.get("/executions/<execution_id>")
def get_execution(execution_id: str) -> dict[str, Any]:
    """The progress of an execution of one of the caller's courses, lesson by lesson."""
    parts = _parts()
    found = _EXECUTION.fullmatch(execution_id)
    course_id, attempt = (found[1], int(found[2])) if found else ("", 0)
    course = _own_course(parts, course_id)
    state = parts.executions.state(execution_id) if attempt <= course.attempt else None
    if attempt == course.attempt:
        state = latest_state(course, state, time.time())
    if state is None:
        raise NotFound("There is no such execution, or its record is no longer kept.")
    run, lessons = parts.lessons.progress(execution_name(course_id, attempt))
    return _progress_view(execution_id, course_id, progress(state, run, lessons, course.request.lessons))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer an HTTP API event (payload format 2.0)."""
    return api.handle(event, context)


def _own_course(parts: _Parts, course_id: str) -> CourseRecord:
    course = parts.courses.get(api.caller(), course_id) if is_id(course_id) else None
    if course is None:
        raise NotFound("There is no such course.")
    return course


def _course_view(parts: _Parts, course: CourseRecord, missing: int | None) -> dict[str, Any]:
    """A course as the API shows it. What is `missing` is counted once the book is built (None: it is not).

    The status is null once nobody knows any more how the latest execution ended.
    """
    outcome = None
    if missing is not None:
        status, outcome = "SUCCEEDED", "incomplete" if missing else "complete"
    else:
        state = latest_state(course, parts.executions.state(course.execution), time.time())
        status = state.status if state else None
        if status not in (None, "RUNNING", "SUCCEEDED"):
            outcome = "failed"
    request = course.request
    return {
        "courseId": course.course_id,
        "title": course.title,
        "language": course.language,
        "createdAt": course.created_at,
        "modules": course.modules,
        "lessons": course.lessons,
        "executionId": course.execution,
        "status": status,
        "outcome": outcome,
        "request": {"modules": request.modules, "force": request.force, "model": request.model},
    }


def _files(store: CourseStore, paths: CoursePaths) -> Iterator[dict[str, Any]]:
    """The book in its formats and every lesson, as far as they exist."""
    for prefix, shown in ((paths.books, ""), (paths.lessons, "lessons/")):
        for item in store.list(prefix):
            name = item.key.removeprefix(prefix)
            content_type = _CONTENT_TYPES.get(name.rpartition(".")[2])
            if content_type:
                url = store.download_url(item.key, name, content_type)
                yield {"name": shown + name, "bytes": item.size, "url": url, "contentType": content_type}


def _progress_view(execution_id: str, course_id: str, seen: Progress) -> dict[str, Any]:
    view = {
        "executionId": execution_id,
        "courseId": course_id,
        "status": seen.status,
        "outcome": seen.outcome,
        "step": seen.step,
        "percent": seen.percent,
        "total": seen.total,
        "done": seen.done,
        "lessons": [_lesson_view(lesson) for lesson in seen.lessons],
    }
    return {**view, "error": seen.error} if seen.error else view


def _lesson_view(lesson: LessonRecord) -> dict[str, Any]:
    view = {"id": lesson.id, **vars(lesson)}
    return {name: value for name, value in view.items() if value is not None}
