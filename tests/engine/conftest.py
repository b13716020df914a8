"""A checkout, a backend, an environment and an embedded AWS for the Pulumi CLI: no two tests share them unless they
only look."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from aurora.image import docker
from aurora.local.emulator import ACCOUNT_ID, Emulator, find_python
from tests.engine.engine import Engine, link_environment, prepare
from tests.support import base_image
from tests.support.clone import PROJECT, clone_into
from tests.support.parts import docker_answers

# What leads a build to a package index from here; nothing else of this machine's environment is passed on.
_NETWORK = ("DOCKER_HOST", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PIP_CERT", "SSL_CERT_FILE")


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the system's own folders of programs hold, Docker excepted, and the tests' AWS provider."""
    folder = tmp_path_factory.mktemp("bin")
    for directory in ("/usr/bin", "/bin"):
        for program in Path(directory).iterdir():
            link = folder / program.name
            if not program.name.startswith("docker") and not link.is_symlink():
                link.symlink_to(program)
    plugin = folder / "pulumi-resource-aws"
    # -P: the checkout, in which the engine starts it, may hold a program that a test has broken.
    command = f"{sys.executable} -P -m tests.engine.aws_provider"
    plugin.write_text(f"#!/bin/sh\nPYTHONPATH={PROJECT} exec {command}\n")
    plugin.chmod(0o755)
    return folder


@contextmanager
def a_new_engine(folder: Path, *path: Path) -> Generator[Engine]:
    """An engine with everything of its own below ``folder``; programs are found in ``path`` and beside the CLI."""
    checkout = clone_into(folder / "checkout")
    # Beside a lock of uv's, Pulumi would ask for uv if the project did not name its toolchain.
    for name in ("pyproject.toml", "uv.lock", ".gitattributes", ".gitignore"):
        shutil.copy(PROJECT / name, checkout)
    link_environment(checkout)
    with engine_in(checkout, folder, *path) as engine:
        yield engine


@contextmanager
def engine_in(checkout: Path, folder: Path, *path: Path) -> Generator[Engine]:
    """An engine for a checkout that has an environment, with all else of its own below ``folder``."""
    pulumi = shutil.which("pulumi")
    assert pulumi is not None
    home, state = folder / "home", folder / "state"
    for each in (home, state):
        each.mkdir()
    with Emulator(
        python=find_python(PROJECT),
        region="us-east-1",
        log=folder / "emulator.log",
        scratch=folder / "scratch",
        bytecode=PROJECT / ".aurora" / "bytecode",
    ) as emulator:
        environment = {
            "HOME": str(home),
            "PATH": os.pathsep.join([*map(str, path), str(Path(pulumi).resolve().parent)]),
            "PULUMI_BACKEND_URL": f"file://{state}",
            "PULUMI_CONFIG_PASSPHRASE": "for this test",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
            # The emulator takes this for an account; whatever the stack's own endpoints miss ends at a closed port.
            "AWS_ACCESS_KEY_ID": ACCOUNT_ID,
            "AWS_SECRET_ACCESS_KEY": emulator.credentials.secret_access_key,
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
            **{name: os.environ[name] for name in _NETWORK if name in os.environ},
        }
        prepare(checkout, emulator)
        yield Engine(checkout, environment, emulator)


NewEngine = Callable[..., Engine]


@pytest.fixture(scope="module")
def new_engine(tmp_path_factory: pytest.TempPathFactory, system: Path) -> Iterator[NewEngine]:
    """Makes engines that a module's tests share; they must leave what is deployed as it is."""
    with ExitStack() as running:
        yield lambda *path: running.enter_context(a_new_engine(tmp_path_factory.mktemp("engine"), *path, system))


@pytest.fixture
def engine(tmp_path: Path, system: Path) -> Iterator[Engine]:
    """An engine of the test's own, without Docker."""
    with a_new_engine(tmp_path, system) as engine:
        yield engine


@pytest.fixture
def engine_with_docker(tmp_path: Path, system: Path) -> Iterator[Engine]:
    """An engine of the test's own that can build for dev; what it leaves in Docker is removed."""
    if not docker_answers():
        pytest.skip("needs a Docker daemon, and mmdebstrap to make a base image with")
    client = tmp_path / "client"
    client.mkdir()
    (client / "docker").symlink_to(docker.client())
    with a_new_engine(tmp_path, client, system) as engine:
        engine.configure("dev", {"aurora:baseImage": base_image.ensure()})
        try:
            yield engine
        finally:
            _remove_images(f"127.0.0.1:{engine.emulator.port}/")


def _remove_images(registry: str) -> None:
    listed = ("image", "ls", "--format", "{{.Repository}}:{{.Tag}}")
    names = subprocess.run([docker.client(), *listed], check=True, capture_output=True, text=True).stdout.split()
    for name in names:
        if name.startswith(registry):
            subprocess.run([docker.client(), "image", "rm", name], check=True, capture_output=True)
