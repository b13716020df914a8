"""What is locked: uv.lock, and for each group of functions the requirements of its image, exported from it."""

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
        CommandError: pyproject.toml asks for what does not exist or has no dependency group for one of ``groups``, or
            the package index does not answer.
    """
    groups = list(groups)
    _check_groups(groups, folder)
    uv.run("lock", folder=folder)
    for group in groups:
        write_atomically(_requirements(group, folder), _exported(group, folder))


def check(groups: Iterable[str], folder: Path = ROOT) -> None:
    """Returns if `lock` would change nothing.

    Raises:
        CommandError: it would; the message names the files.
    """
    try:
        uv.run("lock", "--check", folder=folder)
    except uv.UvFailed as error:
        raise CommandError(f"uv.lock is stale. Bring it up to date: python3 run.py lock\n({error})") from error
    stale = [path for group in groups if _read(path := _requirements(group, folder)) != _exported(group, folder)]
    if stale:
        names = ", ".join(path.relative_to(folder).as_posix() for path in stale)
        raise CommandError(f"These are stale: {names}. Bring them up to date: python3 run.py lock")


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
    """What the lock names for a group; images hold of the engine its runtime, as source, and not the wheel."""
    exported = uv.run(
        *("export", "--frozen", "--only-group", group, "--no-emit-project", "--no-emit-package", "aurora-engine"),
        *("--no-header", "--no-annotate"),
        folder=folder,
    )
    return (HEADER + exported).encode()


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
