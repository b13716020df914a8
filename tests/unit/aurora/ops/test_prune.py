"""What may be deleted and what never: real functions, versions, aliases and images in the embedded AWS."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aurora.aws_session import StackSession
from aurora.errors import CommandError, InvalidInput
from aurora.local.emulator import Emulator
from aurora.ops import prune as prune_module
from aurora.ops.prune import Pruning, StoredImage, Surplus, Version, described, prune
from aurora.stack.pulumi_stack import PulumiStack
from tests.support.embedded_aws import make_role
from tests.unit.aurora.ops.conftest import FakePulumi


@dataclass
class Deployed:
    """A stack's group `slides` in the emulator, deployed as often as one likes."""

    stack: str
    session: StackSession
    role: str
    digests: list[str] = field(default_factory=list[str])

    @property
    def repository(self) -> str:
        return f"aurora-{self.stack}-slides"

    @property
    def function(self) -> str:
        return f"aurora-{self.stack}-images-gen"

    @property
    def aws(self) -> tuple[Any, Any]:
        return self.session.client("lambda"), self.session.client("ecr")

    def push(self, tag: str = "") -> str:
        """Puts a further image into the repository."""
        _, ecr = self.aws
        put = ecr.put_image(
            repositoryName=self.repository,
            imageManifest=json.dumps({"schemaVersion": 2, "layers": [], "number": len(self.digests)}),
            imageManifestMediaType="application/vnd.oci.image.manifest.v1+json",
            imageTag=tag or f"{len(self.digests):064}",
        )
        self.digests.append(put["image"]["imageId"]["imageDigest"])
        return self.digests[-1]

    def deploy(self, digest: str) -> str:
        """Publishes a version that runs ``digest``, as `pulumi up` does, and points `live` to it."""
        functions, _ = self.aws
        uri = f"{self.repository}@{digest}"
        try:
            version = functions.update_function_code(FunctionName=self.function, ImageUri=uri, Publish=True)["Version"]
            functions.update_alias(FunctionName=self.function, Name="live", FunctionVersion=version)
        except functions.exceptions.ResourceNotFoundException:
            version = functions.create_function(
                FunctionName=self.function, PackageType="Image", Code={"ImageUri": uri}, Role=self.role, Publish=True
            )["Version"]
            functions.create_alias(FunctionName=self.function, Name="live", FunctionVersion=version)
        return version

    @property
    def stored(self) -> set[str]:
        """The digests that are in the repository."""
        _, ecr = self.aws
        return {image["imageDigest"] for image in ecr.describe_images(repositoryName=self.repository)["imageDetails"]}

    @property
    def versions(self) -> list[str]:
        functions, _ = self.aws
        found = functions.list_versions_by_function(FunctionName=self.function)["Versions"]
        return [version["Version"] for version in found]


@pytest.fixture
def deployed(
    emulator: Emulator, pulumi: FakePulumi, session: StackSession, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Deployed]:
    stack = Deployed(pulumi.stack, session, make_role(emulator, "images-gen"))
    as_described = prune_module.stored

    def an_hour_apart(repository: str, image: dict[str, Any]) -> StoredImage:
        """The emulator pushes many in the second that ECR's times are rounded to."""
        found = as_described(repository, image)
        return replace(found, pushed=found.pushed + timedelta(hours=stack.digests.index(found.digest)))

    monkeypatch.setattr(prune_module, "stored", an_hour_apart)
    functions, ecr = stack.aws
    ecr.create_repository(repositoryName=stack.repository)
    yield stack
    ecr.delete_repository(repositoryName=stack.repository, force=True)
    with suppress(functions.exceptions.ResourceNotFoundException):  # a test may need images only
        functions.delete_function(FunctionName=stack.function)


def surplus(stack: str, keep: int) -> Surplus:
    return Pruning(PulumiStack(stack), keep).surplus()


def digests(found: Surplus) -> set[str]:
    return {image.digest for image in found.images}


def test_what_no_version_refers_to_goes_but_for_the_newest(deployed: Deployed) -> None:
    for _ in range(6):
        deployed.deploy(deployed.push())
    assert prune(deployed.stack, 2, True) == 0
    assert deployed.versions == ["$LATEST", "5", "6"]
    assert deployed.stored == set(deployed.digests[4:])
    assert prune(deployed.stack, 2, True) == 0


