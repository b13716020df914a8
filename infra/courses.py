"""The system that makes courses: outlines to lessons, lab guides, books and slides."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, Any, Final, cast, get_args

from pydantic import BeforeValidator, Field, create_model, model_validator

from aurora.grants import Grant, publish, read, start, use_table, watch, write
from aurora.settings import Settings, StackModel, structured
from aurora.system import (
    Bucket,
    Command,
    Function,
    LocalRun,
    Logs,
    Quota,
    Route,
    Stage,
    System,
    Table,
    Topic,
    Workflow,
)
from functions.content import settings as content
from functions.course_api import settings as course_api
from functions.courses import options, rules
from functions.labs import settings as labs
from functions.slides import settings as slides
from infra import course_metrics, models
from infra.models import ModelSettings
from infra.workflows import course

# Half of Lambda's limit, and the slowest lesson, lab and image that were ever measured.
_BATCH_SECONDS: Final = 450
_LESSON_SECONDS: Final = 240
_LAB_SECONDS: Final = 200
_IMAGE_SECONDS: Final = 30


class _RunRules(StackModel):
    @model_validator(mode="after")
    def _consistent(self) -> _RunRules:
        values = self.model_dump()
        if values["min_words"] > values["max_words"]:
            raise ValueError("minWords must not be greater than maxWords")
        if values["max_concurrency"] > values["concurrency_limit"]:
            raise ValueError("maxConcurrency must not be greater than concurrencyLimit")
        return self


def _field(setting: rules.Setting, option: rules.Option) -> Any:
    """A setting as pydantic has fields: its type, default and bounds."""
    match option:
        case rules.Number(minimum=minimum, maximum=maximum):
            bounds: dict[str, Any] = {"ge": minimum, "le": maximum}
        case rules.Dollars():
            bounds = {"ge": 0}
        case _:
            bounds = {}
    # A model that is unknown is answered with the one that always is there.
    examples = [setting.default] if isinstance(option, rules.Model) and setting.default else None
    return type(setting.default), Field(setting.default, description=setting.description, examples=examples, **bounds)


_RUN_FIELDS: Final[dict[str, Any]] = {name: _field(setting, option) for name, setting, option in options.SETTINGS}
RunSettings: Final = cast("type[StackModel]", create_model("RunSettings", __base__=_RunRules, **_RUN_FIELDS))
"""What holds where a request leaves an option of a run out."""


class CourseSettings(StackModel):
    """What else a stack may set of how courses are made."""

    images_per_call: int = Field(24, ge=1, le=200, description="images drawn in one call of ImagesGen")
    notify_emails: Annotated[tuple[str, ...], BeforeValidator(structured)] = Field(
        (), description="the mail addresses that learn how a course ended", examples=['["authors@example.com"]']
    )


def _unknown_models(settings: Settings) -> Iterable[str]:
    values, known = settings.of(RunSettings).model_dump(), settings.of(ModelSettings)
    for setting, _, option in options.SETTINGS:
        if isinstance(option, rules.Model) and (name := values[setting]) not in ("", *known.names(option.kind)):
            names = ", ".join(known.names(option.kind))
            yield f"there is no {option.kind} model {name!r} ({names}): see {options.field_name(setting)}"


# Everything that belongs to an author lies below this prefix of the content bucket.
_USERS: Final = "users/*"
_READ: Final = read("content", _USERS)
_OBJECTS: Final = (*_READ, *write("content", _USERS))


def _starter_api(stage: Stage) -> course_api.StarterApiSettings:
    values, known = stage.of(RunSettings).model_dump(), stage.of(ModelSettings)
    return course_api.StarterApiSettings(
        bucket=stage.bucket("content"),
        courses_table=stage.table("courses"),
        progress_table=stage.table("progress"),
        state_machine_arn=stage.state_machine("courses"),
        run_defaults=json.dumps(options.defaults(values)),
        run_limits=json.dumps(options.limits(values, {kind: known.names(kind) for kind in get_args(models.Kind)})),
    )


def _units(stage: Stage) -> dict[str, Any]:
    """Where a course's objects and the records of its units are."""
    return {"bucket": stage.bucket("content"), "progress_table": stage.table("progress")}


