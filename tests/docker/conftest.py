"""Images of the function groups, built by the program's own code, and a folder to build others in."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator, Mapping
from pathlib import Path

import pytest

from aurora.components.group import image_requests
from aurora.image import docker
from aurora.image.source import GroupSource
from aurora.local.emulator import Emulator
from tests.docker.containers import client
from tests.support import base_image, embedded_aws
from tests.support.base_image import PLATFORM
from tests.support.clone import PROJECT
from tests.support.platform import DECLARED

# Builds an image of a group in a project, and returns its reference: (project, group, arguments) -> reference.
BuildGroup = Callable[[Path, str, Mapping[str, str]], str]


def arguments_of_groups() -> dict[str, Mapping[str, str]]:
    """Every declared group, and the build arguments of its image."""
    return {group: request.arguments for group, request in image_requests(DECLARED).items()}


@pytest.fixture
def repository(emulator: Emulator) -> str:
    """A new repository in the embedded AWS's registry, whose tags do not change: ``host:port/name``."""
    name = f"tests-{secrets.token_hex(8)}"
    embedded_aws.client(emulator, "ecr").create_repository(repositoryName=name, imageTagMutability="IMMUTABLE")
    return f"{emulator.endpoint.removeprefix('http://')}/{name}"


@pytest.fixture(scope="session")
def base() -> str:
    """The base image of all images here."""
    return base_image.ensure()


@pytest.fixture(scope="session")
def build_group(base: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[BuildGroup]:
    """Builds groups' images as the program does; they are deleted in the end."""
    references: list[str] = []

    def build(project: Path, group: str, arguments: Mapping[str, str]) -> str:
        context = tmp_path_factory.mktemp("context")
        GroupSource.read(project, group).stage(context)
        reference = f"aurora-tests/{group}:{secrets.token_hex(8)}"
        references.append(reference)
        docker.build(docker.Build(context, reference, PLATFORM, {"BASE_IMAGE": base, **arguments}))
        return reference

    yield build
    for reference in references:
        client("rmi", "--force", reference, check=False)


@pytest.fixture(scope="session")
def images(build_group: BuildGroup) -> Mapping[str, str]:
    """The image of every group of this project, by the group's name."""
    return {group: build_group(PROJECT, group, arguments) for group, arguments in arguments_of_groups().items()}
