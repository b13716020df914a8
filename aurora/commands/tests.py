"""`test`: the project's own test run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Annotated

import typer

from aurora.commands.parameters import new_app
from aurora.errors import CommandError
from aurora.project import ROOT

app = new_app()


@app.command(
    "test",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    epilog="""\b
Examples:
  python3 run.py test
  python3 run.py test tests/unit -k greet
""",
)
def pytest(
    arguments: Annotated[list[str] | None, typer.Argument(metavar="[PYTEST ARGUMENTS]", show_default=False)] = None,
) -> int:
    """Run the project's tests.

    Parts that need Docker, the Pulumi CLI or Chromium say so where they are absent.
    """
    return run_tests(arguments or [])


def run_tests(arguments: Sequence[str]) -> int:
    """Runs pytest on the whole suite, or on what ``arguments`` select, and returns its exit code.

    Raises:
        CommandError: the test tools are not installed.
    """
    if find_spec("pytest") is None:
        raise CommandError("The test tools are not installed. Install them: python3 run.py test")
    # On POSIX the terminal's Ctrl-C reaches pytest too; this process only waits for what it says.
    # Commands that tests start in other folders work on the projects there.
    environment = {name: value for name, value in os.environ.items() if name != "AURORA_PROJECT"}
    process = subprocess.Popen([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=environment)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