def test_what_was_deleted_is_counted(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        deployed.deploy(deployed.push())
    prune(deployed.stack, 1, True)
    assert f"Deleted 2 images (0.0 MB) and 2 function versions of {deployed.stack}." in capsys.readouterr().err


def test_a_version_that_an_alias_refers_to_stays_however_old_and_so_does_its_image(deployed: Deployed) -> None:
    for _ in range(5):
        deployed.deploy(deployed.push())
    functions, _ = deployed.aws
    functions.update_alias(FunctionName=deployed.function, Name="live", FunctionVersion="1")
    prune(deployed.stack, 1, True)
    assert deployed.versions == ["$LATEST", "1", "5"]
    assert deployed.stored == {deployed.digests[0], deployed.digests[4]}


def test_an_image_that_an_old_deployment_brought_back_is_in_use_again(deployed: Deployed) -> None:
    first = deployed.push()
    deployed.deploy(first)
    for _ in range(3):
        deployed.deploy(deployed.push())
    deployed.deploy(first)
    found = surplus(deployed.stack, 1)
    assert first not in digests(found)
    assert digests(found) == set(deployed.digests[1:3])


def test_the_image_in_the_state_and_the_one_of_this_checkout_stay(pulumi: FakePulumi, deployed: Deployed) -> None:
    recorded, wanted = deployed.push("e" * 64), deployed.push(PulumiStack(pulumi.stack).image_requests["slides"].tag)
    others = [deployed.push() for _ in range(3)]
    deployed.deploy(others[2])
    image = {"urn": "a::slides", "type": "pulumi-python:dynamic/aurora:EnsuredImage", "inputs": {"tag": "e" * 64}}
    pulumi.state([{**image, "outputs": {"digest": recorded}}])
    found = surplus(deployed.stack, 1)
    assert digests(found).isdisjoint({recorded, wanted, others[2]})
    assert len(found.images) + found.images_kept == 5


def test_a_deployed_function_that_this_checkout_does_not_know_keeps_its_images(
    pulumi: FakePulumi, deployed: Deployed
) -> None:
    old = [deployed.push() for _ in range(4)]
    deployed.deploy(deployed.push())
    functions, _ = deployed.aws
    former = f"aurora-{pulumi.stack}-former"
    functions.create_function(
        FunctionName=former,
        PackageType="Image",
        Code={"ImageUri": f"{deployed.repository}@{old[0]}"},
        Role=deployed.role,
    )
    pulumi.state([{"urn": "a::b", "type": "aws:lambda/function:Function", "id": former}])
    assert old[0] not in digests(surplus(deployed.stack, 1))
    functions.delete_function(FunctionName=former)


def test_an_image_that_was_deployed_while_the_question_stood_is_not_deleted(deployed: Deployed) -> None:
    old = [deployed.push() for _ in range(3)]
    deployed.deploy(deployed.push())
    pruning = Pruning(PulumiStack(deployed.stack), 1)
    found = pruning.surplus()
    assert old[0] in digests(found)
    deployed.deploy(old[0])
    assert {image.digest for image in pruning.delete(found)} == {old[1], old[2]}
    assert old[0] in deployed.stored


def test_a_version_that_an_alias_took_meanwhile_stays_with_its_image_and_is_named(deployed: Deployed) -> None:
    for _ in range(4):
        deployed.deploy(deployed.push())
    pruning = Pruning(PulumiStack(deployed.stack), 1)
    found = pruning.surplus()
    functions, _ = deployed.aws
    functions.update_alias(FunctionName=deployed.function, Name="live", FunctionVersion="2")
    with pytest.raises(CommandError, match=rf"AWS did not delete: {deployed.function}:2 \(.*referenced by an alias\)"):
        pruning.delete(found)
    assert deployed.digests[1] in deployed.stored
    assert deployed.digests[0] not in deployed.stored


def test_of_images_pushed_in_one_second_none_goes_as_the_older(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_once(repository: str, image: dict[str, Any]) -> StoredImage:
        return StoredImage(repository, image["imageDigest"], (), datetime(2026, 6, 5, tzinfo=UTC), 0)

    monkeypatch.setattr(prune_module, "stored", at_once)
    for _ in range(3):
        deployed.push()
    assert not surplus(deployed.stack, 1)


def test_a_function_whose_image_is_unknown_stops_everything(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed.deploy(deployed.push())
    pruning = Pruning(PulumiStack(deployed.stack), 1)

    def without_an_image(**_: Any) -> dict[str, Any]:
        return {"Code": {}}

    monkeypatch.setattr(pruning._lambda, "get_function", without_an_image)  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(CommandError, match="does not report which image"):
        pruning.surplus()


def test_without_a_terminal_nothing_is_deleted_and_the_list_is_shown(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        deployed.deploy(deployed.push())
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(InvalidInput, match="Use --yes"):
        prune(deployed.stack, 1, False)
    assert len(deployed.stored) == 3
    assert f"{deployed.repository}@{deployed.digests[0][:19]}" in capsys.readouterr().out


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "left"), [("n\n", 3), ("\n", 3), ("", 3), ("y\n", 1), ("Yes\n", 1)])
def test_on_a_terminal_it_asks_and_takes_nothing_but_yes_for_yes(
    answer: str,
    left: int,
    deployed: Deployed,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for _ in range(3):
        deployed.deploy(deployed.push())
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert prune(deployed.stack, 1, False) == 0
    assert len(deployed.stored) == left
    error = capsys.readouterr().err
    assert f"Delete 2 images (0.0 MB) and 2 function versions of {deployed.stack}, and keep 1 image? [y/N]" in error


def test_a_stack_of_which_nothing_is_there_has_nothing_to_delete(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert prune(pulumi.stack, 5, False) == 0
    assert f"Nothing to delete in {pulumi.stack}" in capsys.readouterr().err


def test_another_account_is_refused_before_anything_is_listed(pulumi: FakePulumi, config: dict[str, Any]) -> None:
    pulumi.config({**config, "aws:allowedAccountIds": ["444455556666"]})
    with pytest.raises(CommandError, match="444455556666"):
        prune(pulumi.stack, 5, True)


def test_more_images_than_one_call_takes_are_deleted_in_several(deployed: Deployed) -> None:
    for _ in range(103):
        deployed.push()
    deployed.deploy(deployed.digests[-1])
    prune(deployed.stack, 1, True)
    assert deployed.stored == {deployed.digests[-1]}


@pytest.mark.parametrize(
    ("age", "shown"), [(timedelta(minutes=5), "0 hours ago"), (timedelta(days=12, hours=3), "12 days ago")]
)
def test_the_list_is_aligned_with_age_and_size(age: timedelta, shown: str) -> None:
    now = datetime(2026, 6, 5, tzinfo=UTC)
    image = StoredImage("aurora-dev-slides", f"sha256:{'a' * 64}", ("b" * 64,), now - age, 182_300_000)
    versions = (Version("aurora-dev-images-gen", 3), Version("aurora-dev-images-gen", 4))
    lines = described(Surplus(versions, (image,), 1), now)
    assert lines[1].split("  ") == ["aurora-dev-slides@sha256:aaaaaaaaaaaa", shown, "182.3 MB", "bbbbbbbbbbbb"]
    assert lines[0].index("SOURCE") == lines[1].index("bbbb")
    assert lines[2:] == ["FUNCTION               VERSIONS", "aurora-dev-images-gen  3, 4"]


def test_the_whole_function_is_never_deleted(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        deployed.deploy(deployed.push())
    pruning = Pruning(PulumiStack(deployed.stack), 1)
    asked: list[dict[str, Any]] = []
    client = pruning._lambda  # pyright: ignore[reportPrivateUsage]
    delete: Callable[..., Any] = client.delete_function

    def noting(**arguments: Any) -> Any:
        asked.append(arguments)
        return delete(**arguments)

    monkeypatch.setattr(client, "delete_function", noting)
    pruning.delete(pruning.surplus())
    assert [arguments["Qualifier"] for arguments in asked] == ["1", "2"]
