"""What this platform consists of: its groups and functions, tables, routes and state machines.

Adding a function is one module and one entry here; adding a group is that and a folder ``images/<group>``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from aurora.components.group import FunctionSpec
from aurora.grants import Grant, ask_model, publish, read, read_parameter, start, use_table, watch, write
from aurora.naming import Naming
from aurora.runtime import errors
from aurora.runtime.errors import error_names
from aurora.settings import Settings
from functions.content import settings as content
from functions.course_api import settings as course_api
from functions.courses import options
from functions.labs import settings as labs
from functions.models import errors as model_errors
from functions.outline import errors as outline_errors
from functions.progress import errors as progress_errors
from functions.slides import settings as slides
from infra.workflows import course

# Everything that belongs to an author lies below this prefix of the content bucket.
USERS = "users/*"


@dataclass(frozen=True)
class TableSpec:
    """A table's string keys, and the attribute with an item's time to live."""

    hash_key: str
    range_key: str
    ttl_attribute: str = ""


BUCKET = "content"
TABLES = {
    "courses": TableSpec("owner", "course_id"),
    "progress": TableSpec("execution", "unit", ttl_attribute="expires_at"),
}
ROUTES = {
    "POST /courses": "starter-api",
    "POST /courses/{courseId}/executions": "starter-api",
    "POST /executions/{executionId}/cancel": "starter-api",
    "GET /courses": "courses-api",
    "GET /courses/{courseId}": "courses-api",
    "GET /courses/{courseId}/units/{unitId}": "courses-api",
    "GET /executions/{executionId}": "courses-api",
}
WORKFLOW = "courses"
# The topic that is told how each course ended.
TOPIC = "courses"
# The functions that the state machine calls; no other caller may.
WORKFLOW_FUNCTIONS = (
    "batch-expander",
    "content-gen",
    "visual-planner",
    "images-gen",
    "content-validator",
    "book-builder",
    "lab-planner",
    "lab-batch-expander",
    "lab-writer",
    "lab-book-builder",
    "ppt-generator",
    "course-archiver",
    "course-finisher",
)
# What the functions of the workflow raise.
ERRORS = error_names(errors, model_errors, outline_errors, progress_errors)
# Half of Lambda's limit, and the slowest lesson, lab and image that were ever measured.
_BATCH_SECONDS = 450
_LESSON_SECONDS = 240
_LAB_SECONDS = 200
_IMAGE_SECONDS = 30
# Where an OpenAI model is that names no endpoint of its own.
_OPENAI = "https://api.openai.com/v1"


def workflow(naming: Naming) -> dict[str, Any]:
    """The course workflow of a stage, as Amazon States Language."""
    return course.definition(naming.live_arn)


def api_key(provider: str) -> str:
    """The parameter with the API key of a provider's models."""
    return f"{provider}-api-key"


def models(settings: Settings, naming: Naming) -> str:
    """The stack's models as functions read them; a secret is told by the name of its parameter."""
    specs = {
        name: {**spec.model_dump(by_alias=True, exclude_defaults=True), "kind": spec.kind}
        for name, spec in settings.stack.models.items()
    }
    for spec in specs.values():
        if spec["provider"] == "openai":
            spec.setdefault("baseUrl", _OPENAI)
        if spec["provider"] in settings.api_keys:
            spec["apiKeyParameter"] = naming.parameter_name(api_key(spec["provider"]))
    return json.dumps(specs, sort_keys=True)


def _ask(settings: Settings, kind: str) -> tuple[Grant, ...]:
    """What asking the stack's models of a kind takes; where a key is sent, the role itself asks nothing."""
    asked = {(spec.provider, spec.id) for spec in settings.stack.models.values() if spec.kind == kind}
    keys = {provider for provider, _ in asked} & settings.api_keys.keys()
    signed = {id_ for provider, id_ in asked if provider == "bedrock" and provider not in keys}
    return (
        *(grant for provider in sorted(keys) for grant in read_parameter(api_key(provider))),
        *(grant for id_ in sorted(signed) for grant in ask_model(id_, kind)),
    )


