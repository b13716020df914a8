"""A running local platform's state for other commands of the project (``.aurora/local.json``), and its folders."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import IO, Any, cast

from aurora.files import write_atomically
from aurora.local.errors import DataInUse, LocalError

FOLDER = ".aurora"
_STATE = "local.json"


def find_running(project: Path) -> dict[str, Any] | None:
    """The announced local platform of ``project``, if its process is alive."""
    try:
        state = cast("dict[str, Any]", json.loads((project / FOLDER / _STATE).read_text("utf-8")))
    except (FileNotFoundError, ValueError):
        return None
    return state if _is_alive(int(state["pid"])) else None


def announce(project: Path, state: dict[str, Any]) -> None:
    """Writes the state file in one step; only its owner can read it.

    Raises:
        LocalError: another running platform is announced.
    """
    other = find_running(project)
    if other is not None and other["pid"] != state["pid"]:
        raise already_running(other)
    write_atomically(project / FOLDER / _STATE, f"{json.dumps(state, indent=2)}\n".encode(), private=True)


def already_running(other: dict[str, Any]) -> LocalError:
    """The error when a second platform of the same project starts."""
    return LocalError(
        f"A local platform of this project already runs at {other['site']} (process {other['pid']}): "
        "use it, or end it first."
    )


def withdraw(project: Path) -> None:
    """Removes the state file if this process wrote it."""
    state = find_running(project)
    if state is not None and state["pid"] == os.getpid():
        (project / FOLDER / _STATE).unlink(missing_ok=True)


def scratch_folder(project: Path) -> Path:
    """Makes a folder for one session's temporary files; removes those of killed sessions."""
    parent = project / FOLDER / "run"
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in parent.iterdir():
        owner = left.name.partition("-")[0]
        if owner.isdigit() and not _is_alive(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
    folder = parent / f"{os.getpid()}-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    return folder


class DataFolder:
    """A folder with one platform's data, locked while a platform uses it."""

    def __init__(self, path: Path) -> None:
        """Creates the folder if it does not exist, and locks it.

        Raises:
            DataInUse: another platform has it.
            LocalError: it cannot be created.
        """
        self.path = path.resolve()
        try:
            if not self.path.exists():
                self.path.mkdir(mode=0o700, parents=True)
                (self.path / ".gitignore").write_text("# Passwords and keys: not for a repository.\n*\n", "utf-8")
            # The lock ends with the process, in any way.
            self._lock: IO[str] = (self.path / "lock").open("a")
        except OSError as error:
            raise LocalError(f"Data cannot be kept in {self.path}: {error.strerror}.") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise DataInUse(
                f"Another local platform keeps its data in {self.path}: end it first, or use another folder."
            ) from error

    def password(self) -> str | None:
        """The local user's password of earlier sessions; None if there is none, or its file is damaged."""
        try:
            return str(json.loads((self.path / "author.json").read_text("utf-8"))["password"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def keep_password(self, password: str) -> None:
        """Keeps the local user's password for later sessions."""
        write_atomically(self.path / "author.json", json.dumps({"password": password}).encode(), private=True)

    def release(self) -> None:
        """Lets another platform use the folder."""
        self._lock.close()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
