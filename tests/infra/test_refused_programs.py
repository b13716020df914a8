"""A program whose parts do not fit each other declares nothing: its preview ends with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pulumi
import pytest

import infra
from aurora.grants import read, use_table
from aurora.runtime.env import Environment
from aurora.system import Bucket, BucketEvent, Queue, Route, Schedule, System, Workflow
from aurora.testing.declared import declare, stack_config
from functions.content import settings as content
from functions.slides import settings as slides
from infra.courses import COURSES
from infra.workflows import course
from tests.support.clone import PROJECT, clone_into

BUCKET = "aurora-dev-content-123456789012"


def refusal(project: Path = PROJECT, kind: type[Exception] = pulumi.RunError) -> str:
    """What the program ends with, without having declared a resource."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("aurora.platform.Site", _too_late)
        with pytest.raises(kind) as caught:
            declare("dev", stack_config("dev"), project)
    return str(caught.value)


def _too_late(*_: object) -> None:
    raise AssertionError("the first resource is declared already")


@pytest.fixture
def declare_also(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Changes what the system of courses declares: its fields by name."""

    def changed(**fields: Any) -> None:
        monkeypatch.setattr(infra, "SYSTEMS", (replace(COURSES, **fields),))

    return changed


@pytest.fixture
def change(declare_also: Callable[..., None]) -> Callable[..., None]:
    """Changes the declaration of a function."""

    def changed(function: str, **values: Any) -> None:
        groups = {
            group: tuple(replace(spec, **values) if spec.name == function else spec for spec in specs)
            for group, specs in COURSES.groups.items()
        }
        declare_also(groups=groups)

    return changed


def test_a_program_in_order_gets_as_far_as_its_first_resource() -> None:
    assert refusal(kind=AssertionError) == "the first resource is declared already"


def test_a_function_that_gets_another_one_s_settings_is_refused(change: Callable[..., None]) -> None:
    change("visual-planner", environment=lambda _: content.BookBuilderSettings(bucket=BUCKET, progress_table="t"))
    assert refusal() == (
        "function 'visual-planner': functions/content/visual_planner.py reads VisualPlannerSettings of "
        "functions.content.settings, but its environment is BookBuilderSettings of "
        "functions.content.settings: it would not find its variables"
    )


def test_settings_of_another_group_are_refused_though_their_fields_are_the_same(change: Callable[..., None]) -> None:
    @dataclass(frozen=True)
    class VisualPlannerSettings(Environment):
        bucket: str

    change("visual-planner", environment=lambda _: VisualPlannerSettings(BUCKET))
    assert "its environment is VisualPlannerSettings of tests" in refusal()


def test_a_variable_that_the_declaration_lacks_is_named_with_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True)
    class VisualPlannerSettings(Environment):
        bucket: str
        images_per_lesson: int

    monkeypatch.setattr(content, "VisualPlannerSettings", VisualPlannerSettings)
    sentence = refusal()
    assert sentence.startswith("function 'visual-planner': infra/courses.py, line ")
    assert "VisualPlannerSettings.__init__() missing 1 required positional argument: 'images_per_lesson'" in sentence


def test_a_variable_that_no_function_reads_is_named_with_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True)
    class ImagesGenSettings(Environment):
        bucket: str

    monkeypatch.setattr(slides, "ImagesGenSettings", ImagesGenSettings)
    sentence = refusal()
    assert sentence.startswith("function 'images-gen': infra/courses.py, line ")
    assert "ImagesGenSettings.__init__() got an unexpected keyword argument 'progress_table'" in sentence


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"bucket": ""}, "ImagesGenSettings: BUCKET is empty"),
        ({"images_per_call": "many"}, "IMAGES_PER_CALL is 'many', which is not a whole number"),
        ({"images_per_call": 2.5}, "IMAGES_PER_CALL is '2.5', which is not a whole number"),
        ({"images_per_call": "24"}, "it would read ImagesGenSettings("),
        ({"models": "x" * 4100}, "bytes; Lambda allows 4,096"),
    ],
)
def test_a_value_that_the_function_would_refuse_is_refused_at_once(
    change: Callable[..., None], values: dict[str, Any], problem: str
) -> None:
    right = slides.ImagesGenSettings(BUCKET, "progress", models="{}", images_per_call=24, image_seconds=30.0)
    change("images-gen", environment=lambda _: replace(right, **values))
    sentence = refusal()
    assert sentence.startswith("function 'images-gen'")
    assert problem in sentence


def test_a_variable_of_lambda_s_own_is_refused(monkeypatch: pytest.MonkeyPatch, change: Callable[..., None]) -> None:
    @dataclass(frozen=True)
    class ImagesGenSettings(Environment):
        aws_region: str

    ImagesGenSettings.__module__ = slides.__name__
    change("images-gen", environment=lambda _: ImagesGenSettings("eu-west-1"))
    assert refusal() == ("function 'images-gen': AWS_REGION cannot be set: Lambda reserves the name")


def test_a_function_without_a_module_is_refused(change: Callable[..., None]) -> None:
    change("images-gen", name="image-maker")
    assert refusal() == (
        "function 'image-maker': its handler must be in functions/slides/image_maker.py, which does not exist"
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("def handler(", "def handle(", "defines no function 'handler'"),
        ("ImagesGenSettings.read", "dict", "reads no settings of functions.slides.settings"),
        ("def handler(", "def handler(((", "invalid syntax"),
    ],
)
def test_a_module_that_is_not_what_the_catalogue_says_is_refused(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    project = clone_into(tmp_path / "project")
    module = project / "functions" / "slides" / "images_gen.py"
    module.write_text(module.read_text().replace(old, new))
    sentence = refusal(project)
    assert sentence.startswith("function 'images-gen': functions/slides/images_gen.py")
    assert problem in sentence


def test_what_a_group_imports_and_its_image_would_not_hold_is_refused(tmp_path: Path) -> None:
    project = clone_into(tmp_path / "project")
    (project / "functions/slides/lazy.py").write_text("def lazy():\n    import pandas, functions.text.wrods\n")
    assert refusal(project) == (
        "functions/slides/lazy.py, line 2 imports functions.text.wrods, which does not exist: did you mean 'words'?\n"
        "functions/slides/lazy.py, line 2 imports pandas, which is not locked for the group slides: add it to the "
        "dependency group slides in pyproject.toml, or to one that it includes, then run `python3 run.py lock`"
    )


def test_a_module_that_reads_two_functions_settings_is_refused(tmp_path: Path) -> None:
    project = clone_into(tmp_path / "project")
    module = project / "functions" / "content" / "visual_planner.py"
    more = "\nfrom functions.content.settings import BookBuilderSettings as Other\n_other = Other.read\n"
    module.write_text(module.read_text() + more)
    assert "reads BookBuilderSettings and VisualPlannerSettings" in refusal(project)


def test_a_workflow_that_is_not_sound_is_refused(declare_also: Callable[..., None]) -> None:
    def without_alias(live_arn: Callable[[str], str]) -> dict[str, Any]:
        machine = course.definition(live_arn)
        parameters = machine["States"]["FinishCourse"]["Parameters"]
        parameters["FunctionName"] = parameters["FunctionName"].removesuffix(":live")
        return machine

    declare_also(workflows={"courses": Workflow(without_alias)})
    sentence = refusal()
    assert sentence.startswith("state machine 'courses' is not valid: state FinishCourse: it calls arn:aws:lambda:")
    assert "not its alias `live`" in sentence


def test_a_function_that_a_workflow_calls_and_nobody_declares_is_refused(declare_also: Callable[..., None]) -> None:
    def misspelt(live_arn: Callable[[str], str]) -> dict[str, Any]:
        return course.definition(lambda name: live_arn("image-gen" if name == "images-gen" else name))

    declare_also(workflows={"courses": Workflow(misspelt)})
    assert refusal() == "workflow 'courses': there is no function 'image-gen': did you mean 'images-gen'?"


def test_a_workflow_that_waits_for_an_error_which_nothing_raises_is_refused(declare_also: Callable[..., None]) -> None:
    def misspelt(live_arn: Callable[[str], str]) -> dict[str, Any]:
        machine = course.definition(live_arn)
        machine["States"]["PrepareCourse"]["Retry"][0]["ErrorEquals"] = ["Throtled"]
        return machine

    declare_also(workflows={"courses": Workflow(misspelt)})
    assert "its Retry names Throtled, which nothing raises" in refusal()


def test_groups_that_one_target_would_match_both_are_refused(declare_also: Callable[..., None]) -> None:
    declare_also(groups={**COURSES.groups, "slide": ()})
    assert refusal() == (
        "the group 'slide' cannot be targeted alone: --target '**::slide**' would match the group 'slides' too: rename "
        "the group"
    )


@pytest.mark.parametrize(
    ("group", "matched"),
    [
        ("queue", "'queue'"),  # the resources of the queue jobs are called queue-jobs
        ("aurora", "'aurora'"),  # URNs hold the types of all resources
    ],
)
def test_a_group_whose_target_would_match_what_is_in_no_group_is_refused(
    declare_also: Callable[..., None], group: str, matched: str
) -> None:
    declare_also(groups={**COURSES.groups, group: ()})
    assert f"--target '**::{group}**' would match {matched} too" in refusal()


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"timeout": 901}, "its timeout is 901 s; Lambda allows 1 to 900 s"),
        ({"timeout": 0}, "its timeout is 0 s; Lambda allows 1 to 900 s"),
        ({"memory": 127}, "its memory is 127 MiB; Lambda allows 128 to 10,240 MiB"),
        ({"memory": 10_241}, "its memory is 10241 MiB; Lambda allows 128 to 10,240 MiB"),
        ({"grants": read("contents", "x/*")}, "has a grant on the bucket 'contents': did you mean 'content'?"),
        ({"grants": use_table("course", "GetItem")}, "has a grant on the table 'course': did you mean 'courses'?"),
        ({"grants": use_table("courses", "GetItm")}, "of the DynamoDB operation 'GetItm': did you mean 'GetItem'?"),
        (
            {"grants": (read("content", "x/*"),)},
            "is not a Grant: use the functions of aurora.grants, each with a * before it",
        ),
        (
            {"environment": lambda stage: stage.table("progres")},
            "there is no table 'progres': did you mean 'progress'?",
        ),
    ],
)
def test_a_function_that_aws_would_refuse_or_that_names_what_is_not_there_is_refused(
    change: Callable[..., None], values: dict[str, Any], problem: str
) -> None:
    change("images-gen", **values)
    sentence = refusal()
    assert sentence.startswith("function 'images-gen'")
    assert problem in sentence


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"routes": (Route("GET courses", "courses-api"),)}, "route 'GET courses' is not a method (DELETE, GET,"),
        ({"routes": (Route("ANY /courses", "courses-api"),)}, "route 'ANY /courses' is not a method (DELETE, GET,"),
        ({"routes": (Route("GET /courses/{id", "courses-api"),)}, "route 'GET /courses/{id' is not a method"),
        (
            {"routes": (Route("GET /a/{x}", "courses-api"), Route("GET /a/{y}", "courses-api"))},
            "route 'GET /a/{y}' is declared twice",
        ),
        (
            {"routes": (Route("GET /courses", "course-api"),)},
            "route 'GET /courses': there is no function 'course-api': did you mean 'courses-api'?",
        ),
        ({"queues": {"jobs": Queue("worker")}}, "queue 'jobs': there is no function 'worker'"),
        (
            {"queues": {"jobs": Queue("lab-writer", batch_size=11)}},
            "queue 'jobs': batch_size is 11; AWS allows 1 to 10",
        ),
        (
            {"queues": {"jobs": Queue("lab-writer", attempts=0)}},
            "queue 'jobs': attempts is 0; AWS allows 1 to 1,000",
        ),
        ({"schedules": {"daily": Schedule("rate(1 day)", "clean")}}, "schedule 'daily': there is no function 'clean'"),
        (
            {"schedules": {"daily": Schedule("1 day", "lab-writer")}},
            "schedule 'daily': '1 day' is not an expression like rate(1 hour)",
        ),
        (
            {"buckets": {"content": Bucket(events=(BucketEvent("job"),))}, "queues": {"jobs": Queue("lab-writer")}},
            "bucket 'content': its events go to the queue 'job', which no system declares: did you mean 'jobs'?",
        ),
    ],
)
def test_a_reference_to_what_is_not_declared_is_refused_with_what_was_meant(
    declare_also: Callable[..., None], fields: dict[str, Any], problem: str
) -> None:
    declare_also(**fields)
    assert refusal().startswith(problem)


def test_two_systems_that_declare_the_same_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(infra, "SYSTEMS", (COURSES, System("more", tables={"courses": COURSES.tables["courses"]})))
    assert refusal() == "two systems declare the table 'courses': rename one of them"
