"""A session's containers: what this machine must have for them, and the attendant that removes them at the end.

It must not know what runs in the containers. Starts fast: the embedded AWS waits for nothing else.
"""

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

    ``session`` is the session's folder, ``images`` what the names of its images begin with. ``address`` is that of
    this machine as its containers see it; ``lifeline`` is a file descriptor: when the last process that has it open
    ends, the session has ended.
    """

    def __init__(self, *, python: Path, session: Path, images: str, log: Path) -> None:
        self.session = session
        self.address = ""
        self._command = [str(python), "-I", str(_ATTENDANT), str(session), images]
        self._log = log
        self._process: subprocess.Popen[str] | None = None

    @property
    def lifeline(self) -> int:
        """Never read, never written."""
        assert self._process is not None
        assert self._process.stdin is not None
        return self._process.stdin.fileno()

    def start(self) -> None:
        """Removes what killed sessions have left, and finds the address.

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
                # Neither Ctrl-C nor the end of the embedded AWS's process group is its own end.
                start_new_session=True,
            )
        assert process.stdout is not None
        answer: dict[str, str] = json.loads(process.stdout.readline() or "{}")
        if "address" not in answer:
            raise LocalError(answer.get("error") or f"Containers cannot be looked after here: {self._last_words()}.")
        self.address = answer["address"]

    def stop(self) -> None:
        """Waits until the containers are gone; the embedded AWS has ended before."""
        if self._process is None:
            return
        try:
            self._process.communicate(timeout=_SECONDS_TO_REMOVE)
        except subprocess.TimeoutExpired:
            # Docker hangs: the attendant goes on, and the next session makes up for what it leaves.
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()

    def _last_words(self) -> str:
        lines = self._log.read_text("utf-8", "replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "no reason was given").rstrip(".")