def _writing(stage: Stage, unit_seconds: int) -> dict[str, Any]:
    """What asking text models for units takes beside."""
    return {
        **_units(stage),
        "models": models.described(stage),
        "sample_seconds": stage.of(ModelSettings).sample_seconds_per_lesson,
        "batch_seconds": _BATCH_SECONDS,
        "unit_seconds": unit_seconds,
    }


def _write_units(stage: Stage) -> tuple[Grant, ...]:
    """What a function needs that asks text models for units: their records, and that of what they cost, too."""
    return (*_OBJECTS, *use_table("progress", "GetItem", "Query", "UpdateItem"), *models.ask(stage, "text"))


_COURSE_API: Final = (
    Function(
        "starter-api",
        _starter_api,
        (
            *_OBJECTS,
            *use_table("courses", "GetItem", "PutItem"),
            *use_table("progress", "UpdateItem"),
            *start("courses"),
            *watch("courses"),
        ),
        memory=1024,
    ),
    Function(
        "courses-api",
        lambda stage: course_api.CoursesApiSettings(
            **_units(stage),
            courses_table=stage.table("courses"),
            state_machine_arn=stage.state_machine("courses"),
        ),
        (
            *_READ,
            *use_table("courses", "GetItem", "Query"),
            *use_table("progress", "GetItem", "Query", "BatchGetItem"),
            *watch("courses"),
        ),
        memory=1024,
    ),
)
_CONTENT: Final = (
    Function(
        "batch-expander",
        lambda stage: content.BatchExpanderSettings(**_units(stage)),
        (*_READ, *use_table("progress", "BatchWriteItem")),
        timeout=120,
        memory=1024,
    ),
    Function(
        "content-gen",
        lambda stage: content.ContentGenSettings(**_writing(stage, _LESSON_SECONDS)),
        _write_units,
        timeout=900,
        alarm=False,  # it raises Throttled whenever the model's quota is used up, and the workflow waits
    ),
    Function(
        "visual-planner",
        lambda stage: content.VisualPlannerSettings(bucket=stage.bucket("content")),
        _OBJECTS,
        timeout=120,
    ),
    Function(
        "content-validator",
        lambda stage: content.ContentValidatorSettings(**_units(stage)),
        (*_OBJECTS, *use_table("progress", "UpdateItem")),
        timeout=300,
    ),
    Function(
        "book-builder",
        lambda stage: content.BookBuilderSettings(**_units(stage)),
        (*_OBJECTS, *use_table("progress", "Query", "UpdateItem")),
        timeout=900,
        memory=3008,
    ),
    Function(
        "course-archiver",
        lambda stage: content.CourseArchiverSettings(bucket=stage.bucket("content")),
        _OBJECTS,
        timeout=600,
        memory=2048,
    ),
    Function(
        "course-finisher",
        lambda stage: content.CourseFinisherSettings(
            courses_table=stage.table("courses"),
            progress_table=stage.table("progress"),
            topic_arn=stage.topic("courses"),
        ),
        (
            *use_table("courses", "GetItem"),
            *use_table("progress", "BatchWriteItem", "GetItem", "Query", "UpdateItem"),
            *publish("courses"),
        ),
        timeout=60,
    ),
)
_LABS: Final = (
    Function(
        "lab-planner",
        lambda stage: labs.LabPlannerSettings(**_writing(stage, _LAB_SECONDS)),
        _write_units,
        timeout=900,
        alarm=False,
    ),
    Function(
        "lab-batch-expander",
        lambda stage: labs.LabBatchExpanderSettings(**_units(stage)),
        (*_READ, *use_table("progress", "Query", "UpdateItem")),
        timeout=120,
        memory=1024,
    ),
    Function(
        "lab-writer",
        lambda stage: labs.LabWriterSettings(**_writing(stage, _LAB_SECONDS)),
        _write_units,
        timeout=900,
        alarm=False,
    ),
    Function(
        "lab-book-builder",
        lambda stage: labs.LabBookBuilderSettings(**_units(stage)),
        (*_OBJECTS, *use_table("progress", "Query", "UpdateItem")),
        timeout=900,
        memory=3008,
    ),
)
_SLIDES: Final = (
    Function(
        "images-gen",
        lambda stage: slides.ImagesGenSettings(
            **_units(stage),
            models=models.described(stage),
            images_per_call=stage.of(CourseSettings).images_per_call,
            image_seconds=_IMAGE_SECONDS,
        ),
        lambda stage: (
            *_OBJECTS,
            *use_table("progress", "GetItem", "UpdateItem"),
            *models.ask(stage, "image"),
        ),
        timeout=900,
        memory=1024,
        alarm=False,
    ),
    Function(
        "ppt-generator",
        lambda stage: slides.PptGeneratorSettings(**_units(stage)),
        (*_OBJECTS, *use_table("progress", "GetItem", "Query", "UpdateItem")),
        timeout=600,
        memory=2048,
    ),
)


