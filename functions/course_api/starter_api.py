"""StarterApi: upload forms for outlines, and the start and end of executions. Imports nothing heavy."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from aurora.runtime.api import Api
from aurora.runtime.errors import Conflict, NotFound, Throttled
from aurora.runtime.executions import Executions
from aurora.runtime.objects import ObjectStore
from functions.course_api.requests import only_known, run_options, text
from functions.course_api.settings import StarterApiSettings
from functions.course_api.starting import Starter, StartRequest
from functions.courses.executions import course_of
from functions.courses.paths import CoursePaths, is_id, new_id
from functions.courses.progress import CourseProgress
from functions.courses.records import CourseRecords
from functions.outline.limits import MAX_OUTLINE_BYTES

api = Api("starter-api")


@dataclass(frozen=True)
class _Parts:
    """What the routes work with; made for each request, which costs little: clients are shared."""

    settings: StarterApiSettings
    store: ObjectStore
    courses: CourseRecords
    progress: CourseProgress
    starter: Starter


def _parts() -> _Parts:
    settings = StarterApiSettings.read()
    store, courses = ObjectStore(settings.bucket), CourseRecords(settings.courses_table)
    progress = CourseProgress(settings.progress_table)
    starter = Starter(store, courses, progress, Executions(settings.state_machine_arn))
    return _Parts(settings, store, courses, progress, starter)


@api.routes.post("/courses")
def create_upload() -> tuple[dict[str, Any], int]:
    """A form to upload an outline with: of a new course, or of one that exists. Nothing is recorded yet."""
    owner, body = api.caller(), api.body()
    only_known(body, ("filename", "courseId"))
    parts = _parts()
    course_id = text(body, "courseId")
    if course_id is None:
        course_id = new_id()
    elif not is_id(course_id) or parts.courses.get(owner, course_id) is None:
        raise NotFound("Course not found.")
    upload_id = new_id()
    key = CoursePaths(owner, course_id).outline(upload_id)
    form = parts.store.upload_form(key, MAX_OUTLINE_BYTES, "application/yaml")
    about = {"course_id": course_id}
    api.logger.info("file=<%s> | upload form made", text(body, "filename") or "", extra=about)
    return {"courseId": course_id, "uploadId": upload_id, "upload": form, "maxBytes": MAX_OUTLINE_BYTES}, 201


@api.routes.post("/courses/<course_id>/executions")
def start_execution(course_id: str) -> tuple[dict[str, Any], int]:
    """Start the course's execution from an uploaded outline, or join the one that runs."""
    owner, body = api.caller(), api.body()
    parts = _parts()
    defaults, limits = json.loads(parts.settings.run_defaults), json.loads(parts.settings.run_limits)
    options = run_options(body, defaults, limits)
    started = parts.starter.start(StartRequest(owner, course_id, text(body, "uploadId"), options))
    api.logger.info(
        "execution=<%s>, joined=<%s> | execution started",
        started.execution,
        started.joined,
        extra={"course_id": course_id, "execution": started.execution},
    )
    answer = {
        "executionId": started.execution,
        "courseId": course_id,
        "joined": started.joined,
        "units": started.units,
    }
    return answer, 202


@api.routes.post("/executions/<execution_id>/cancel")
def cancel_execution(execution_id: str) -> tuple[dict[str, Any], int]:
    """Ask a running execution to end: what is being written at this moment is finished, and nothing more is begun."""
    owner = api.caller()
    only_known(api.body(), ())
    parts = _parts()
    course_id = course_of(execution_id)
    course = parts.courses.get(owner, course_id) if course_id else None
    if course is None or int(execution_id.rpartition("-")[2]) > course.attempt:
        raise NotFound("Execution not found.")
    if course.execution != execution_id or not parts.starter.under_way(course):
        raise Conflict("This execution has ended already.")
    if not parts.progress.cancel(execution_id):
        raise Throttled("This execution is just starting or ending; try again in a moment.")
    api.logger.info(
        "execution=<%s> | cancel asked for", execution_id, extra={"course_id": course_id, "execution": execution_id}
    )
    return {"executionId": execution_id, "cancelling": True}, 202


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer an HTTP API event (payload format 2.0)."""
    return api.handle(event, context)
