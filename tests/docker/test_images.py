"""The groups' images: what is in them, who may run them, and how little of one a change pushes."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from aurora.image import docker
from aurora.image.source import GroupSource, read_group
from aurora.local.emulator import Emulator
from tests.docker.conftest import BuildGroup, arguments_of_groups
from tests.docker.containers import client, python_in, running
from tests.support.base_image import PLATFORM
from tests.support.clone import PROJECT

GROUPS = arguments_of_groups()
NEARLY_NOTHING = {"course": {"course_id": "c", "execution": "c-1"}}
HANDLERS = [(group, handler) for group in GROUPS for handler in GROUPS[group]["HANDLERS"].split()]
LARGEST_PUSH_OF_A_LINE = 100_000

FILES_THAT_WERE_ADDED = """
import importlib.util, json, os, sys
files = {}
for root in ("/opt/python", "/var/task"):
    for folder, folders, names in os.walk(root):
        for name in [*folders, *names]:
            path = os.path.join(folder, name)
            found = os.stat(path)
            compiled = path.endswith(".py") and importlib.util.cache_from_source(path)
            files[path] = {
                "time": found.st_mtime,
                "readable": os.access(path, os.R_OK | (os.X_OK if os.path.isdir(path) else 0)),
                "writable": os.access(path, os.W_OK),
                "lacks bytecode": bool(compiled) and not os.path.exists(compiled),
                "checked bytecode": path.endswith(".pyc") and open(path, "rb").read(8)[4:] != bytes([1, 0, 0, 0]),
            }
left = [path for path in sys.argv[1:] if os.path.lexists(path)]
print(json.dumps([files, left]))
"""


@pytest.mark.parametrize(("group", "handler"), HANDLERS)
def test_every_function_starts_and_answers_as_lambda_runs_it(
    images: Mapping[str, str], group: str, handler: str
) -> None:
    with running(images[group], handler) as container:
        answer = container.call(NEARLY_NOTHING)

    module = handler.split(".")[-2]
    # An event with hardly anything in it is a failure of the handler's own code, not of finding or loading it.
    assert "statusCode" in answer or f"/var/task/functions/{group}/{module}.py" in "".join(answer["stackTrace"])


@pytest.mark.parametrize("group", GROUPS)
def test_everything_in_an_image_is_readable_compiled_and_without_times(images: Mapping[str, str], group: str) -> None:
    leftovers = ["/build", "/dependencies", "/code", "/var/cache/pip", "/root/.cache", "/run/secrets/certificates"]

    files, left = json.loads(python_in(images[group], FILES_THAT_WERE_ADDED, *leftovers))

    assert left == []
    assert f"/var/task/functions/{group}/settings.py" in files
    assert "/opt/python/awslambdaric/__main__.py" in files
    for path, found in files.items():
        assert found == {
            "time": 0,
            "readable": True,
            "writable": False,
            "lacks bytecode": False,
            "checked bytecode": False,
        }, path
    assert not [path for path in files if "/tests/" in path and path.startswith("/var/task")]
    code = [path.removeprefix("/var/task/") for path in files if path.startswith("/var/task/")]
    rooms = {"/".join(path.split("/")[:2]) for path in code if path.endswith(".py") and path.count("/") > 1}
    assert rooms == set(read_group(PROJECT, group).rooms)


def test_where_lambda_names_its_interface_the_emulator_stays_out(images: Mapping[str, str]) -> None:
    environment = ("--env", "AWS_LAMBDA_RUNTIME_API=127.0.0.1:1")
    ended = subprocess.run(
        [docker.client(), "run", "--rm", *environment, images["slides"], "functions.slides.none.handler"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )

    assert ended.returncode != 0
    assert "Unable to import module 'functions.slides.none'" in ended.stdout
    assert "Connection refused" in ended.stdout
    assert "(rapid)" not in ended.stdout


# What sets AWS's own base apart from Debian: where Python is, an entry point, no find nor xargs. And another user.
LIKE_AWS = """ARG BASE_IMAGE
FROM ${BASE_IMAGE}
RUN mkdir -p /var/lang/bin /var/task && ln -s $(readlink -f /usr/bin/python3) /var/lang/bin/python3 \\
    && rm /usr/bin/python3 /usr/bin/find /usr/bin/xargs
