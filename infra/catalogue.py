"""What this platform consists of: its groups and functions, tables, routes and state machines.

Adding a function is one module and one entry here; adding a group is that and a folder ``images/<group>``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from functions.content import settings as content
from functions.slides import settings as slides
from infra.access import read, read_parameter, start, use_table, watch, write
from infra.group import FunctionSpec
from infra.naming import Naming
from infra.settings import Settings
from infra.workflows import course

# Everything that belongs to an author lies below this prefix of the content bucket.
USERS = "users/*"
OPENAI_API_KEY = "openai-api-key"


@dataclass(frozen=True)
class TableSpec:
    """A table's string keys, and the attribute with an item's time to live."""

    hash_key: str
    range_key: str
    ttl_attribute: str = ""


BUCKET = "content"
TABLES = {
    "courses": TableSpec("owner", "course_id"),
    "lessons": TableSpec("execution", "lesson", ttl_attribute="expires_at"),
}
ROUTES = {
    "POST /courses": "starter-api",
    "POST /courses/{courseId}/executions": "starter-api",
    "GET /courses": "courses-api",
    "GET /courses/{courseId}": "courses-api",
    "GET /executions/{executionId}": "courses-api",
}
WORKFLOW = "courses"
# The functions that the state machine calls; no other caller may.
WORKFLOW_FUNCTIONS = (
    "batch-expander",
    "content-gen",
    "visual-planner",
    "images-gen",
    "content-validator",
    "book-builder",
)


def workflow(settings: Settings, naming: Naming) -> dict[str, Any]:
    """The course workflow of a stage, as Amazon States Language."""
    return course.definition(naming.live_arn, settings.stack.max_concurrency)


def groups(settings: Settings, naming: Naming) -> dict[str, tuple[FunctionSpec, ...]]:
    """Every group's functions, with the environment and the grants of a stage."""
    stack = settings.stack
    bucket = naming.global_name(BUCKET)
    courses = naming.name("courses")
    lessons = naming.name("lessons")
    state_machine = naming.state_machine_arn(WORKFLOW)
    api_key = naming.parameter_name(OPENAI_API_KEY) if settings.openai_api_key is not None else ""
    return {
        "content": (
            FunctionSpec(
                "starter-api",
                content.StarterApiSettings(
                    bucket=bucket,
                    courses_table=courses,
                    state_machine_arn=state_machine,
                    text_models=",".join(settings.text_models),
                    default_text_model=stack.text_model,
                ),
                (
                    *read(BUCKET, USERS),
                    *write(BUCKET, USERS),
                    *use_table("courses", "GetItem", "PutItem"),
                    *start(WORKFLOW),
                    *watch(WORKFLOW),
                ),
                memory=1024,
            ),
            FunctionSpec(
                "courses-api",
                content.CoursesApiSettings(
                    bucket=bucket, courses_table=courses, lessons_table=lessons, state_machine_arn=state_machine
                ),
                (
                    *read(BUCKET, USERS),
                    *use_table("courses", "GetItem", "Query"),
                    *use_table("lessons", "Query", "BatchGetItem"),
                    *watch(WORKFLOW),
                ),
                memory=1024,
            ),
            FunctionSpec(
                "batch-expander",
                content.BatchExpanderSettings(
                    bucket=bucket, lessons_table=lessons, max_lessons_per_batch=stack.max_lessons_per_batch
                ),
                (*read(BUCKET, USERS), *use_table("lessons", "BatchWriteItem")),
                timeout=60,
            ),
            FunctionSpec(
                "content-gen",
                content.ContentGenSettings(
                    bucket=bucket,
                    lessons_table=lessons,
                    words_per_minute=stack.words_per_minute,
                    min_words=stack.min_words,
                    max_words=stack.max_words,
                    sample_seconds_per_lesson=stack.sample_seconds_per_lesson,
                    openai_base_url=stack.openai_base_url,
                    openai_model=stack.openai_model,
                    openai_api_key_parameter=api_key,
                    # Half of Lambda's limit, and the slowest lesson that was ever measured.
                    batch_seconds=450,
                    lesson_seconds=240,
                ),
                (
                    *read(BUCKET, USERS),
                    *write(BUCKET, USERS),
                    *use_table("lessons", "Query", "UpdateItem"),
                    *(read_parameter(OPENAI_API_KEY) if api_key else ()),
                ),
                timeout=900,
                alarm=False,  # it raises Throttled whenever the model's quota is used up, and the workflow waits
            ),
            FunctionSpec(
                "visual-planner",
                content.VisualPlannerSettings(bucket=bucket),
                (*read(BUCKET, USERS), *write(BUCKET, USERS)),
                timeout=120,
            ),
            FunctionSpec(
                "content-validator",
                content.ContentValidatorSettings(bucket=bucket, lessons_table=lessons),
                (*read(BUCKET, USERS), *write(BUCKET, USERS), *use_table("lessons", "UpdateItem")),
                timeout=300,
            ),
            FunctionSpec(
                "book-builder",
                content.BookBuilderSettings(bucket=bucket, lessons_table=lessons),
                (*read(BUCKET, USERS), *write(BUCKET, USERS), *use_table("lessons", "Query", "UpdateItem")),
                timeout=600,
                memory=3008,
            ),
        ),
        "slides": (
            FunctionSpec(
                "images-gen",
                slides.ImagesGenSettings(bucket=bucket, images_per_call=stack.images_per_call),
                (*read(BUCKET, USERS), *write(BUCKET, USERS)),
                timeout=600,
                memory=1024,
            ),
        ),
    }
