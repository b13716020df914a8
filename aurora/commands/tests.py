"""The project's own test run, as `aurora test` starts it. Knows nothing of what is tested."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from aurora.errors import CommandError
from aurora.project import ROOT


def run_tests(arguments: Sequence[str]) -> int:
    """Runs pytest on the whole suite, or on what ``arguments`` select, and returns its exit code.

    Raises:
        CommandError: the test tools are not installed.
    """
    if find_spec("pytest") is None:
        raise CommandError("The test tools are not installed: python3 run.py test brings them.")
    # On POSIX the terminal's Ctrl-C reaches pytest too; this process only waits for what it says.
    process = subprocess.Popen([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=os.environ)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
