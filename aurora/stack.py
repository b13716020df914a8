"""What the Pulumi CLI knows of a deployed stack: its outputs and its config. Knows nothing of what they mean."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from aurora.errors import CommandError
from aurora.project import ROOT


def outputs(stack: str) -> dict[str, Any]:
    """The stack's outputs, by name.

    Raises:
        CommandError: there is no Pulumi CLI, no such stack, or nothing deployed in it.
    """
    found = _pulumi(stack, "stack", "output", "--json")
    if not found:
        raise CommandError(f"Nothing is deployed in the stack {stack} yet: pulumi up -s {stack}")
    return found


def config(stack: str) -> dict[str, Any]:
    """The stack's plain config values by full key (``aws:region``); secrets are left out.

    Raises:
        CommandError: there is no Pulumi CLI or no such stack.
    """
    entries = _pulumi(stack, "config", "--json")
    return {
        key: entry["objectValue"] if "objectValue" in entry else entry.get("value")
        for key, entry in entries.items()
        if not entry.get("secret")
    }


def _pulumi(stack: str, *arguments: str) -> dict[str, Any]:
    command = ["pulumi", *arguments, "--stack", stack, "--non-interactive"]
    try:
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise CommandError(
            f"The stack {stack} is reached through the Pulumi CLI, which is not installed: "
            "https://www.pulumi.com/docs/install/ says how. Courses on this machine need no -s STACK; users of a "
            "running local platform are added with -s local."
        ) from None
    if run.returncode:
        reasons = [line for line in run.stderr.splitlines() if line.strip()] or [f"exit code {run.returncode}"]
        raise CommandError(
            f"Pulumi does not know this stack: {reasons[0].removeprefix('error: ')}\n"
            "`pulumi whoami` shows the backend you are logged in to, `pulumi stack ls` its stacks."
        )
    return json.loads(run.stdout or "{}")
