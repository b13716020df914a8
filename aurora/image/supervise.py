"""Runs a command and ends it when the parent process ends, in any way.

``supervise.py FOLDER COMMAND ...``: a script that needs the standard library only. Its standard input is a pipe on
which nothing is written: when it closes, the command is ended. FOLDER, if not empty, is deleted last.
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
        # The signal also reaches this process, which handles it and stays to clean up.
        os.killpg(0, signal.SIGTERM)
    try:
        command.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        command.kill()


def main() -> int:
    """Runs the command of the arguments and returns its exit code."""
    folder, *arguments = sys.argv[1:]
    # A handler, because the command would inherit an ignored signal.
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
