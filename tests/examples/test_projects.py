"""A platform of one's own lives without this project: made by one command, tested, served, given a newer engine."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path

import httpx
import pytest

from aurora.ops import uv
from tests.examples.projects import (
    HELLO,
    Project,
    add_hello,
    clone_of_engine,
    environment_of,
    make_by_command,
    newer_engine,
)
from tests.support.clone import PROJECT

MAX_LINES = 60


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that a clone of this one made, before the clone was deleted."""
    folder = tmp_path_factory.mktemp("own")
    clone, made, home = clone_of_engine(folder / "clone"), folder / "hello", folder / "home"

    output = make_by_command(clone, made, "hello", home)

    assert output.splitlines()[-3:] == [f"cd {made}", "python3 run.py test", "python3 run.py local"]
    shutil.rmtree(clone)
    return Project(made, environment_of(home))


def test_a_new_project_passes_its_own_tests_without_the_clone_that_made_it(project: Project) -> None:
    output = project.must("test")

    assert "passed" in output
    assert "failed" not in output
    clone = str(project.folder.parent / "clone")
    kept = [
        path
        for path in project.folder.rglob("*")
        if path.is_file() and not path.is_relative_to(project.folder / ".venv")
    ]
    assert [path for path in kept if clone.encode() in path.read_bytes()] == []
    assert [path for path in kept if str(PROJECT).encode() in path.read_bytes()] == []


def test_a_new_project_is_locked(project: Project) -> None:
    project.must("lock", "--check")


def test_the_overrides_of_a_new_project_are_all_that_a_fresh_lock_needs(project: Project, tmp_path: Path) -> None:
    shutil.copy(project.folder / "pyproject.toml", tmp_path)
    shutil.copytree(project.folder / "vendor", tmp_path / "vendor")

    uv.run("lock", folder=tmp_path)

    assert 'name = "aurora-engine"' in (tmp_path / "uv.lock").read_text(encoding="utf-8")


def test_a_new_project_serves_its_page_until_it_is_interrupted(project: Project) -> None:
    process = project.start("local", "--json")
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        assert "<title>hello</title>" in httpx.get(ready["site"]).text
        assert httpx.get(f"{ready['api']}/greeting").json() == {"greeting": "Hello, world!"}
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 0


def test_hello_passes_its_tests_with_the_engine_that_comes_after_the_one_it_was_made_with(
    project: Project, tmp_path: Path
) -> None:
    """examples/hello: two groups, a queue, a table, a workflow; and then the engine is replaced below it."""
    hello = Project(Path(shutil.copytree(project.folder, tmp_path / "hello", symlinks=True)), project.environment)
    add_hello(hello.folder)
    hello.must("lock")
    wheel = newer_engine(tmp_path)
    hello.must("update", "--engine", str(wheel))

    assert [path.name for path in (hello.folder / "vendor").iterdir()] == [wheel.name]
    assert hello.folder.joinpath("run.py").read_text(encoding="utf-8").endswith("# of a newer engine\n")
    output = hello.must("test")
    assert "Installing the embedded AWS" in output  # the newer engine's lock of it is another
    assert "test_cards.py .." in output
    hello.must("lock", "--check")


def test_hello_is_declared_in_few_lines() -> None:
    files = [PROJECT / "__main__.py", *HELLO.glob("infra/*.py")]
    files += [path for path in (PROJECT / "aurora" / "template" / "infra").glob("*.py") if path.name == "__init__.py"]
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(lines) <= MAX_LINES