def groups(settings: Settings, naming: Naming) -> dict[str, tuple[FunctionSpec, ...]]:
    """Every group's functions, with the environment and the grants of a stage."""
    stack = settings.stack
    bucket = naming.global_name(BUCKET)
    courses = naming.name("courses")
    progress = naming.name("progress")
    state_machine = naming.state_machine_arn(WORKFLOW)
    specs = models(settings, naming)
    objects = (*read(BUCKET, USERS), *write(BUCKET, USERS))
    return {
        "course_api": (
            FunctionSpec(
                "starter-api",
                course_api.StarterApiSettings(
                    bucket=bucket,
                    courses_table=courses,
                    progress_table=progress,
                    state_machine_arn=state_machine,
                    run_defaults=json.dumps(options.defaults(stack.model_dump())),
                    run_limits=json.dumps(
                        options.limits(stack.model_dump(), {kind: stack.names(kind) for kind in ("text", "image")})
                    ),
                ),
                (
                    *objects,
                    *use_table("courses", "GetItem", "PutItem"),
                    *use_table("progress", "UpdateItem"),
                    *start(WORKFLOW),
                    *watch(WORKFLOW),
                ),
                memory=1024,
            ),
            FunctionSpec(
                "courses-api",
                course_api.CoursesApiSettings(
                    bucket=bucket, courses_table=courses, progress_table=progress, state_machine_arn=state_machine
                ),
                (
                    *read(BUCKET, USERS),
                    *use_table("courses", "GetItem", "Query"),
                    *use_table("progress", "GetItem", "Query", "BatchGetItem"),
                    *watch(WORKFLOW),
                ),
                memory=1024,
            ),
        ),
        "content": (
            FunctionSpec(
                "batch-expander",
                content.BatchExpanderSettings(bucket=bucket, progress_table=progress),
                (*read(BUCKET, USERS), *use_table("progress", "BatchWriteItem")),
                timeout=120,
                memory=1024,
            ),
            FunctionSpec(
                "content-gen",
                content.ContentGenSettings(
                    bucket=bucket,
                    progress_table=progress,
                    models=specs,
                    sample_seconds=stack.sample_seconds_per_lesson,
                    batch_seconds=_BATCH_SECONDS,
                    unit_seconds=_LESSON_SECONDS,
                ),
                (*objects, *_write_units(), *_ask(settings, "text")),
                timeout=900,
                alarm=False,  # it raises Throttled whenever the model's quota is used up, and the workflow waits
            ),
            FunctionSpec(
                "visual-planner",
                content.VisualPlannerSettings(bucket=bucket),
                objects,
                timeout=120,
            ),
            FunctionSpec(
                "content-validator",
                content.ContentValidatorSettings(bucket=bucket, progress_table=progress),
                (*objects, *use_table("progress", "UpdateItem")),
                timeout=300,
            ),
            FunctionSpec(
                "book-builder",
                content.BookBuilderSettings(bucket=bucket, progress_table=progress),
                (*objects, *use_table("progress", "Query", "UpdateItem")),
                timeout=900,
                memory=3008,
            ),
            FunctionSpec(
                "course-archiver",
                content.CourseArchiverSettings(bucket=bucket),
                objects,
                timeout=600,
                memory=2048,
            ),
            FunctionSpec(
                "course-finisher",
                content.CourseFinisherSettings(
                    courses_table=courses, progress_table=progress, topic_arn=naming.topic_arn(TOPIC)
                ),
                (
                    *use_table("courses", "GetItem"),
                    *use_table("progress", "BatchWriteItem", "GetItem", "Query", "UpdateItem"),
                    *publish(TOPIC),
                ),
                timeout=60,
            ),
        ),
        "labs": (
            FunctionSpec(
                "lab-planner",
                labs.LabPlannerSettings(
                    bucket=bucket,
                    progress_table=progress,
                    models=specs,
                    sample_seconds=stack.sample_seconds_per_lesson,
                    batch_seconds=_BATCH_SECONDS,
                    unit_seconds=_LAB_SECONDS,
                ),
                (*objects, *_write_units(), *_ask(settings, "text")),
                timeout=900,
                alarm=False,
            ),
            FunctionSpec(
                "lab-batch-expander",
                labs.LabBatchExpanderSettings(bucket=bucket, progress_table=progress),
                (*read(BUCKET, USERS), *use_table("progress", "Query", "UpdateItem")),
                timeout=120,
                memory=1024,
            ),
            FunctionSpec(
                "lab-writer",
                labs.LabWriterSettings(
                    bucket=bucket,
                    progress_table=progress,
                    models=specs,
                    sample_seconds=stack.sample_seconds_per_lesson,
                    batch_seconds=_BATCH_SECONDS,
                    unit_seconds=_LAB_SECONDS,
                ),
                (*objects, *_write_units(), *_ask(settings, "text")),
                timeout=900,
                alarm=False,
            ),
            FunctionSpec(
                "lab-book-builder",
                labs.LabBookBuilderSettings(bucket=bucket, progress_table=progress),
                (*objects, *use_table("progress", "Query", "UpdateItem")),
                timeout=900,
                memory=3008,
            ),
        ),
        "slides": (
            FunctionSpec(
                "images-gen",
                slides.ImagesGenSettings(
                    bucket=bucket,
                    progress_table=progress,
                    models=specs,
                    images_per_call=stack.images_per_call,
                    image_seconds=_IMAGE_SECONDS,
                ),
                (*objects, *use_table("progress", "GetItem", "UpdateItem"), *_ask(settings, "image")),
                timeout=900,
                memory=1024,
                alarm=False,
            ),
            FunctionSpec(
                "ppt-generator",
                slides.PptGeneratorSettings(bucket=bucket, progress_table=progress),
                (*objects, *use_table("progress", "GetItem", "Query", "UpdateItem")),
                timeout=600,
                memory=2048,
            ),
        ),
    }


def _write_units() -> tuple[Grant, ...]:
    """What writing and planning units does with their records, and with that of what they cost."""
    return use_table("progress", "GetItem", "Query", "UpdateItem")
