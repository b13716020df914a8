"""The ways to ensure an image, against the embedded AWS's registry. Builds have tests of their own in tests/docker."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aurora.aws_session import StackSession
from aurora.image import docker
from aurora.image.ensure import ImageError, ImageRequest, Place, ensure, plan
from aurora.image.registry import Registry, RegistryError
from aurora.image.source import GroupSource
from aurora.local.emulator import Emulator
from tests.support.clone import PROJECT
from tests.support.images import push_image, push_index
from tests.unit.aurora.image.conftest import stack_config

TAG = "a" * 64


@pytest.fixture
def session(emulator: Emulator) -> StackSession:
    return StackSession(stack_config(emulator))


@pytest.fixture
def repository(session: StackSession) -> Iterator[Callable[[str], None]]:
    """Makes a repository that goes with the test."""
    ecr, made = session.client("ecr"), list[str]()

    def make(name: str) -> None:
        ecr.create_repository(repositoryName=name, imageTagMutability="IMMUTABLE")
        made.append(name)

    yield make
    for name in made:
        ecr.delete_repository(repositoryName=name, force=True)


@pytest.fixture
def service() -> str:
    """A service that no other test has repositories of."""
    return f"s{uuid.uuid4().hex[:8]}"


@pytest.fixture
def request_(service: str, repository: Callable[[str], None]) -> ImageRequest:
    """What dev's slides need: its repository is there, and empty."""
    repository(f"{service}-dev-slides")
    return ImageRequest(
        group="slides",
        repository=f"{service}-dev-slides",
        tag=TAG,
        manifest={"Dockerfile": "0123"},
        platform="linux/amd64",
        base_image="base",
        arguments={},
        copy_from=(),
        may_build=True,
    )


def ensured(request: ImageRequest, emulator: Emulator, session: StackSession) -> tuple[str, str]:
    """The digest, and the line that was reported."""
    lines: list[str] = []
    url = f"127.0.0.1:{emulator.port}/{request.repository}"
    digest = ensure(request, url, session, PROJECT, lines.append)
    (line,) = lines
    return digest, line


