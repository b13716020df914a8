"""Locks dependencies: uv.lock and, exported from it, the requirements of each group's image."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from aurora.errors import CommandError
from aurora.files import write_atomically
from aurora.ops import uv
from aurora.project import ROOT

HEADER: Final = "# Exported from uv.lock: python3 run.py lock\n"


def lock(groups: Iterable[str], folder: Path = ROOT) -> None:
    """Brings uv.lock and the requirements of ``groups`` up to date with pyproject.toml.

    Raises:
        CommandError: pyproject.toml names a package that does not exist or has no dependency group for one of
            ``groups``, or the package index does not answer.
    """
    groups = list(groups)
    _check_groups(groups, folder)
    uv.run("lock", folder=folder)
    for group in groups:
        write_atomically(_requirements(group, folder), _exported(group, folder))


def check(groups: Iterable[str], folder: Path = ROOT) -> None:
    """Checks that `lock` would change nothing.

    Raises:
        CommandError: it would; the message names the files.
    """
    try:
        uv.run("lock", "--check", folder=folder)
    except uv.UvFailed as error:
        raise CommandError(f"uv.lock is out of date. Update it: python3 run.py lock\n({error})") from error
    stale = [path for group in groups if _read(path := _requirements(group, folder)) != _exported(group, folder)]
    if stale:
        names = ", ".join(path.relative_to(folder).as_posix() for path in stale)
        raise CommandError(f"These files are out of date: {names}. Update them: python3 run.py lock")


def _check_groups(groups: Iterable[str], folder: Path) -> None:
    declared = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8")).get("dependency-groups", {})
    for group in groups:
        if group not in declared:
            raise CommandError(
                f"pyproject.toml has no dependency group for the group of functions {group}: add one under "
                f'[dependency-groups], as in {group} = ["aurora-engine"], with the packages that its image needs.'
            )


def _requirements(group: str, folder: Path) -> Path:
    return folder / "images" / group / "requirements.txt"


def _exported(group: str, folder: Path) -> bytes:
    """A group's requirements; images hold the engine's runtime as source, not its wheel."""
    exported = uv.run(
        *("export", "--frozen", "--only-group", group, "--no-emit-project", "--no-emit-package", "aurora-engine"),
        *("--no-header", "--no-annotate"),
        folder=folder,
    )
    return (HEADER + exported).encode()


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
