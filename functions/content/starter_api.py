"""StarterApi: upload forms for outlines and the start of executions. Thin over `starting`; imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from functions.common.api import Api
from functions.common.errors import BadRequest, NotFound
from functions.common.limits import MAX_OUTLINE_BYTES
from functions.common.records import CourseRecords
from functions.common.storage import CoursePaths, CourseStore, is_id, new_id
from functions.content.executions import Executions
from functions.content.settings import StarterApiSettings
from functions.content.starting import Starter, StartRequest

api = Api("starter-api")


@dataclass(frozen=True)
class _Parts:
    """What the routes work with; made for each request, which costs little: clients are shared."""

    settings: StarterApiSettings
    store: CourseStore
    courses: CourseRecords
    starter: Starter


def _parts() -> _Parts:
    settings = StarterApiSettings.read()
    store, courses = CourseStore(settings.bucket), CourseRecords(settings.courses_table)
    return _Parts(settings, store, courses, Starter(store, courses, Executions(settings.state_machine_arn)))


@api.routes.post("/courses")
def create_upload() -> tuple[dict[str, Any], int]:
    """A form to upload an outline with: of a new course, or of one that exists. Nothing is recorded yet."""
    owner, body = api.caller(), api.body()
    _only(body, "filename", "courseId")
    parts = _parts()
    course_id = _text(body, "courseId")
    if course_id is None:
        course_id = new_id()
    elif not is_id(course_id) or parts.courses.get(owner, course_id) is None:
        raise NotFound("There is no such course.")
    upload_id = new_id()
    key = CoursePaths(owner, course_id).outline(upload_id)
    form = parts.store.upload_form(key, MAX_OUTLINE_BYTES, "application/yaml")
    api.logger.info("course_id=<%s>, file=<%s> | upload form made", course_id, _text(body, "filename") or "")
    return {"courseId": course_id, "uploadId": upload_id, "upload": form, "maxBytes": MAX_OUTLINE_BYTES}, 201


@api.routes.post("/courses/<course_id>/executions")
def start_execution(course_id: str) -> tuple[dict[str, Any], int]:
    """Start the course's execution from an uploaded outline, or join the one that runs."""
    owner, body = api.caller(), api.body()
    _only(body, "uploadId", "modules", "force", "model")
    parts = _parts()
    request = StartRequest(
        owner=owner,
        course_id=course_id,
        upload_id=_text(body, "uploadId"),
        modules=_modules(body),
        force=_flag(body, "force"),
        model=_model(body, parts.settings),
    )
    started = parts.starter.start(request)
    api.logger.info("execution=<%s>, joined=<%s> | execution started", started.execution, started.joined)
    answer = {
        "executionId": started.execution,
        "courseId": course_id,
        "joined": started.joined,
        "lessons": started.lessons,
    }
    return answer, 202


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer an HTTP API event (payload format 2.0)."""
    return api.handle(event, context)


def _only(body: dict[str, Any], *names: str) -> None:
    """Refuse fields that nobody would read: a misspelt "modules" would generate, and cost, the whole course."""
    unknown = sorted(set(body) - set(names))
    if unknown:
        raise BadRequest(f"Unknown fields: {_listed(unknown)}. Known are: {_listed(names)}.")


def _text(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise BadRequest(f"{name} must be text.")
    return value


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise BadRequest(f"{name} must be true or false.")
    return bool(value)


def _modules(body: dict[str, Any]) -> tuple[int, ...] | None:
    value = body.get("modules")
    if value is None:
        return None
    if not isinstance(value, list) or not value or not all(type(number) is int for number in value):
        raise BadRequest("modules must be a list of module numbers, or be left out for all of them.")
    return tuple(sorted(set(value)))


def _model(body: dict[str, Any], settings: StarterApiSettings) -> str:
    allowed = [name.strip() for name in settings.text_models.split(",")]
    model = _text(body, "model") or settings.default_text_model
    if model not in allowed:
        raise BadRequest(f"There is no model {model!r} here. There is: {_listed(allowed)}.")
    return model


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
