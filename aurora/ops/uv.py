"""uv, which run.py installed: it locks, exports, builds and installs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from aurora.errors import CommandError
from aurora.project import ROOT

INSTALL: Final = "python3 run.py --help"


class UvFailed(CommandError):
    """uv failed; the message is uv's."""


def run(*arguments: str, folder: Path = ROOT, seconds: float | None = None) -> str:
    """Runs uv on the project in ``folder`` and returns what it printed on stdout.

    Raises:
        UvFailed: uv failed.
        CommandError: uv is not installed, or did not end within ``seconds``.
    """
    uv = ROOT / ".aurora" / "uv" / ("Scripts/uv.exe" if os.name == "nt" else "bin/uv")
    environment = {
        **os.environ,
        "UV_PROJECT_ENVIRONMENT": str(folder / ".venv"),
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_SYSTEM_CERTS": "1",
    }
    environment.pop("VIRTUAL_ENV", None)
    try:
        done = subprocess.run(
            [str(uv), *arguments, "--project", str(folder)],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=seconds,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandError(f"uv, which installs the packages, cannot be run: {error}") from error
    if done.returncode:
        raise UvFailed(f"uv {arguments[0]} failed:\n{done.stderr.strip()}")
    return done.stdout
