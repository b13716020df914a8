"""`update`: what of a project becomes the new engine's, what stays its own, and that a failure changes nothing."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from aurora.errors import CommandError
from aurora.ops import engine, locks, update_engine
from aurora.ops.engine import Engine
from aurora.ops.new_project import write_project
from aurora.ops.update_engine import update_project, with_overrides
from tests.support.clone import PROJECT

OLD = Engine(git="https://example.com/engine", rev="v1")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with an older engine, whose own files it changed."""
    monkeypatch.setattr(update_engine, "systems", tuple)
    monkeypatch.setattr(engine, "is_checkout", lambda _=None: False)
    write_project(tmp_path, "tales", OLD)
    (tmp_path / "run.py").write_text("# an older one\n")
    (tmp_path / "uv-requirements.txt").write_text("uv==0.1\n")
    return tmp_path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return engine.build(tmp_path_factory.mktemp("wheel"))


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_update_renews_what_is_the_engine_s_and_nothing_else(
    project: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "lock", lambda *_: None)
    before = files(project)

    assert update_project(Engine(wheel=wheel), project) == 0

    after = files(project)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed == {"run.py", "uv-requirements.txt", "pyproject.toml", f"vendor/{wheel.name}"}
    for name in ("run.py", "uv-requirements.txt"):
        assert after[name] == (PROJECT / name).read_bytes()
    assert f'path = "vendor/{wheel.name}"' in after["pyproject.toml"].decode()


def test_an_engine_comes_from_a_git_repository_too(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "lock", lambda *_: None)
    repository = tmp_path_factory.mktemp("engine")
    shutil.copytree(PROJECT / "aurora", repository / "aurora", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("LICENSE", "pyproject.toml"):
        shutil.copy(PROJECT / name, repository)
    identity = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com")
    for command in (
        ("init", "--quiet"),
        ("add", "."),
        (*identity, "commit", "--quiet", "-m", "An engine"),
        ("tag", "v9"),
    ):
        subprocess.run(["git", "-C", repository, *command], check=True)

    update_project(Engine.parse(f"git+file://{repository}@v9"), project)

    assert (project / "run.py").read_bytes() == (PROJECT / "run.py").read_bytes()
    assert f'aurora-engine = {{ git = "file://{repository}", rev = "v9" }}' in (project / "pyproject.toml").read_text()


def test_an_update_that_cannot_be_locked_changes_nothing(
    project: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        (project / "uv.lock").write_text("half of it")
        raise CommandError("the package index does not answer")

    monkeypatch.setattr(locks, "lock", fails)
    (project / "vendor").mkdir()
    shutil.copy(wheel, project / "vendor" / "aurora_engine-0.2.0-py3-none-any.whl")
    before = files(project)

    with pytest.raises(CommandError, match="the package index does not answer"):
        update_project(Engine(wheel=wheel), project)

    assert files(project) == before


def test_an_engine_that_cannot_be_fetched_changes_nothing(project: Path, tmp_path: Path) -> None:
    before = files(project)
    with pytest.raises(CommandError, match="uv pip failed"):
        update_project(Engine(git=f"file://{tmp_path}/nowhere"), project)
    assert files(project) == before


def test_the_engine_s_own_checkout_takes_no_other_engine() -> None:
    with pytest.raises(CommandError, match="This is the engine's own checkout"):
        update_project(OLD)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[tool.uv]\npackage = false\n", ["new>=2"]),
        ('[tool.uv]\noverride-dependencies = ["new>=1"]\n', ["new>=2"]),
        (
            '[tool.uv]\noverride-dependencies = [\n  "other[extra]<3",  # mine\n  "New==1",\n]\n',
            ["new>=2", "other[extra]<3"],
        ),
        ("[tool.uv]\noverride-dependencies = []\npackage = false\n", ["new>=2"]),
    ],
)
def test_the_engine_s_overrides_replace_their_like_and_leave_others(before: str, after: list[str]) -> None:
    table = tomllib.loads(with_overrides(before, ["new>=2"]))["tool"]["uv"]
    assert table["override-dependencies"] == after
    assert table.get("package") is (False if "package" in before else None)
