"""Runs one command that ends when whoever started this ends, however that happens.

A script of the standard library alone: ``supervise.py FOLDER COMMAND ...``. Its standard input is a pipe on which
nothing is ever written: when it closes, the command is ended. FOLDER, if not empty, is deleted last of all; it may
hold what must not stay behind. It must not know what it runs.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading

SECONDS_TO_END = 5.0


def end_with_parent(command: subprocess.Popen[bytes]) -> None:
    """Waits until the pipe closes, then ends the command and what it started."""
    os.read(0, 1)
    if command.poll() is not None:
        return
    if os.name == "nt":
        command.terminate()
    else:
        # The signal reaches the whole process group, this process too, which must stay to tidy up.
        os.killpg(0, signal.SIGTERM)
    try:
        command.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        command.kill()


def main() -> int:
    """Runs the command of the arguments and returns its exit code."""
    folder, *arguments = sys.argv[1:]
    # A handler, since a signal that is ignored would be ignored by the command too.
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    try:
        command = subprocess.Popen(arguments, stdin=subprocess.DEVNULL)
        threading.Thread(target=end_with_parent, args=(command,), daemon=True).start()
        return command.wait()
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
