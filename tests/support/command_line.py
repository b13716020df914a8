"""The command line, run in this process or in one of its own."""

from __future__ import annotations

import json
import subprocess
import sys

from typer.testing import CliRunner

from aurora.commands.cli import app

_RUNNER = CliRunner()
_HEAVY = ("boto3", "botocore", "httpx", "pulumi", "rich", "yaml")


def called(*arguments: str) -> tuple[int, str, str]:
    """The exit code, stdout and stderr of a command line."""
    result = _RUNNER.invoke(app, arguments)
    return result.exit_code, result.stdout, result.stderr


def imported_by_help(*command: str) -> set[str]:
    """Which slow packages the help of a command imports."""
    program = f"""
import json, sys
from aurora.commands.cli import app
try:
    app({[*command, "--help"]})
except SystemExit:
    print(json.dumps([name for name in {_HEAVY} if name in sys.modules]), file=sys.stderr)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(ended.stderr))
