"""A program whose parts do not fit each other declares nothing: its preview ends with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from aurora.asl import InvalidWorkflow
from aurora.components.group import FunctionSpec
from aurora.contracts import BrokenContract
from aurora.runtime.env import Environment
from functions.content import settings as content
from functions.slides import settings as slides
from infra import catalogue
from tests.infra.conftest import stack_config
from tests.infra.declared import PROJECT, declare
from tests.support.clone import clone_into

BUCKET = "aurora-dev-content-123456789012"


def refusal(kind: type[Exception], project: Path = PROJECT) -> str:
    """What the program ends with, without having declared a resource."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("aurora.platform.Site", _too_late)
        with pytest.raises(kind) as caught:
            declare("dev", stack_config("dev"), project)
    return str(caught.value)


def _too_late(*_: object) -> None:
    raise AssertionError("the first resource is declared already")


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Changes the catalogue's entry of a function."""
    groups = catalogue.groups

    def changed(function: str, **values: Any) -> None:
        def mutated(*args: Any) -> dict[str, tuple[FunctionSpec, ...]]:
            return {
                group: tuple(replace(spec, **values) if spec.name == function else spec for spec in specs)
                for group, specs in groups(*args).items()
            }

        monkeypatch.setattr(catalogue, "groups", mutated)

    return changed


def test_a_program_in_order_gets_as_far_as_its_first_resource() -> None:
    assert refusal(AssertionError) == "the first resource is declared already"


def test_a_function_that_gets_another_one_s_settings_is_refused(change: Callable[..., None]) -> None:
    change("visual-planner", environment=content.BookBuilderSettings(bucket=BUCKET, progress_table="t"))
    assert refusal(BrokenContract) == (
        "function 'visual-planner': functions/content/visual_planner.py reads VisualPlannerSettings of "
        "functions.content.settings, and infra/catalogue.py gives it BookBuilderSettings of "
        "functions.content.settings: it would not find its variables"
    )


def test_settings_of_another_group_are_refused_though_their_fields_are_the_same(change: Callable[..., None]) -> None:
    @dataclass(frozen=True)
    class VisualPlannerSettings(Environment):
        bucket: str

    change("visual-planner", environment=VisualPlannerSettings(BUCKET))
    assert "gives it VisualPlannerSettings of tests" in refusal(BrokenContract)


def test_a_variable_that_the_catalogue_lacks_is_named_with_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True)
    class VisualPlannerSettings(Environment):
        bucket: str
        images_per_lesson: int

    monkeypatch.setattr(content, "VisualPlannerSettings", VisualPlannerSettings)
    sentence = refusal(BrokenContract)
    assert sentence.startswith("infra/catalogue.py, line ")
    assert "VisualPlannerSettings.__init__() missing 1 required positional argument: 'images_per_lesson'" in sentence


def test_a_variable_that_no_function_reads_is_named_with_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True)
    class ImagesGenSettings(Environment):
        bucket: str

    monkeypatch.setattr(slides, "ImagesGenSettings", ImagesGenSettings)
    sentence = refusal(BrokenContract)
    assert sentence.startswith("infra/catalogue.py, line ")
    assert "ImagesGenSettings.__init__() got an unexpected keyword argument 'progress_table'" in sentence


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"bucket": ""}, "ImagesGenSettings: BUCKET is empty"),
        ({"images_per_call": "many"}, "IMAGES_PER_CALL is 'many', which is not a whole number"),
        ({"images_per_call": 2.5}, "IMAGES_PER_CALL is '2.5', which is not a whole number"),
        ({"images_per_call": "24"}, "would read ImagesGenSettings("),
        ({"models": "x" * 4100}, "bytes, and Lambda holds 4,096"),
    ],
)
def test_a_value_that_the_function_would_refuse_is_refused_at_once(
    change: Callable[..., None], values: dict[str, Any], problem: str
) -> None:
    right = slides.ImagesGenSettings(BUCKET, "progress", models="{}", images_per_call=24, image_seconds=30.0)
    change("images-gen", environment=replace(right, **values))
    sentence = refusal(BrokenContract)
    assert sentence.startswith("function 'images-gen'")
    assert problem in sentence


def test_a_variable_of_lambda_s_own_is_refused(monkeypatch: pytest.MonkeyPatch, change: Callable[..., None]) -> None:
    @dataclass(frozen=True)
    class ImagesGenSettings(Environment):
        aws_region: str

    ImagesGenSettings.__module__ = slides.__name__
    change("images-gen", environment=ImagesGenSettings("eu-west-1"))
    assert refusal(BrokenContract) == ("function 'images-gen': AWS_REGION cannot be set, as the name is Lambda's own")


def test_a_function_without_a_module_is_refused(change: Callable[..., None]) -> None:
    change("images-gen", name="image-maker")
    assert refusal(BrokenContract) == (
        "function 'image-maker': functions/slides/image_maker.py does not exist, and that is where its handler "
        "should be"
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
    sentence = refusal(BrokenContract, project)
    assert sentence.startswith("function 'images-gen': functions/slides/images_gen.py")
    assert problem in sentence


def test_a_module_that_reads_two_functions_settings_is_refused(tmp_path: Path) -> None:
    project = clone_into(tmp_path / "project")
    module = project / "functions" / "content" / "visual_planner.py"
    more = "\nfrom functions.content.settings import BookBuilderSettings as Other\n_other = Other.read\n"
    module.write_text(module.read_text() + more)
    assert "reads BookBuilderSettings and VisualPlannerSettings" in refusal(BrokenContract, project)


def test_a_workflow_that_is_not_sound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    definition = catalogue.workflow

    def without_alias(*args: Any) -> dict[str, Any]:
        machine = definition(*args)
        parameters = machine["States"]["FinishCourse"]["Parameters"]
        parameters["FunctionName"] = parameters["FunctionName"].removesuffix(":live")
        return machine

    monkeypatch.setattr(catalogue, "workflow", without_alias)
    sentence = refusal(InvalidWorkflow)
    assert sentence.startswith("state machine 'courses' is not valid: state FinishCourse: it calls arn:aws:lambda:")
    assert "not its alias `live`" in sentence


def test_a_function_that_the_workflow_calls_and_may_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = tuple(name for name in catalogue.WORKFLOW_FUNCTIONS if name != "images-gen")
    monkeypatch.setattr(catalogue, "WORKFLOW_FUNCTIONS", allowed)
    assert "state WriteCourse/WriteBatches/DrawImages: it calls arn:aws:lambda:" in refusal(InvalidWorkflow)


def test_groups_that_one_target_would_match_both_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = catalogue.groups
    monkeypatch.setattr(catalogue, "groups", lambda *args: groups(*args) | {"slide": ()})
    assert refusal(BrokenContract) == (
        "the group 'slides' has a name that begins with 'slide', so that --target '**::slide**' would change both: "
        "rename one of them"
    )
