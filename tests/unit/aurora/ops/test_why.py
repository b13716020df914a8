"""What changed since the last deployment, group by group, and what `up` will make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from aurora.aws_session import StackSession
from aurora.errors import CommandError
from aurora.image.ensure import ImageRequest
from aurora.ops.why import differences, why
from aurora.stack.pulumi_stack import PulumiStack
from tests.unit.aurora.ops.conftest import FakePulumi

REQUEST = ImageRequest(
    group="slides",
    repository="aurora-dev-slides",
    tag="a" * 64,
    manifest={"Dockerfile": "1", "functions/slides/drawing.py": "2"},
    platform="linux/amd64",
    base_image="public.ecr.aws/lambda/python:3.13.2026.06.05.14",
    arguments={"HANDLERS": "functions.slides.images_gen.handler"},
    copy_from=(),
    may_build=True,
)


def recorded(stack: str, requests: Mapping[str, ImageRequest]) -> list[dict[str, Any]]:
    """The images of these requests as a deployment leaves them in the state."""
    return [
        {
            "urn": f"urn:pulumi:{stack}::aurora::aurora:image:GroupImage$EnsuredImage::{group}",
            "type": "pulumi-python:dynamic/aurora:EnsuredImage",
            "inputs": {**request.inputs(), "__provider": "pickled"},
            "outputs": {**request.inputs(), "digest": f"sha256:{'0' * 64}"},
        }
        for group, request in requests.items()
    ]


def put(session: StackSession, repository: str, tag: str) -> None:
    ecr = session.client("ecr")
    ecr.create_repository(repositoryName=repository)
    ecr.put_image(
        repositoryName=repository,
        imageManifest='{"schemaVersion": 2, "layers": []}',
        imageManifestMediaType="application/vnd.oci.image.manifest.v1+json",
        imageTag=tag,
    )


def printed(stack: str, capsys: pytest.CaptureFixture[str], code: int = 0) -> tuple[str, str]:
    capsys.readouterr()
    assert why(stack) == code
    return capsys.readouterr()


@pytest.mark.parametrize(
    ("before", "change"),
    [
        ({"manifest": {"Dockerfile": "1"}}, ("added", "functions/slides/drawing.py")),
        ({"manifest": {**REQUEST.manifest, "functions/slides/old.py": "3"}}, ("removed", "functions/slides/old.py")),
        ({"manifest": {**REQUEST.manifest, "Dockerfile": "0"}}, ("changed", "Dockerfile")),
        ({"base_image": "python:3.12"}, ("base image", f"python:3.12 -> {REQUEST.base_image}")),
        ({"platform": "linux/arm64"}, ("platform", "linux/arm64 -> linux/amd64")),
        ({"arguments": {}}, ("build argument HANDLERS", "none -> functions.slides.images_gen.handler")),
    ],
)
def test_every_kind_of_change_is_named(before: dict[str, Any], change: tuple[str, str]) -> None:
    assert list(differences(replace(REQUEST, **before).inputs(), REQUEST)) == [change]


def test_the_same_source_differs_in_nothing() -> None:
    assert list(differences(REQUEST.inputs(), REQUEST)) == []


def test_what_copies_come_from_is_no_part_of_an_image() -> None:
    assert list(differences(replace(REQUEST, may_build=False).inputs(), REQUEST)) == []


def test_a_stack_that_was_never_deployed_is_said_to_be_so_and_what_up_would_do(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    out, error = printed(pulumi.stack, capsys)
    assert f"The stack {pulumi.stack} is not deployed yet." in error
    assert (
        f"slides: not deployed yet; `pulumi up -s {pulumi.stack}` builds and pushes the image: "
        f"aurora-{pulumi.stack}-slides holds no image of source"
    ) in out


def test_an_unchanged_group_is_not_touched_and_a_changed_one_names_its_files(
    pulumi: FakePulumi, config: dict[str, Any], session: StackSession, capsys: pytest.CaptureFixture[str]
) -> None:
    requests = PulumiStack(pulumi.stack).image_requests
    slides = requests["slides"]
    for group in requests.keys() - {"slides"}:
        put(session, requests[group].repository, requests[group].tag)
    older = replace(slides, manifest={**slides.manifest, "functions/slides/drawing.py": "0"}, tag="0" * 64)
    pulumi.state(recorded(pulumi.stack, {**requests, "slides": older}))
    out, _ = printed(pulumi.stack, capsys)
    *others, changed, file = out.splitlines()
    untouched = f"unchanged; `pulumi up -s {pulumi.stack}` does not change it"
    assert others == [f"{group}: {untouched}" for group in requests if group != "slides"]
    assert changed.startswith(f"slides: 1 file changed; `pulumi up -s {pulumi.stack}` builds and pushes the image")
    assert file == "  changed  functions/slides/drawing.py"


def test_an_image_that_another_environment_has_is_copied_from_there(
    pulumi: FakePulumi, config: dict[str, Any], session: StackSession, capsys: pytest.CaptureFixture[str]
) -> None:
    other = f"{pulumi.stack}o"
    pulumi.config({**config, "aurora:copyFrom": [{"stage": other}]})
    tag = PulumiStack(pulumi.stack).image_requests["slides"].tag
    put(session, f"aurora-{other}-slides", tag)
    out, _ = printed(pulumi.stack, capsys)
    assert f"slides: not deployed yet; `pulumi up -s {pulumi.stack}` copies the image" in out
    assert f"aurora-{other}-slides does" in out


def test_a_stack_that_may_not_build_is_said_to_fail(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.config({**config, "aurora:buildImages": "false"})
    out, _ = printed(pulumi.stack, capsys)
    assert f"`pulumi up -s {pulumi.stack}` fails: " in out
    assert "this stack does not build" in out


def test_a_deployed_image_that_somebody_deleted_is_put_back_by_a_refresh(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.state(recorded(pulumi.stack, PulumiStack(pulumi.stack).image_requests))
    out, _ = printed(pulumi.stack, capsys)
    assert "slides: unchanged, but aurora-" in out
    assert f"`pulumi up -s {pulumi.stack} --refresh` restores it" in out


def test_without_credentials_the_changes_are_printed_all_the_same(
    pulumi: FakePulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    requests = PulumiStack(pulumi.stack).image_requests
    older = replace(requests["slides"], base_image="python:3.12")
    pulumi.state(recorded(pulumi.stack, {**requests, "slides": older}))
    out, error = printed(pulumi.stack, capsys, code=1)
    assert "content: unchanged\n" in out
    assert "slides: no file changed, but a build input did\n  base image  python:3.12 -> " in out
    assert "is unknown: there are no credentials" in error


def test_a_group_that_no_system_declares_any_more_is_named(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.state(recorded(pulumi.stack, {"exams": REQUEST}))
    out, _ = printed(pulumi.stack, capsys)
    assert f"exams: no longer declared; `pulumi up -s {pulumi.stack}` removes" in out


def test_without_a_name_it_is_the_selected_stack(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.answers("stack---show-name", f"{pulumi.stack}\n")
    why(None)
    assert f"`pulumi up -s {pulumi.stack}`" in capsys.readouterr().out


def test_no_stack_at_all_is_a_sentence(pulumi: FakePulumi) -> None:
    pulumi.fails("stack---show-name", "no stack selected")
    with pytest.raises(CommandError, match="Name the stack, as in -s dev: no stack selected"):
        why(None)


def test_pulumi_s_own_builder_is_said_to_know_better(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.config({**config, "aurora:imageBuilder": "pulumi-docker"})
    out, error = printed(pulumi.stack, capsys)
    assert out == ""
    assert "pulumi preview --diff" in error


def test_wrong_settings_are_a_sentence(pulumi: FakePulumi) -> None:
    pulumi.config({})
    with pytest.raises(CommandError, match="aws:region is missing"):
        why(pulumi.stack)
