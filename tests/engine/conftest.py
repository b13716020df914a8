"""The Pulumi CLI on a backend and a checkout of its own, with a stand-in for the AWS provider."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.clone import PROJECT, clone_into


@dataclass(frozen=True)
class Engine:
    """A checkout and the environment in which `pulumi` runs there."""

    checkout: Path
    environment: dict[str, str]

    def run(self, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Runs a command in the checkout, with its output in one text."""
        return subprocess.run(
            command,
            cwd=self.checkout,
            env=self.environment,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    checkout, tools, home = clone_into(tmp_path / "checkout"), tmp_path / "bin", tmp_path / "home"
    for folder in (tools, home, tmp_path / "state"):
        folder.mkdir()
    # Beside a lock of uv's, Pulumi would ask for uv if the project did not name its toolchain.
    for name in ("pyproject.toml", "uv.lock"):
        shutil.copy(PROJECT / name, checkout)
    (checkout / ".venv").symlink_to(PROJECT / ".venv")
    plugin = tools / "pulumi-resource-aws"
    plugin.write_text(f"#!/bin/sh\nexec {sys.executable} {PROJECT / 'tests/engine/aws_provider.py'}\n")
    plugin.chmod(0o755)
    pulumi = shutil.which("pulumi")
    assert pulumi is not None
    # Nothing but the CLI and the system: no uv, no Docker client of this machine.
    path = os.pathsep.join([str(tools), str(Path(pulumi).parent), "/usr/bin", "/bin"])
    environment = {
        "HOME": str(home),
        "PATH": path,
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "for this test",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
    }
    return Engine(checkout, environment)
