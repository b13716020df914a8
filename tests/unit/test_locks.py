"""The committed locks are those of the committed project: what runs locally is what is deployed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from aurora.image.source import read_group
from aurora.ops import locks

ROOT = Path(__file__).resolve().parents[2]
UV = "uv-requirements.txt"
EMULATOR = "aurora/local/ministack-requirements.txt"
GROUPS = sorted(folder.parent.name for folder in ROOT.glob("images/*/requirements.txt"))


def test_every_group_of_functions_has_the_dependencies_of_the_rooms_that_it_imports() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    for group in GROUPS:
        included = {group}
        while (
            more := {each["include-group"] for name in included for each in declared[name] if "include-group" in each}
            - included
        ):
            included |= more
        assert included == {room.partition("/")[2] for room in read_group(ROOT, group).rooms} & set(declared)


def test_every_folder_of_functions_is_a_group_or_a_room_of_one_and_every_dependency_group_is_for_one() -> None:
    folders = {folder.parent.relative_to(ROOT).as_posix() for folder in ROOT.glob("functions/*/__init__.py")}
    assert {room for group in GROUPS for room in read_group(ROOT, group).rooms} == {*folders, "aurora/runtime"}
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    assert set(declared) - {"dev", "platform"} <= {folder.partition("/")[2] for folder in folders}


def test_a_local_run_has_the_packages_of_every_group() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["uv"]["default-groups"] == "all"


@pytest.mark.parametrize("group", GROUPS)
def test_an_image_has_what_the_engine_s_runtime_needs_and_nothing_else_of_the_engine(group: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {pin.split("==")[0] for pin in _pins((ROOT / f"images/{group}/requirements.txt").read_text("utf-8"))}

    assert {_package(requirement) for requirement in project["dependencies"]} <= names
    assert not names & {"aurora-engine", "pulumi"}


def test_what_is_locked_is_what_is_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    locks.check(GROUPS)


@pytest.mark.parametrize("group", GROUPS)
def test_an_image_gets_wheels_only_and_the_runtime_client_that_starts_it(group: str) -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    wheels = {package["name"] for package in lock["package"] if package.get("wheels")}
    names = {pin.split("==")[0] for pin in _pins((ROOT / f"images/{group}/requirements.txt").read_text("utf-8"))}

    assert "awslambdaric" in names
    assert names - wheels == set()


def test_the_embedded_aws_is_the_one_that_the_engine_names() -> None:
    wanted = _pins((ROOT / "aurora/local/ministack-requirements.in").read_text(encoding="utf-8"))
    pinned = {pin.split(" ")[0] for pin in _pins((ROOT / EMULATOR).read_text(encoding="utf-8"))}
    assert re.fullmatch(r"[a-z]+==[0-9.]+", wanted[0])
    assert wanted[0] in pinned
    assert {_package(name) for name in wanted} <= {name.partition("==")[0] for name in pinned}


@pytest.mark.parametrize("lock", [UV, EMULATOR])
def test_what_run_py_installs_is_pinned_with_hashes(lock: str) -> None:
    pins = _pins((ROOT / lock).read_text(encoding="utf-8"))
    assert pins
    assert [pin for pin in pins if not re.match(r"[a-z0-9-]+==[^ ]+ (;.*)?.*--hash=sha256:", pin)] == []


def test_the_installer_is_the_one_that_the_project_requires_and_that_builds_the_engine() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (pin,) = _pins((ROOT / UV).read_text(encoding="utf-8"))
    minor = ".".join(pin.removeprefix("uv==").split(".")[:2])
    assert project["tool"]["uv"]["required-version"].startswith(f">={minor},")
    assert project["build-system"]["requires"] == [f"uv_build{project['tool']['uv']['required-version']}"]


def _package(requirement: str) -> str:
    """``pulumi`` of ``pulumi>=3``."""
    return re.split(r"[=<>]", requirement)[0]


def _pins(text: str) -> list[str]:
    """The requirements of a file, one line each, without comments."""
    joined = text.replace("\\\n", " ")
    lines = (re.sub(r"\s+", " ", line).strip() for line in joined.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
