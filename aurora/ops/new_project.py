"""Makes a project from the engine's template."""

from __future__ import annotations

import re
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from aurora.console import result, say
from aurora.errors import COMPLETE, InvalidInput
from aurora.ops import engine, locks
from aurora.ops.engine import TEMPLATE, Engine
from aurora.project import ROOT

_SERVICE: Final = "{{service}}"
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_GROUPS: Final = sorted(path.parent.name for path in TEMPLATE.glob("functions/*/__init__.py"))
# Names in AWS are <service>-<stage>-<resource>[-<account>]; a bucket's may have 63 characters.
_MAX_NAME_LENGTH: Final = 30


def make_project(folder: Path, service: str) -> int:
    """Makes the project ``service`` in ``folder``. Returns the exit code.

    Raises:
        InvalidInput: the name cannot be used, or the folder is not empty.
        CommandError: its packages cannot be locked; the folder is then empty again.
    """
    folder = folder.resolve()
    check_name(service)
    check_folder(folder)
    say(f"Making {service} in {folder} ...")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory() as temporary:
            write_project(folder, service, engine.present(Path(temporary)))
        locks.lock(_GROUPS, folder)
    except BaseException:
        _empty(folder)
        raise
    say("Done. Next:")
    result(f"cd {folder}")
    result("python3 run.py test")
    result("python3 run.py local")
    return COMPLETE


def check_name(service: str) -> None:
    """Checks that names in AWS and settings can begin with ``service``.

    Raises:
        InvalidInput: they cannot; the message says why.
    """
    if not _NAME.fullmatch(service):
        raise InvalidInput(
            f"--name {service}: names in AWS begin with it. Use lower-case letters, digits and single hyphens, "
            "beginning with a letter."
        )
    if len(service) > _MAX_NAME_LENGTH:
        raise InvalidInput(
            f"--name {service}: names in AWS begin with it, and AWS limits their length. Use at most "
            f"{_MAX_NAME_LENGTH} characters."
        )
    for group in _GROUPS:
        if service.startswith(group):
            raise InvalidInput(
                f"--name {service}: the first group of functions has this name, and names of resources begin with "
                "both. Choose another name."
            )
    if service in ("aurora", "pulumi") or find_spec(f"pulumi_{service.replace('-', '_')}"):
        raise InvalidInput(f"--name {service}: {service}: is the namespace of other settings. Choose another name.")


def check_folder(folder: Path) -> None:
    """Checks that ``folder`` is new or empty.

    Raises:
        InvalidInput: it is not.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidInput(f"{folder} is not empty: name a folder that is new or empty.")


def write_project(folder: Path, service: str, source: Engine) -> None:
    """Writes the template into ``folder``, with the project's name and engine, without locking it."""
    for path in sorted(TEMPLATE.rglob("*")):
        target = folder / path.relative_to(TEMPLATE)
        if "__pycache__" in path.parts or path.is_dir():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes().replace(_SERVICE.encode(), service.encode()))
    # The new project starts with the versions that this one was tested with.
    for name in ("images/base-image", "uv.lock"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    engine.use(source, folder)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
