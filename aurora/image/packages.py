"""Checks that a group's image would hold everything that its code imports: its rooms and its locked packages."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

from aurora.image.source import UnresolvedImport, read_group
from aurora.imports import GroupCode

_LOCKED: Final = re.compile(r"^([A-Za-z0-9][\w.-]*)\s*(?:==|@)", re.MULTILINE)


def check_imports(project: Path, group: str) -> None:
    """Checks that the image of ``group`` would hold everything that its code imports.

    Raises:
        UnreadableSource: a file of it cannot be read.
        UnresolvedImport: it would not; the message names each file, line and module, and what to do.
    """
    if faults := import_faults(read_group(project, group), project):
        raise UnresolvedImport("\n".join(faults))


def import_faults(code: GroupCode, project: Path) -> list[str]:
    """Imports that a group's image would not hold: each with file, line, module and what to do."""
    return [*code.faults, *_unlocked(code, project)]


def _unlocked(code: GroupCode, project: Path) -> Iterator[str]:
    """Imports of ``code`` that ``images/<group>/requirements.txt`` does not lock, each package once."""
    lock = project / "images" / code.group / "requirements.txt"
    try:
        locked = frozenset(map(_normalized, _LOCKED.findall(lock.read_text(encoding="utf-8"))))
    except FileNotFoundError:
        yield (
            f"images/{code.group}/requirements.txt does not exist: add a dependency group {code.group} to "
            "pyproject.toml, then run `python3 run.py lock`, which writes it"
        )
        return
    except (OSError, UnicodeDecodeError) as error:
        yield f"images/{code.group}/requirements.txt, which locks what {code.group} imports, cannot be read: {error}"
        return
    known = {"aurora", "functions", "", *sys.stdlib_module_names, *_provided(locked)}
    for path, each in code.imports():
        name = each.top_level
        if name in known or each.optional:
            continue
        known.add(name)
        where = f"{path}, line {each.line} imports {name}"
        if (project / name).is_dir() or (project / f"{name}.py").is_file():
            yield f"{where}: images hold aurora.runtime and folders of functions/, and nothing else of the project"
        else:
            yield (
                f"{where}, which is not locked for the group {code.group}: add {_distribution(name)} to the "
                f"dependency group {code.group} in pyproject.toml, or to one that it includes, then run "
                "`python3 run.py lock`"
            )


@cache
def _provided(locked: frozenset[str]) -> frozenset[str]:
    """The import names of the packages in ``locked``: those of the packages installed here, and the packages' names."""
    return frozenset(name for package in locked for name in (*_top_level(package), package.replace("-", "_")))


def _top_level(package: str) -> Iterable[str]:
    try:
        found = metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return ()
    # Not `files`, which makes an object for every line: botocore has thousands.
    listed = (found.read_text("RECORD") or "").splitlines()
    return {re.split(r"[/.,]", line, maxsplit=1)[0] for line in listed}.union(
        (found.read_text("top_level.txt") or "").split()
    )


def _distribution(name: str) -> str:
    """The installed package that provides the module ``name``; "it" if there is none."""
    return next(iter(metadata.packages_distributions().get(name, ())), "it")


def _normalized(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()
