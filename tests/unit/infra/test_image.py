"""The image resource's provider, against the embedded AWS's registry."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.client import BaseClient

from aurora.local.emulator import Emulator
from infra.ensure import ImageRequest
from infra.image import EnsuredImageProvider
from infra.session import StackSession, WrongAccount
from tests.support.images import push_image


def stack_config(emulator: Emulator) -> dict[str, Any]:
    return {
        "aws:region": "eu-west-1",
        "aws:accessKey": "test",
        "aws:secretKey": "test",
        "aws:endpoints": json.dumps([{"ecr": emulator.endpoint, "sts": emulator.endpoint}]),
    }


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
        manifest={"functions/common/errors.py": "0123"},
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
    digest = push_image(emulator.endpoint, wanted["repositoryName"], wanted["tag"])
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
    push_image(emulator.endpoint, wanted["repositoryName"], wanted["tag"])
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
    push_image(emulator.endpoint, wanted["repositoryName"], wanted["tag"])
    provider.delete("an-id", wanted)
    assert provider.read("an-id", wanted).id == "an-id"


@pytest.mark.parametrize(
    ("changed", "changes"),
    [
        ({}, False),
        ({"tag": "b" * 64}, True),
        ({"manifest": {"functions/common/errors.py": "9999"}}, True),
        ({"__provider": "pickled by a later version"}, False),
    ],
)
def test_only_repository_tag_and_manifest_make_a_difference(changed: dict[str, Any], changes: bool) -> None:
    old = {"repositoryUrl": "u", "tag": "a" * 64, "manifest": {"functions/common/errors.py": "0123"}, "__provider": "p"}
    assert EnsuredImageProvider().diff("an-id", old, {**old, **changed}).changes is changes


def test_an_account_that_the_stack_does_not_allow_is_refused(emulator: Emulator) -> None:
    session = StackSession({**stack_config(emulator), "aws:allowedAccountIds": '["111122223333"]'})
    with pytest.raises(WrongAccount, match=r"account 000000000000.*111122223333"):
        session.client("ecr")


def test_an_account_that_the_stack_allows_is_used(emulator: Emulator) -> None:
    session = StackSession({**stack_config(emulator), "aws:allowedAccountIds": '["000000000000"]'})
    assert session.client("sts").get_caller_identity()["Account"] == "000000000000"


def test_the_stack_s_region_wins_over_the_environment(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    assert StackSession(stack_config(emulator)).client("ecr").meta.region_name == "eu-west-1"


def test_a_role_of_the_stack_is_assumed(emulator: Emulator) -> None:
    roles = json.dumps([{"roleArn": "arn:aws:iam::000000000000:role/deployer", "sessionName": "up"}])
    session = StackSession({**stack_config(emulator), "aws:assumeRoles": roles})
    assert "assumed-role/deployer/up" in session.client("sts").get_caller_identity()["Arn"]


def test_a_role_is_assumed_with_all_that_it_demands_and_restricts(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    make_call: Any = getattr(BaseClient, "_make_api_call")  # noqa: B009 - botocore's one place for every call

    def noting(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        sent.append({"operation": operation, **arguments})
        return make_call(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", noting)
    role = {"roleArn": "arn:aws:iam::000000000000:role/lent", "externalId": "agreed", "tags": {"team": "platform"}}
    StackSession({**stack_config(emulator), "aws:assumeRoles": [{**role, "policyArns": ["arn:aws:iam::aws:policy/X"]}]})
    (assumed,) = [call for call in sent if call["operation"] == "AssumeRole"]
    assert assumed["ExternalId"] == "agreed"
    assert assumed["Tags"] == [{"Key": "team", "Value": "platform"}]
    assert assumed["PolicyArns"] == [{"arn": "arn:aws:iam::aws:policy/X"}]


def test_temporary_credentials_of_the_stack_are_used_whole(emulator: Emulator) -> None:
    sts = StackSession({**stack_config(emulator), "aws:token": "a-token"}).client("sts")
    sent: list[Any] = []
    sts.meta.events.register("before-send.sts", lambda request, **_: sent.append(request.headers))
    sts.get_caller_identity()
    (headers,) = sent
    assert headers["X-Amz-Security-Token"] in ("a-token", b"a-token")
