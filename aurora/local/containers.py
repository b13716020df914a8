"""A session's containers, and the attendant that removes them at the end. Starts fast: the emulator waits for it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from aurora.files import append_privately
from aurora.local.errors import LocalError

_ATTENDANT = Path(__file__).parent / "scripts" / "attendant.py"
_SECONDS_TO_REMOVE = 60.0


class Attendant:
    """The process that removes a session's containers and images, however the session ends.

    ``session`` is the session's folder, ``images`` the prefix of its images' names. ``address`` is this machine's
    address for the containers; ``lifeline`` is a file descriptor: the session ends when the last process that has it
    open ends.
    """

    def __init__(self, *, python: Path, session: Path, images: str, log: Path) -> None:
        self.session = session
        self.address = ""
        self._command = [str(python), "-I", str(_ATTENDANT), str(session), images]
        self._log = log
        self._process: subprocess.Popen[str] | None = None

    @property
    def lifeline(self) -> int:
        """The file descriptor that processes of the session inherit; nothing is read or written."""
        assert self._process is not None
        assert self._process.stdin is not None
        return self._process.stdin.fileno()

    def start(self) -> None:
        """Removes what killed sessions left behind, and finds the address.

        Raises:
            LocalError: this machine's Docker cannot run the functions.
        """
        with append_privately(self._log) as log:
            process = self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                # It must outlive Ctrl-C and the embedded AWS's process group.
                start_new_session=True,
            )
        assert process.stdout is not None
        answer: dict[str, str] = json.loads(process.stdout.readline() or "{}")
        if "address" not in answer:
            raise LocalError(answer.get("error") or f"Containers cannot be managed here: {self._last_line()}.")
        self.address = answer["address"]

    def stop(self) -> None:
        """Waits until the containers are gone; the embedded AWS has ended before."""
        if self._process is None:
            return
        try:
            self._process.communicate(timeout=_SECONDS_TO_REMOVE)
        except subprocess.TimeoutExpired:
            # Docker hangs: the attendant continues, and the next session removes what is left.
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()

    def _last_line(self) -> str:
        lines = self._log.read_text("utf-8", "replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "no reason was given").rstrip(".")
