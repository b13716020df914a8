"""The image resource's provider, against the embedded AWS's registry."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from aurora.aws_session import StackSession
from aurora.image.ensure import ImageRequest
from aurora.local.emulator import Emulator
from aurora.providers.image import EnsuredImageProvider
from tests.support.images import push_image
from tests.unit.aurora.image.conftest import stack_config


@pytest.fixture
def provider(emulator: Emulator) -> EnsuredImageProvider:
    provider = EnsuredImageProvider()
    provider.configure(SimpleNamespace(config=stack_config(emulator)))  # pyright: ignore[reportArgumentType]
    return provider


@pytest.fixture
def wanted(emulator: Emulator) -> Iterator[dict[str, Any]]:
    """The inputs of an image in a repository of its own; this stack does not build."""
    ecr = StackSession(stack_config(emulator)).client("ecr")
    name = f"aurora-test-{uuid.uuid4().hex[:8]}"
    ecr.create_repository(repositoryName=name)
    request = ImageRequest(
        group="slides",
        repository=name,
        tag="a" * 64,
        manifest={"functions/text/words.py": "0123"},
        platform="linux/amd64",
        base_image="base",
        arguments={},
        copy_from=(),
        may_build=False,
    )
    yield {**request.inputs(), "repositoryUrl": f"127.0.0.1:{emulator.port}/{name}", "__provider": "pickled"}
    ecr.delete_repository(repositoryName=name, force=True)


def test_creating_and_updating_give_the_digest_and_keep_the_inputs(
    emulator: Emulator, provider: EnsuredImageProvider, wanted: dict[str, Any]
) -> None:
    digest = push_image(emulator, wanted["repositoryName"], wanted["tag"])
    for outs in (provider.create(wanted).outs, provider.update("an-id", {}, wanted).outs):
        assert outs is not None
        assert outs["digest"] == digest
        assert outs["manifest"] == wanted["manifest"]
        assert "__provider" not in outs


def test_a_missing_image_fails_the_check_that_previews_run(
    provider: EnsuredImageProvider, wanted: dict[str, Any]
) -> None:
    (failure,) = provider.check({}, wanted).failures
    assert "this stack does not build" in failure.reason


def test_an_image_that_is_there_passes_the_check(
    emulator: Emulator, provider: EnsuredImageProvider, wanted: dict[str, Any]
) -> None:
    push_image(emulator, wanted["repositoryName"], wanted["tag"])
    assert provider.check({}, wanted).failures == []


@pytest.mark.parametrize("olds", [{}, {"tag": "a" * 64}])
def test_the_check_asks_nobody_where_building_is_allowed_or_nothing_changed(
    wanted: dict[str, Any], olds: dict[str, Any]
) -> None:
    provider = EnsuredImageProvider()  # without any config: a question would fail
    assert provider.check(olds, {**wanted, "mayBuild": not olds}).failures == []


def test_an_image_that_somebody_deleted_reads_as_absent(provider: EnsuredImageProvider, wanted: dict[str, Any]) -> None:
    assert provider.read("an-id", wanted).id == ""


def test_deleting_the_resource_leaves_the_image(
    emulator: Emulator, provider: EnsuredImageProvider, wanted: dict[str, Any]
) -> None:
    push_image(emulator, wanted["repositoryName"], wanted["tag"])
    provider.delete("an-id", wanted)
    assert provider.read("an-id", wanted).id == "an-id"


@pytest.mark.parametrize(
    ("changed", "changes"),
    [
        ({}, False),
        ({"tag": "b" * 64}, True),
        ({"manifest": {"functions/text/words.py": "9999"}}, True),
        ({"__provider": "pickled by a later version"}, False),
    ],
)
def test_only_repository_tag_and_manifest_make_a_difference(changed: dict[str, Any], changes: bool) -> None:
    old = {"repositoryUrl": "u", "tag": "a" * 64, "manifest": {"functions/text/words.py": "0123"}, "__provider": "p"}
    assert EnsuredImageProvider().diff("an-id", old, {**old, **changed}).changes is changes