@pytest.fixture
def no_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker that must not be asked."""

    def asked(*_arguments: object, **_named: object) -> None:
        raise AssertionError("Docker was asked")

    monkeypatch.setattr(docker, "build", asked)
    monkeypatch.setattr(docker, "push", asked)


@pytest.mark.usefixtures("no_docker")
def test_an_image_that_is_there_is_taken_by_its_digest(
    emulator: Emulator, session: StackSession, request_: ImageRequest
) -> None:
    pushed = push_image(emulator, request_.repository, TAG)
    assert plan(request_, session).step == "present"
    digest, line = ensured(request_, emulator, session)
    assert digest == pushed
    assert line.startswith(f"slides: present, because {request_.repository} holds the image of this source (look ")


@pytest.mark.usefixtures("no_docker")
def test_an_image_of_another_environment_is_copied_with_its_digest(
    emulator: Emulator, session: StackSession, request_: ImageRequest, service: str, repository: Callable[[str], None]
) -> None:
    repository(f"{service}-staging-slides")
    pushed = push_image(emulator, f"{service}-staging-slides", TAG, content=uuid.uuid4().bytes)
    wanted = replace(request_, copy_from=(Place("prod", service), Place("staging", service)))
    assert plan(wanted, session).source == Place("staging", service)
    digest, line = ensured(wanted, emulator, session)
    assert digest == pushed
    assert f"{service}-dev-slides holds no image of source {TAG[:12]}, {service}-staging-slides does" in line
    assert "copied (" in line
    assert plan(request_, session).step == "present"


@pytest.mark.usefixtures("no_docker")
def test_the_first_environment_of_the_list_that_has_the_image_is_the_source(
    emulator: Emulator, session: StackSession, request_: ImageRequest, service: str, repository: Callable[[str], None]
) -> None:
    for stage in ("staging", "prod"):
        repository(f"{service}-{stage}-slides")
        push_image(emulator, f"{service}-{stage}-slides", TAG, content=stage.encode())
    wanted = replace(request_, copy_from=(Place("prod", service), Place("staging", service)))
    assert plan(wanted, session).source == Place("prod", service)


def test_what_is_nowhere_is_built_and_the_reason_names_where_was_looked(
    session: StackSession, request_: ImageRequest, service: str
) -> None:
    wanted = replace(request_, copy_from=(Place("staging", service, "123456789012", "us-east-1"),))
    chosen = plan(wanted, session)
    assert chosen.step == "build"
    assert f"{service}-staging-slides (123456789012, us-east-1)" in chosen.reason


def test_without_a_repository_there_is_no_image_either(session: StackSession, request_: ImageRequest) -> None:
    assert plan(replace(request_, repository="aurora-never-made"), session).step == "build"


@pytest.mark.usefixtures("no_docker")
def test_a_stack_that_may_not_build_says_what_to_bring_up_first(
    emulator: Emulator, session: StackSession, request_: ImageRequest, service: str
) -> None:
    wanted = replace(request_, copy_from=(Place("staging", service),), may_build=False)
    assert plan(wanted, session).step == "missing"
    with pytest.raises(ImageError) as missing:
        ensured(wanted, emulator, session)
    for part in (request_.repository, TAG[:12], "aurora:buildImages", "deploy the same source to staging first"):
        assert part in str(missing.value)


@pytest.mark.usefixtures("no_docker")
def test_an_image_for_another_platform_is_refused(
    emulator: Emulator, session: StackSession, request_: ImageRequest
) -> None:
    push_image(emulator, request_.repository, TAG, platform="linux/arm64")
    with pytest.raises(ImageError, match=r"linux/arm64 .* needs linux/amd64.*delete that tag"):
        ensured(request_, emulator, session)


@pytest.mark.usefixtures("no_docker")
def test_an_image_for_another_platform_is_not_copied(
    emulator: Emulator, session: StackSession, request_: ImageRequest, service: str, repository: Callable[[str], None]
) -> None:
    repository(f"{service}-staging-slides")
    push_image(emulator, f"{service}-staging-slides", TAG, platform="linux/arm64")
    with pytest.raises(ImageError, match=rf"{service}-staging-slides holds an image for linux/arm64"):
        ensured(replace(request_, copy_from=(Place("staging", service),)), emulator, session)
    assert plan(request_, session).step == "build"  # no tag was left


@pytest.mark.usefixtures("no_docker")
def test_a_list_of_images_is_refused(emulator: Emulator, session: StackSession, request_: ImageRequest) -> None:
    push_index(emulator, request_.repository, TAG)
    with pytest.raises(ImageError, match="not a single image"):
        ensured(request_, emulator, session)


def test_a_source_that_changed_since_it_was_read_is_not_built(
    emulator: Emulator, session: StackSession, request_: ImageRequest
) -> None:
    with pytest.raises(ImageError, match="changed since it was read: run the same command again"):
        ensured(request_, emulator, session)


def test_an_image_that_somebody_else_copied_meanwhile_is_taken(
    emulator: Emulator,
    session: StackSession,
    request_: ImageRequest,
    service: str,
    repository: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    repository(f"{service}-staging-slides")
    pushed = push_image(emulator, f"{service}-staging-slides", TAG)
    wanted = replace(request_, copy_from=(Place("staging", service),))

    def copy(*_arguments: object) -> None:
        """As ECR answers where tags are immutable, even to the same image."""
        push_image(emulator, request_.repository, TAG)
        raise RegistryError("the tag exists")

    monkeypatch.setattr(Registry, "copy", copy)
    digest, line = ensured(wanted, emulator, session)
    assert digest == pushed
    assert line.startswith("slides: somebody else copied it meanwhile, because ")


def test_a_copy_that_fails_is_no_image_of_somebody_else(
    emulator: Emulator,
    session: StackSession,
    request_: ImageRequest,
    service: str,
    repository: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    repository(f"{service}-staging-slides")
    push_image(emulator, f"{service}-staging-slides", TAG)

    def copy(*_arguments: object) -> None:
        raise RegistryError("the registry is full")

    monkeypatch.setattr(Registry, "copy", copy)
    with pytest.raises(ImageError, match="the registry is full"):
        ensured(replace(request_, copy_from=(Place("staging", service),)), emulator, session)


def test_an_image_that_somebody_pushed_during_the_build_is_taken(
    emulator: Emulator, session: StackSession, request_: ImageRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = GroupSource.read(PROJECT, "slides").digest("base", "linux/amd64", {})
    theirs: list[str] = []

    def build(_build: docker.Build) -> None:
        theirs.append(push_image(emulator, request_.repository, tag))

    def push(*_arguments: str) -> None:
        raise docker.DockerError("the tag exists")

    monkeypatch.setattr(docker, "build", build)
    monkeypatch.setattr(docker, "push", push)
    digest, line = ensured(replace(request_, tag=tag), emulator, session)
    assert [digest] == theirs
    assert "built and pushed" in line


def test_a_push_that_fails_leaves_no_tag_and_says_why(
    emulator: Emulator, session: StackSession, request_: ImageRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = GroupSource.read(PROJECT, "slides").digest("base", "linux/amd64", {})

    def push(*_arguments: str) -> None:
        raise docker.DockerError("the registry is full")

    monkeypatch.setattr(docker, "build", lambda _build: None)
    monkeypatch.setattr(docker, "push", push)
    with pytest.raises(ImageError, match="the registry is full"):
        ensured(replace(request_, tag=tag), emulator, session)
    assert plan(replace(request_, tag=tag), session).step == "build"


def test_what_is_built_is_the_staged_source_with_its_base_and_arguments(
    emulator: Emulator,
    session: StackSession,
    request_: ImageRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = GroupSource.read(PROJECT, "slides")
    tag = source.digest("base", "linux/amd64", {"HANDLERS": "h"})
    seen: dict[str, Any] = {}

    def build(build: docker.Build) -> None:
        files = [path for path in build.context.rglob("*") if path.is_file()]
        seen.update(vars(build), files={p.relative_to(build.context).as_posix(): p.read_bytes() for p in files})
        push_image(emulator, request_.repository, tag)

    def push(reference: str, username: str, password: str) -> None:
        seen.update(pushed=reference, username=username, password=password)

    monkeypatch.setattr(docker, "build", build)
    monkeypatch.setattr(docker, "push", push)
    ensured(replace(request_, tag=tag, arguments={"HANDLERS": "h"}), emulator, session)
    assert seen["files"] == source.files
    assert seen["arguments"] == {"BASE_IMAGE": "base", "HANDLERS": "h"}
    assert seen["reference"] == seen["pushed"] == f"127.0.0.1:{emulator.port}/{request_.repository}:{tag}"
    assert seen["username"] == "AWS"
    assert not Path(seen["context"]).exists()


def test_without_credentials_the_error_is_a_sentence(request_: ImageRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(ImageError, match="AWS cannot be asked about the image: Unable to locate credentials"):
        plan(request_, StackSession({"aws:region": "eu-west-1"}))


def test_a_request_survives_its_way_through_the_stack_s_state(request_: ImageRequest) -> None:
    whole = replace(request_, copy_from=(Place("staging", "aurora", "123456789012"),), arguments={"HANDLERS": "h"})
    assert ImageRequest.of_inputs(json.loads(json.dumps(whole.inputs()))) == whole