def _site(stage: Stage) -> dict[str, Any]:
    values, known = stage.of(RunSettings).model_dump(), stage.of(ModelSettings)
    return {
        "models": {
            "text": _first(values["text_model"], known.names("text")),
            "image": _first(values["image_model"], known.names("image")),
        },
        "limits": {"maxConcurrency": values["concurrency_limit"]},
    }


def _first(default: str, names: Iterable[str]) -> list[str]:
    """The default comes first: the site offers it first."""
    return sorted(names, key=lambda name: name != default)


COURSES: Final = System(
    "courses",
    groups={"course_api": _COURSE_API, "content": _CONTENT, "labs": _LABS, "slides": _SLIDES},
    tables={
        "courses": Table("owner", "course_id"),
        "progress": Table("execution", "unit", ttl_attribute="expires_at"),
    },
    buckets={"content": Bucket(from_pages=True)},
    topics={"courses": Topic(lambda stage: stage.of(CourseSettings).notify_emails)},
    routes=(
        Route("POST /courses", "starter-api"),
        Route("POST /courses/{courseId}/executions", "starter-api"),
        Route("POST /executions/{executionId}/cancel", "starter-api"),
        Route("GET /courses", "courses-api"),
        Route("GET /courses/{courseId}", "courses-api"),
        Route("GET /courses/{courseId}/units/{unitId}", "courses-api"),
        Route("GET /executions/{executionId}", "courses-api"),
    ),
    workflows={"courses": Workflow(course.definition)},
    settings=(RunSettings, CourseSettings, ModelSettings),
    secrets=models.SECRETS,
    settings_faults=_unknown_models,
    site=_site,
    dashboard=course_metrics.dashboard,
    alarms=course_metrics.alarms,
    quotas=(Quota("course", RunSettings, "max_concurrency", each=2),),  # lessons and labs are made side by side
    commands=(Command("course", "client.course:app", "Turn an outline into a book, lab guides and slides."),),
    doctor=(models.BEDROCK_CHECK,),
    local=LocalRun(
        settings="client.local_models:stack_settings",
        help=models.LOCAL_HELP,
        next_step="open the site and paste an outline, or in another terminal\n"
        "        python3 run.py course OUTLINE.yaml --out DIR",
    ),
    logs=Logs(
        "a folder that `course --out` made, or the id of a course or execution",
        "client.course_logs:course_logs",
        columns=("unit",),
    ),
    idle="client.recent_courses:recent_courses",
    arn_forms=models.ARN_FORMS,
    end_to_end="tests.local.exercises:courses",
)