ENV PATH=/var/lang/bin:/usr/local/bin:/usr/bin:/bin LAMBDA_TASK_ROOT=/var/task
USER 1000
WORKDIR /var/task
ENTRYPOINT ["/lambda-entrypoint.sh"]
"""


def test_a_base_may_have_its_python_elsewhere_and_an_entry_point_and_user_of_its_own(
    build_group: BuildGroup, base: str, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text(LIKE_AWS)
    other = f"aurora-tests/base:{secrets.token_hex(8)}"
    docker.build(docker.Build(tmp_path, other, PLATFORM, {"BASE_IMAGE": base}))
    try:
        image = build_group(PROJECT, "slides", {**GROUPS["slides"], "BASE_IMAGE": other})
        with running(image, *GROUPS["slides"]["HANDLERS"].split()) as container:
            answer = container.call(NEARLY_NOTHING)
    finally:
        client("rmi", other)

    assert "/var/task/functions/slides/" in "".join(answer["stackTrace"])


@pytest.fixture(scope="module")
def rebuilt(build_group: BuildGroup, base: str, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What Docker knows of two images of one source, each built from nothing."""
    context = tmp_path_factory.mktemp("context")
    GroupSource.read(PROJECT, "slides").stage(context)
    arguments = {"BASE_IMAGE": base, **GROUPS["slides"]}
    build = docker.Build(context, f"aurora-tests/slides:{secrets.token_hex(8)}", PLATFORM, arguments)
    without_cache = tmp_path_factory.mktemp("client") / "docker"
    without_cache.write_text(
        f"""#!/bin/sh
[ "$1" != build ] || {{ shift; set -- build --no-cache "$@"; }}
exec {docker.client()} "$@"
"""
    )
    without_cache.chmod(0o755)
    found: list[dict[str, Any]] = []
    with pytest.MonkeyPatch.context() as patch:
        real = docker.client()
        patch.setenv("PATH", str(without_cache.parent), prepend=os.pathsep)
        for _ in range(2):
            with docker._build_lock(real):  # the builds of this client are no others' to wait for
                docker.build(build)
            found.append(json.loads(client("image", "inspect", build.reference))[0])
            client("rmi", build.reference)
    return found


def test_two_builds_of_one_source_make_the_same_layers(rebuilt: list[dict[str, Any]]) -> None:
    first, second = (image["RootFS"]["Layers"] for image in rebuilt)

    assert first == second


def test_two_builds_of_one_source_make_the_same_image(rebuilt: list[dict[str, Any]]) -> None:
    first, second = rebuilt
    if not first["Created"].startswith("1970-01-01T00:00:00"):
        version = client("version", "--format", "{{.Server.Version}}")
        pytest.skip(f"the BuildKit in Docker {version} does not know SOURCE_DATE_EPOCH: it notes the time of the build")

    assert first["Id"] == second["Id"]


@pytest.mark.parametrize(("group", "changed"), [("content", "lessons.py"), ("slides", "drawing.py")])
def test_a_changed_line_pushes_less_than_100_kb(
    emulator: Emulator, build_group: BuildGroup, repository: str, tmp_path: Path, group: str, changed: str
) -> None:
    project = tmp_path / "project"
    for folder in ("aurora", "functions", "images"):
        shutil.copytree(PROJECT / folder, project / folder)
    before = pushed_blobs(emulator, build_group(project, group, GROUPS[group]), repository)
    path = project / "functions" / group / changed
    path.write_text(path.read_text() + "\nCHANGED = 'by a line'\n")
    after = pushed_blobs(emulator, build_group(project, group, GROUPS[group]), repository)

    new = {digest: size for digest, size in after.items() if digest not in before}
    assert len(new) == 2, "the layer with the line, and the configuration"
    assert sum(new.values()) < LARGEST_PUSH_OF_A_LINE
    # Whatever the line, shared ones too, it is in one of these; the largest two are the base and the dependencies.
    *code, _dependencies, _base = sorted(after.values())
    assert code[-1] < LARGEST_PUSH_OF_A_LINE * 0.9


def pushed_blobs(emulator: Emulator, image: str, repository: str) -> dict[str, int]:
    """Pushes an image and returns the digests and compressed sizes of its configuration and layers."""
    tag = image.partition(":")[2]
    reference = f"{repository}:{tag}"
    client("tag", image, reference)
    try:
        docker.push(reference, "AWS", emulator.credentials.secret_access_key)
    finally:
        client("rmi", reference)
    host, _, name = repository.partition("/")
    kinds = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json"
    url = f"http://{host}/v2/{name}/manifests/{tag}"
    # An index, as builds with attestations make, would have neither.
    login = ("AWS", emulator.credentials.secret_access_key)
    manifest = httpx.get(url, headers={"Accept": kinds}, auth=login, trust_env=False).raise_for_status().json()
    return {blob["digest"]: blob["size"] for blob in [manifest["config"], *manifest["layers"]]}
