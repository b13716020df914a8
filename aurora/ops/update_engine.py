"""Changes a project's version of the engine: its package, its part of pyproject.toml, run.py and the pin of uv."""

from __future__ import annotations

import re
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from aurora.console import say
from aurora.errors import COMPLETE, CommandError
from aurora.ops import engine, locks, uv
from aurora.ops.engine import Engine
from aurora.project import ROOT, systems

# Files of the engine that are the same in every project.
ENGINE_FILES: Final = ("run.py", "uv-requirements.txt")
_OVERRIDES: Final = re.compile(r"""^override-dependencies = \[(?:[^\]"']|"[^"]*"|'[^']*')*\]\n""", re.MULTILINE)
_UV: Final = "[tool.uv]\n"


def update_project(to: Engine, folder: Path = ROOT) -> int:
    """Makes the project depend on the engine ``to`` and locks it. Returns the exit code.

    Raises:
        CommandError: this is the engine's own checkout, the engine cannot be fetched or the packages cannot be locked;
            the project is then unchanged.
    """
    if engine.is_checkout():
        raise CommandError("This is the engine's own checkout. Update it by git: git pull")
    groups = [group for system in systems() for group in system.groups]
    before = _kept(folder)
    try:
        with tempfile.TemporaryDirectory() as temporary:
            package = _fetched(to, Path(temporary))
            engine.use(to, folder)
            template = package / "template"
            for name in ENGINE_FILES:
                (folder / name).write_bytes((template / name).read_bytes())
            project = folder / "pyproject.toml"
            text = with_overrides(project.read_text(encoding="utf-8"), _overrides(template / "pyproject.toml"))
            project.write_text(text, encoding="utf-8", newline="\n")
        locks.lock(groups, folder)
    except BaseException:
        _put_back(before, folder)
        raise
    say("The project depends on this engine now. Install its packages: python3 run.py test")
    return COMPLETE


def with_overrides(project: str, overrides: Iterable[str]) -> str:
    """A pyproject.toml's text with the engine's ``override-dependencies`` and the project's own."""
    table = tomllib.loads(project)["tool"]["uv"]
    names = {_name(each) for each in overrides}
    kept = [each for each in table.get("override-dependencies", []) if _name(each) not in names]
    quoted = ", ".join(f'"{each}"' for each in (*overrides, *kept))
    line = f"override-dependencies = [{quoted}]\n"
    if _OVERRIDES.search(project):
        return _OVERRIDES.sub(lambda _: line, project, count=1)
    head, section, rest = project.partition(_UV)
    return f"{head}{section}{line}{rest}"


def _fetched(to: Engine, folder: Path) -> Path:
    """The files of the engine, without its dependencies."""
    uv.run("pip", "install", "--no-deps", "--target", str(folder), to.requirement())
    return folder / "aurora"


def _overrides(project: Path) -> list[str]:
    return tomllib.loads(project.read_text(encoding="utf-8"))["tool"]["uv"]["override-dependencies"]


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower()


def _kept(folder: Path) -> dict[Path, bytes]:
    """The files that an update may change."""
    paths = [*(folder / name for name in (*ENGINE_FILES, "pyproject.toml", "uv.lock")), *folder.glob("images/*/*.txt")]
    return {path: path.read_bytes() for path in [*paths, *(folder / "vendor").glob("*.whl")] if path.is_file()}


def _put_back(before: dict[Path, bytes], folder: Path) -> None:
    for path in _kept(folder).keys() - before.keys():
        path.unlink()
    for path, content in before.items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
