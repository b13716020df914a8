"""The engine as a package: what its wheel holds, that its version follows from its bytes, and how projects name it."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

import pytest

from aurora.errors import CommandError, InvalidInput
from aurora.ops import engine
from aurora.ops.engine import Engine, build, with_source
from tests.support.clone import PROJECT

WHEEL = '{ path = "vendor/aurora_engine-0.3.0+g1234567-py3-none-any.whl" }'


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


def copy_of_engine(folder: Path) -> Path:
    """The engine's checkout, with nothing of the platform beside it."""
    shutil.copytree(PROJECT / "aurora", folder / "aurora", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("LICENSE", "pyproject.toml"):
        shutil.copy(PROJECT / name, folder)
    return folder


def test_a_wheel_holds_the_engine_and_nothing_of_the_platform_beside_it(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.split("/")[0] for name in names} == {"aurora", wheel.name.split("-py3")[0] + ".dist-info"}
    assert [name for name in names if "__pycache__" in name] == []


@pytest.mark.parametrize(
    "name",
    [
        "aurora/__init__.py",
        "aurora/image/Dockerfile",
        "aurora/py.typed",
        "aurora/local/ministack-requirements.txt",
        "aurora/local/scripts/worker.py",
        "aurora/template/.gitattributes",
        "aurora/template/.github/workflows/pull-request.yml",
        "aurora/template/.gitignore",
        "aurora/template/run.py",
    ],
)
def test_a_wheel_holds_what_is_no_module_too(wheel: Path, name: str) -> None:
    assert zipfile.ZipFile(wheel).read(name) == (PROJECT / name).read_bytes()


def test_the_same_files_make_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    elsewhere = copy_of_engine(tmp_path / "elsewhere")
    (elsewhere / "aurora" / "__init__.py").chmod(0o755)
    (elsewhere / "aurora" / "__pycache__").mkdir()
    (elsewhere / "aurora" / "__pycache__" / "x.cpython-311.pyc").write_bytes(b"")
    (elsewhere / "aurora" / "naming.py~").write_text("an editor's copy")

    again = build(tmp_path, elsewhere)

    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


@pytest.mark.parametrize("path", ["aurora/runtime/env.py", "aurora/template/README.md", "pyproject.toml"])
def test_other_bytes_are_another_version(wheel: Path, tmp_path: Path, path: str) -> None:
    changed = copy_of_engine(tmp_path / "changed")
    with (changed / path).open("a") as file:
        file.write("\n# changed\n")

    other = build(tmp_path, changed)

    assert re.fullmatch(r"aurora_engine-\d+\.\d+\.\d+\+g[0-9a-f]{7}-py3-none-any\.whl", other.name)
    assert other.name != wheel.name


def test_only_a_checkout_of_the_engine_can_build_it(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "tales"\n')
    with pytest.raises(CommandError, match="Only the engine's own checkout can build it"):
        build(tmp_path, tmp_path)


def test_a_checkout_s_own_engine_is_the_wheel_of_its_files(wheel: Path, tmp_path: Path) -> None:
    present = engine.present(tmp_path)
    assert present.wheel is not None
    assert present.wheel.read_bytes() == wheel.read_bytes()


@pytest.mark.parametrize(
    ("text", "source", "requirement"),
    [
        (
            "git+https://example.com/platform/engine",
            '{ git = "https://example.com/platform/engine" }',
            "aurora-engine @ git+https://example.com/platform/engine",
        ),
        (
            "git+https://example.com/platform/engine@v0.3.0",
            '{ git = "https://example.com/platform/engine", rev = "v0.3.0" }',
            "aurora-engine @ git+https://example.com/platform/engine@v0.3.0",
        ),
        (
            "git+ssh://git@example.com/engine.git@4f1c2aa",
            '{ git = "ssh://git@example.com/engine.git", rev = "4f1c2aa" }',
            "aurora-engine @ git+ssh://git@example.com/engine.git@4f1c2aa",
        ),
        ("git+ssh://git@example.com/engine.git", '{ git = "ssh://git@example.com/engine.git" }', None),
    ],
)
def test_a_git_address_is_read(text: str, source: str, requirement: str | None) -> None:
    read = Engine.parse(text)
    assert read.source() == source
    assert requirement is None or read.requirement() == requirement


def test_a_wheel_is_found_where_somebody_stands(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(wheel.parent)
    assert Engine.parse(wheel.name) == Engine(wheel=wheel)


@pytest.mark.parametrize("name", ["requests-2.0-py3-none-any.whl", "aurora_engine-0.3.0.tar.gz", "."])
def test_what_is_no_engine_is_refused(tmp_path: Path, name: str) -> None:
    if name != ".":
        (tmp_path / name).touch()
    with pytest.raises(InvalidInput, match="is neither a wheel of the engine"):
        Engine.parse(str(tmp_path / name))


def test_a_wheel_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is neither a wheel of the engine"):
        Engine.parse(str(tmp_path / "aurora_engine-0.3.0-py3-none-any.whl"))


@pytest.mark.parametrize(
    ("before", "source", "after"),
    [
        (
            '[tool.uv.sources]\n# Where from.\naurora-engine = { git = "x" }\nother = { path = "y" }\n',
            WHEEL,
            f'[tool.uv.sources]\n# Where from.\naurora-engine = {WHEEL}\nother = {{ path = "y" }}\n',
        ),
        (
            '[tool.uv.sources]\nother = { path = "y" }\n',
            WHEEL,
            f'[tool.uv.sources]\naurora-engine = {WHEEL}\nother = {{ path = "y" }}\n',
        ),
        ("[tool.uv]\n", WHEEL, f"[tool.uv]\n\n[tool.uv.sources]\naurora-engine = {WHEEL}\n"),
        ('[tool.uv.sources]\naurora-engine = { git = "x" }\n', "", "[tool.uv.sources]\n"),
        ("[tool.uv]\n", "", "[tool.uv]\n"),
    ],
    ids=["replaced", "added to the sources", "added with the section", "removed", "left as it is"],
)
def test_one_line_says_where_the_engine_comes_from(before: str, source: str, after: str) -> None:
    assert with_source(before, source) == after


def test_a_project_keeps_the_wheel_that_it_depends_on_and_no_other(wheel: Path, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.uv]\n")
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "aurora_engine-0.2.0-py3-none-any.whl").touch()
    (tmp_path / "vendor" / "another-1.0-py3-none-any.whl").touch()

    engine.use(Engine(wheel=wheel), tmp_path)
    engine.use(Engine(wheel=tmp_path / "vendor" / wheel.name), tmp_path)

    assert {path.name for path in (tmp_path / "vendor").iterdir()} == {wheel.name, "another-1.0-py3-none-any.whl"}
    assert f'aurora-engine = {{ path = "vendor/{wheel.name}" }}' in (tmp_path / "pyproject.toml").read_text()


def test_a_project_that_gets_the_engine_by_git_has_no_wheel_of_it(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.uv]\n")
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "aurora_engine-0.2.0-py3-none-any.whl").touch()

    engine.use(Engine(git="https://example.com/engine"), tmp_path)

    assert list((tmp_path / "vendor").iterdir()) == []
