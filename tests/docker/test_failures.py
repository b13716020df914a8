"""What goes wrong with a real Docker comes through as a sentence with what to do."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import certifi
import pytest

from aurora.image import docker
from aurora.local.emulator import Emulator
from tests.docker.conftest import BuildGroup, arguments_of_groups
from tests.docker.containers import client
from tests.support.base_image import PLATFORM
from tests.support.clone import PROJECT
from tests.support.processes import started_by

Building = Callable[..., docker.Build]


@pytest.fixture
def building(base: str, tmp_path: Path) -> Generator[Building]:
    """An image to build from a Dockerfile's instructions; what comes of it is deleted."""
    reference = f"aurora-tests/failures:{secrets.token_hex(8)}"
    context = tmp_path / "context"
    context.mkdir()

    def of(*instructions: str, start: str = base) -> docker.Build:
        (context / "Dockerfile").write_text("\n".join(("ARG BASE_IMAGE", "FROM ${BASE_IMAGE}", *instructions, "")))
        return docker.Build(context, reference, PLATFORM, {"BASE_IMAGE": start})

    yield of
    client("rmi", "--force", reference, check=False)


def why(failing: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(docker.DockerError) as failed:
        failing(*arguments)
    return str(failed.value)


def push_as(emulator: Emulator, reference: str, built: str) -> None:
    """Pushes what was built under another reference, which Docker forgets again."""
    client("tag", built, reference)
    try:
        docker.push(reference, "AWS", emulator.credentials.secret_access_key)
    finally:
        client("rmi", reference)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of this project's groups that a test may break."""
    for folder in ("aurora", "functions", "images"):
        shutil.copytree(PROJECT / folder, tmp_path / "project" / folder)
    return tmp_path / "project"


def test_a_missing_dependency_fails_the_build_and_names_handler_and_module(
    build_group: BuildGroup, project: Path
) -> None:
    module = project / "functions" / "slides" / "images_gen.py"
    module.write_text(module.read_text() + "\nimport no_such_module\n")

    told = why(build_group, project, "slides", arguments_of_groups()["slides"])

    assert "failed with exit code 1 at `RUN PYTHONPATH=" in told
    assert "    ModuleNotFoundError: No module named 'no_such_module'\n" in told
    assert "    functions.slides.images_gen.handler cannot be imported: No module named 'no_such_module'\n" in told


def test_a_misspelt_handler_fails_the_build(build_group: BuildGroup, project: Path) -> None:
    told = why(build_group, project, "slides", {"HANDLERS": "functions.slides.images_gen.handle"})

    assert (
        "    functions.slides.images_gen.handle cannot be imported: module 'functions.slides.images_gen' has no "
        in told
    )


def test_a_module_that_ends_python_when_it_is_imported_fails_the_build(build_group: BuildGroup, project: Path) -> None:
    (project / "functions" / "slides" / "ending.py").write_text("import sys\nsys.exit(0)\n")

    told = why(build_group, project, "slides", {"HANDLERS": "functions.slides.ending.handler"})

    assert "    functions.slides.ending.handler cannot be imported: 0\n" in told


def test_code_that_is_no_python_fails_the_build_whether_or_not_it_is_imported(
    build_group: BuildGroup, project: Path
) -> None:
    (project / "functions" / "slides" / "unused.py").write_text("def broken(:\n")

    told = why(build_group, project, "slides", arguments_of_groups()["slides"])

    assert "functions/slides/unused.py" in told
    assert "SyntaxError: invalid syntax" in told


def test_a_package_whose_hash_is_another_fails_the_build(build_group: BuildGroup, project: Path) -> None:
    lock = project / "images" / "slides" / "requirements.txt"
    lock.write_text(f"six==1.17.0 --hash=sha256:{'0' * 64}\n")

    told = why(build_group, project, "slides", arguments_of_groups()["slides"])

    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in told
    assert "at `RUN --mount=type=cache" in told


def test_a_failing_instruction_is_shown_with_what_it_said(building: Building) -> None:
    told = why(docker.build, building("RUN echo one; echo two >&2; exit 3"))

    assert told.splitlines()[0].endswith("failed with exit code 3 at `RUN echo one; echo two >&2; exit 3`:")
    # A program's two streams reach the builder through two pipes: their order is not the program's.
    assert sorted(told.splitlines()[1:3]) == ["    one", "    two"]
    assert told.splitlines()[3:] == ["Correct it, then run the same command again."]


def test_a_base_that_cannot_be_pulled_is_named(building: Building) -> None:
    told = why(docker.build, building(start="127.0.0.1:1/no/such:base"))

    assert told.startswith("The base image 127.0.0.1:1/no/such:base cannot be pulled (")
    assert "connection refused): its registry does not answer; check the name and the network, then run" in told


def test_without_the_package_index_the_network_is_missing(building: Building) -> None:
    build = building(
        "ENV PIP_INDEX_URL=http://127.0.0.1:1/simple PIP_RETRIES=1",
        "RUN python3 -m pip install --target /x six",
    )

    assert why(docker.build, build).startswith("pip cannot reach the package index from inside the build: connect")


@pytest.fixture
def certificate_of_somebody(tmp_path: Path) -> Path:
    """A bundle with a single authority, which has not signed the package index's certificate."""
    first = Path(certifi.where()).read_text().partition("-----END CERTIFICATE-----")
    path = tmp_path / "one.pem"
    path.write_text(first[0] + first[1] + "\n")
    return path


def test_certificates_reach_pip_and_where_they_do_not_trust_the_index_pip_cert_is_told(
    building: Building, certificate_of_somebody: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CERT", str(certificate_of_somebody))
    build = building(
        "RUN --mount=type=secret,id=certificates PIP_RETRIES=0 PIP_CERT=/run/secrets/certificates "
        "python3 -m pip install --target /x six"
    )

    told = why(docker.build, build)

    assert told.startswith("The package index's certificate is not trusted in the build")
    assert "set PIP_CERT to the file" in told


def test_certificates_are_in_no_layer(
    building: Building, certificate_of_somebody: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CERT", str(certificate_of_somebody))
    build = building("RUN --mount=type=secret,id=certificates test -s /run/secrets/certificates")

    docker.build(build)

    assert client("run", "--rm", build.reference, "find", "/run", "-type", "f") == ""
    assert "CERTIFICATE" not in client("history", "--no-trunc", build.reference)


@pytest.fixture
def dead_daemon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The address of a daemon that does not run, which the client is told to use."""
    address = f"unix://{tmp_path}/docker.sock"
    monkeypatch.setenv("DOCKER_HOST", address)
    return address


def test_a_daemon_that_does_not_run_is_told_before_and_in_a_build(building: Building, dead_daemon: str) -> None:
    told = why(docker.check)

    assert told == (
        f"Docker's daemon does not answer at {dead_daemon}: start it there, or correct or unset DOCKER_HOST, then run "
        "the same command again."
    )
    assert why(docker.build, building()) == told
    assert why(docker.push, "127.0.0.1:1/x:1", "AWS", "password") == told
    assert docker.free_bytes() is None


@pytest.mark.skipif(
    sys.platform != "linux" or os.getuid() != 0 or shutil.which("setpriv") is None,
    reason="only root can run the client as somebody else, with setpriv",
)
def test_a_user_who_may_not_use_the_daemon_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    somebody = tmp_path / "docker"
    somebody.write_text(f'#!/bin/sh\nexec setpriv --reuid 65534 --regid 65534 --clear-groups {docker.client()} "$@"\n')
    somebody.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    assert why(docker.check).startswith("This user may not use Docker's daemon: add it to the group docker")


def test_a_full_disk_is_told(building: Building) -> None:
    build = building("RUN python3 -c \"open('/dev/full', 'wb', 0).write(b'x')\"")

    assert why(docker.build, build).startswith("The disk where Docker keeps images is full: free some space")


def test_free_space_is_that_of_dockers_own_folder() -> None:
    free = docker.free_bytes()
    root = Path(client("info", "--format", "{{.DockerRootDir}}"))

    assert root.exists() == (free is not None)
    assert free is None or abs(shutil.disk_usage(root).free - free) < 1_000_000_000


def test_a_registry_that_cannot_be_reached_is_named(emulator: Emulator, building: Building) -> None:
    build = building()
    docker.build(build)

    told = why(push_as, emulator, "127.0.0.1:1/tests:none", build.reference)

    assert told.startswith("Docker's daemon cannot reach 127.0.0.1:1 (")
    assert told.endswith("connection refused): check the network, then run the same command again.")


def test_a_tag_that_is_taken_by_another_image_is_told(emulator: Emulator, building: Building, repository: str) -> None:
    reference = f"{repository}:tag"
    first = building("ENV CONTENT=one")
    docker.build(first)
    push_as(emulator, reference, first.reference)
    client("rmi", first.reference)
    second = building("ENV CONTENT=two")
    docker.build(second)

    told = why(push_as, emulator, reference, second.reference)

    assert told.startswith(f"{repository.partition('/')[0]} already has another image with the tag of {reference},")


def test_a_repository_that_does_not_exist_is_told(emulator: Emulator, building: Building, repository: str) -> None:
    build = building()
    docker.build(build)
    reference = f"{repository}-absent:tag"

    told = why(push_as, emulator, reference, build.reference)

    assert told.startswith(f"The repository of {reference} does not exist at")


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_build_that_is_broken_off_ends_its_client_and_leaves_no_tag(building: Building, sent: signal.Signals) -> None:
    waits = f"RUN echo {secrets.token_hex(8)}; sleep 300"
    build = building(waits)
    program = (
        "import sys; from pathlib import Path; from aurora.image import docker; "
        f"docker.build(docker.Build(Path({str(build.context)!r}), {build.reference!r}, {build.platform!r}, "
        f"{dict(build.arguments)!r}))"
    )
    builder = subprocess.Popen([sys.executable, "-c", program], cwd=PROJECT, stderr=subprocess.DEVNULL)
    try:
        until(lambda: bool(started_by(os.getpid(), build.reference)) and in_docker(waits))
        clients = started_by(os.getpid(), build.reference)
        builder.send_signal(sent)
        builder.wait(20)
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in clients))
        until(lambda: not in_docker(waits))
    finally:
        builder.kill()

    assert client("images", "--quiet", build.reference) == ""
    # The same reference is free for the build that completes.
    docker.build(building("ENV COMPLETE=1"))
    assert client("images", "--quiet", build.reference) != ""


def in_docker(command: str) -> bool:
    """Whether a build's instruction is being run."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if command.removeprefix("RUN ").encode() in path.read_bytes().replace(b"\0", b" "):
                return True
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
    return False


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)
