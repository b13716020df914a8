"""CoursesApi: a caller's own courses, their files, and the progress of their executions. Imports nothing heavy.

Everything is read through the caller's own record of the course, so that another user's course is simply not found.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aurora.runtime.api import Api
from aurora.runtime.errors import NotFound
from aurora.runtime.executions import Executions
from aurora.runtime.objects import CONTENT_TYPES, ObjectStore, StoredObject
from functions.course_api.settings import CoursesApiSettings
from functions.courses.executions import course_of
from functions.courses.options import OPTIONS, RunOptions, field_name
from functions.courses.paths import CoursePaths, is_id
from functions.courses.progress import CourseProgress, place_of
from functions.courses.records import CourseRecord, CourseRecords
from functions.courses.status import Progress, latest_state, progress
from functions.outline.units import LAB, SLIDES, UNIT_KINDS, lesson_id, unit_of
from functions.progress.money import MICRO
from functions.progress.records import Outcome, UnitRecord
from functions.text.words import count_words

api = Api("courses-api")


@dataclass(frozen=True)
class _Parts:
    """What the routes work with; made for each request, which costs little: clients are shared."""

    store: ObjectStore
    courses: CourseRecords
    progress: CourseProgress
    executions: Executions


def _parts() -> _Parts:
    settings = CoursesApiSettings.read()
    return _Parts(
        ObjectStore(settings.bucket),
        CourseRecords(settings.courses_table),
        CourseProgress(settings.progress_table),
        Executions(settings.state_machine_arn),
    )


@api.routes.get("/courses")
def list_courses() -> dict[str, Any]:
    """The caller's courses, newest first."""
    parts = _parts()
    courses = parts.courses.of_owner(api.caller())
    finished = parts.progress.finished([course.execution for course in courses])
    spent = parts.progress.spent_of([course.course_id for course in courses])
    return {
        "courses": [
            _course_view(parts, course, finished.get(course.execution), spent.get(course.course_id, 0))
            for course in courses
        ]
    }


@api.routes.get("/courses/<course_id>")
def get_course(course_id: str) -> dict[str, Any]:
    """One course, with an address to download each of its files from."""
    parts = _parts()
    course = _own_course(parts, course_id)
    finished = parts.progress.finished([course.execution])
    view = _course_view(parts, course, finished.get(course.execution), parts.progress.spent(course_id))
    return {**view, "files": list(_files(parts.store, course))}


@api.routes.get("/courses/<course_id>/units/<id_>")
def get_unit(course_id: str, id_: str) -> dict[str, Any]:
    """One lesson or lab guide, to be read in the page."""
    # Loaded by the first that is read and not before: the API's other requests need no Markdown and answer sooner.
    from functions.courses.stored import unit_keys
    from functions.text.fragment import unit_html

    parts = _parts()
    course = _own_course(parts, course_id)
    paths = CoursePaths(course.owner, course_id)
    kind, module, number = unit_of(id_) or (SLIDES.name, 0, 0)
    text = UNIT_KINDS[kind] if kind != SLIDES.name else None
    key = unit_keys(parts.store, paths, text, module).get(lesson_id(module, number)) if text else None
    if key is None:
        raise NotFound("Lesson or lab not found.")
    markdown = parts.store.read_text(key)
    drawn = {found.key for found in parts.store.list(paths.images_of(module, number))}

    def image(image_id: str) -> str | None:
        key = paths.image(image_id)
        return parts.store.download_url(key, f"{image_id}.png", "image/png") if key in drawn else None

    return {
        "id": id_,
        "title": next((line[2:] for line in markdown.splitlines() if line.startswith("# ")), ""),
        "language": course.language,
        "words": count_words(markdown),
        "html": unit_html(markdown, course.language, image),
    }


