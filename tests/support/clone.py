"""A copy of the project in a folder of its own, so that no platform of this machine is used or disturbed."""

from __future__ import annotations

import shutil
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
_COPIED = (
    "Pulumi*.yaml",
    "__main__.py",
    "aurora",
    "client",
    "examples",
    "functions",
    "images",
    "infra",
    "policy",
    "site",
)


def clone_into(folder: Path) -> Path:
    """Copies what the program and the command consist of into ``folder``, which is made if need be, and returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    for pattern in _COPIED:
        for path in PROJECT.glob(pattern):
            if path.is_dir():
                shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(path, folder)
    share_bytecode(folder)
    return folder


def share_bytecode(project: Path) -> None:
    """Lets what runs locally in a copy of a project find libraries compiled: each function worker imports its own."""
    shared, folder = PROJECT / ".aurora" / "bytecode", project / ".aurora"
    shared.mkdir(parents=True, exist_ok=True)
    folder.mkdir()
    (folder / "bytecode").symlink_to(shared)
