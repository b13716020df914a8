"""This project's groups and rooms: what the reader of imports says is what Python really imports, and an edit of a room
alters the images of the groups that import it, and no other."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aurora.image.source import GroupSource, read_group

PROJECT = Path(__file__).parents[2]
GROUPS = sorted(path.parent.name for path in PROJECT.glob("images/*/requirements.txt"))
ROOMS = ["aurora/runtime", *sorted(f"functions/{path.parent.name}" for path in PROJECT.glob("functions/*/__init__.py"))]

# Imports modules from a folder, and prints the files below it of all modules that are loaded then.
IMPORT = """
import importlib, json, sys
root, *names = sys.argv[1:]
sys.path.insert(0, root)
for name in names:
    importlib.import_module(name)
files = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
print(json.dumps([file.removeprefix(root + "/") for file in files if file.startswith(root + "/")]))
"""


def imported(folder: Path, paths: list[str]) -> set[str]:
    """The files below ``folder`` that a new process has loaded when it has imported the modules at ``paths``."""
    names = [path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in paths]
    command = [sys.executable, "-I", "-B", "-c", IMPORT, str(folder), *names]
    return set(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, set[str]]:
    """What Python loads of each group's image when all modules of the group's own folder are imported."""

    def load(group: str) -> set[str]:
        folder = tmp_path_factory.mktemp(group)
        source = GroupSource.read(PROJECT, group)
        source.stage(folder)
        own = [path for path in source.files if path.startswith(f"functions/{group}/") and path.endswith(".py")]
        return imported(folder, own)

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(GROUPS, pool.map(load, GROUPS), strict=True))


def room_of(path: str) -> str:
    return "/".join(path.split("/")[:2])


def rooms_of(paths: set[str]) -> set[str]:
    return {room_of(path) for path in paths if path.count("/") > 1}


@pytest.mark.parametrize("group", GROUPS)
def test_an_image_holds_the_rooms_that_python_loads(loaded: Mapping[str, set[str]], group: str) -> None:
    code = read_group(PROJECT, group)
    assert loaded[group] <= set(code.modules)
    lazily = set(code.modules) - loaded[group]
    assert set(code.rooms) == rooms_of(loaded[group]) | rooms_of(lazily)


@pytest.mark.parametrize("group", GROUPS)
def test_modules_that_are_imported_lazily_find_all_that_they_import_in_the_image(tmp_path: Path, group: str) -> None:
    code = read_group(PROJECT, group)
    GroupSource.read(PROJECT, group).stage(tmp_path)
    assert imported(tmp_path, list(code.modules)) == set(code.modules)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what images are built of; tests put back what they change."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("aurora/runtime", "functions", "images"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("aurora/__init__.py", "aurora/image/Dockerfile"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(PROJECT / name, folder / name)
    return folder


def digests(project: Path) -> dict[str, str]:
    return {group: GroupSource.read(project, group).digest("base:1", "linux/amd64", {}) for group in GROUPS}


@pytest.fixture(scope="module")
def unaltered(copy: Path) -> dict[str, str]:
    return digests(copy)


@pytest.mark.parametrize("added", ["data.txt", "added.py", "deep/er/data.txt"])
@pytest.mark.parametrize("room", ROOMS)
def test_an_edit_of_a_room_alters_the_groups_that_import_it_and_no_other(
    copy: Path, unaltered: dict[str, str], loaded: Mapping[str, set[str]], room: str, added: str
) -> None:
    (copy / room / added).parent.mkdir(parents=True, exist_ok=True)
    (copy / room / added).write_text("'''Something new.'''\n")
    edited = digests(copy)
    (copy / room / added).unlink()
    assert {group for group in GROUPS if edited[group] != unaltered[group]} == {
        group for group in GROUPS if room in rooms_of(loaded[group])
    }


def test_an_edit_of_a_room_that_nobody_imports_alters_none(copy: Path, unaltered: dict[str, str]) -> None:
    (copy / "functions/unimported").mkdir()
    for name in ("__init__.py", "module.py", "data.txt"):
        (copy / "functions/unimported" / name).write_text("'''Something new.'''\n")
        assert digests(copy) == unaltered
    shutil.rmtree(copy / "functions/unimported")


def test_an_image_without_a_typesetter_s_room_has_no_typesetter(loaded: Mapping[str, set[str]]) -> None:
    for group in ("course_api", "slides"):
        assert "functions/book" not in rooms_of(loaded[group]) | set(read_group(PROJECT, group).rooms)