@api.routes.get("/executions/<execution_id>")
def get_execution(execution_id: str) -> dict[str, Any]:
    """The progress of an execution of one of the caller's courses, unit by unit."""
    parts = _parts()
    course = _own_course(parts, course_of(execution_id))
    attempt = int(execution_id.rpartition("-")[2])
    state = parts.executions.state(execution_id) if attempt <= course.attempt else None
    if attempt == course.attempt:
        state = latest_state(course, state, time.time())
    if state is None:
        raise NotFound("Execution not found, or its record has expired.")
    run, units = parts.progress.progress(execution_id)
    seen = progress(state, run, units, course.units)
    return _progress_view(execution_id, course, seen, parts.progress.spent(course.course_id))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer an HTTP API event (payload format 2.0)."""
    return api.handle(event, context)


def _own_course(parts: _Parts, course_id: str) -> CourseRecord:
    course = parts.courses.get(api.caller(), course_id) if is_id(course_id) else None
    if course is None:
        raise NotFound("Course not found.")
    return course


def _course_view(parts: _Parts, course: CourseRecord, outcome: Outcome | None, spent: int) -> dict[str, Any]:
    """A course as the API shows it; `outcome` is known once the latest execution has ended.

    The status is null once nobody knows any more how the latest execution ended.
    """
    if outcome is not None:
        status = "FAILED" if outcome == "failed" else "SUCCEEDED"
    else:
        state = latest_state(course, parts.executions.state(course.execution), time.time())
        status = state.status if state else None
        if status not in (None, "RUNNING", "SUCCEEDED"):
            outcome = "failed"
    return {
        "courseId": course.course_id,
        "title": course.title,
        "language": course.language,
        "createdAt": course.created_at,
        "modules": course.modules,
        "lessons": course.lessons,
        "labs": course.labs,
        "executionId": course.execution,
        "status": status,
        "outcome": outcome,
        "spent": spent / MICRO,
        "request": _request_view(course.whole or course.request),
    }


def _request_view(options: RunOptions) -> dict[str, Any]:
    """What was asked for, in the words of a request, so that it can be asked for again."""
    return {field_name(name): OPTIONS[name].shown(value) for name, value in options.items()}


def _files(store: ObjectStore, course: CourseRecord) -> Iterator[dict[str, Any]]:
    """The books in their formats, every lesson, lab and deck, and the archive of all of it, as far as they exist."""
    # Loaded by the first course that is opened: the API's other requests need no outline and answer sooner.
    from functions.courses.shown_names import ShownNames

    paths = CoursePaths(course.owner, course.course_id)
    names = ShownNames.of(store, course.outline_key)
    kinds = UNIT_KINDS.values()
    for prefix, folder in ((paths.books, ""), *((paths.units(kind), kind.folder) for kind in kinds)):
        for item in store.list(prefix):
            name = names.shown(folder + item.key.removeprefix(prefix))
            content_type = CONTENT_TYPES.get(item.key.rpartition(".")[2])
            if name and content_type and not name.startswith(f"{LAB.folder}plan-module-"):
                yield _file(store, item, name, content_type)
    archive = store.head(paths.archive)
    if archive:
        yield _file(store, archive, "course.zip", "application/zip")


def _file(store: ObjectStore, item: StoredObject, name: str, content_type: str) -> dict[str, Any]:
    url = store.download_url(item.key, name.rpartition("/")[2], content_type)
    return {"name": name, "bytes": item.size, "url": url, "contentType": content_type}


def _progress_view(execution_id: str, course: CourseRecord, seen: Progress, spent: int) -> dict[str, Any]:
    units = seen.units
    view = {
        "executionId": execution_id,
        "courseId": course.course_id,
        "status": seen.status,
        "outcome": seen.outcome,
        "content": course.request["content"],
        "steps": dict(seen.steps),
        "step": seen.step,
        "percent": seen.percent,
        "total": seen.total,
        "done": seen.done,
        "cancelling": seen.cancelling,
        "cost": sum(unit.cost for unit in units) / MICRO,
        "budget": course.request["budget"] / MICRO,
        "spent": spent / MICRO,
        "inputTokens": sum(unit.input_tokens for unit in units),
        "outputTokens": sum(unit.output_tokens for unit in units),
        "retries": sum(unit.retries for unit in units),
        "units": [_unit_view(unit) for unit in units],
        "problems": list(seen.problems),
    }
    return {**view, "error": seen.error} if seen.error else view


def _unit_view(unit: UnitRecord) -> dict[str, Any]:
    module, number = place_of(unit)
    view = {field_name(name): value for name, value in vars(unit).items() if value is not None}
    return {**view, "module": module, "number": number, "cost": unit.cost / MICRO}
