"""The Pulumi CLI: a stack's outputs, config and state."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from typing import Any, Final

from aurora.errors import CommandError
from aurora.project import ROOT

SECONDS: Final = 60  # a backend in the cloud takes a few seconds

# Parts of the CLI's messages when nobody is logged in, and when a settings file is broken.
NOT_LOGGED_IN: Final = "PULUMI_ACCESS_TOKEN"
NO_YAML: Final = "invalid YAML"
_LOG_IN: Final = "Nobody is logged in: pulumi login"


class NoPulumi(CommandError):
    """The Pulumi CLI is not on PATH."""


class PulumiFailed(CommandError):
    """The Pulumi CLI failed; ``reason`` is the first line of its message."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


def selected() -> str:
    """The selected stack.

    Raises:
        CommandError: there is no Pulumi CLI, or no stack is selected.
    """
    try:
        return run("stack", "--show-name").strip()
    except PulumiFailed as error:
        if NOT_LOGGED_IN in error.reason:
            raise CommandError(_LOG_IN) from error
        raise CommandError(f"Name the stack, as in -s dev: {error.reason}.") from error


def outputs(stack: str) -> dict[str, Any]:
    """The stack's outputs, by name.

    Raises:
        CommandError: there is no Pulumi CLI, no such stack, or nothing deployed in it.
    """
    found = json.loads(_of_stack(stack, "stack", "output", "--json") or "{}")
    if not found:
        raise CommandError(f"Nothing is deployed in the stack {stack} yet: pulumi up -s {stack}")
    return found


def config(stack: str, *, seconds: float = SECONDS) -> dict[str, Any]:
    """The stack's config values by full key (``aws:region``).

    Secrets are left out, except those of the AWS provider, such as the stack's own credentials.

    Raises:
        CommandError: there is no Pulumi CLI, no such stack, or its credentials cannot be decrypted.
    """
    entries = _entries(stack, seconds=seconds)
    if any(_is_aws_secret(key, entry) for key, entry in entries.items()):
        entries = {
            key: {**entry, "secret": entry.get("secret") and not _is_aws_secret(key, entry)}
            for key, entry in _entries(stack, "--show-secrets", seconds=seconds).items()
        }
    return {
        key: entry["objectValue"] if "objectValue" in entry else entry.get("value")
        for key, entry in entries.items()
        if not entry.get("secret")
    }


def secret_keys(stack: str, *, seconds: float = SECONDS) -> list[str]:
    """The full keys of the stack's secrets.

    Raises:
        CommandError: there is no Pulumi CLI or no such stack.
    """
    return [key for key, entry in _entries(stack, seconds=seconds).items() if entry.get("secret")]


def decrypt(stack: str, *, seconds: float = SECONDS) -> None:
    """Checks that the stack's secrets can be decrypted; they are not kept.

    Raises:
        CommandError: they cannot, as with a wrong passphrase.
    """
    _entries(stack, "--show-secrets", seconds=seconds)


def state(stack: str, *, seconds: float = SECONDS) -> dict[str, Any]:
    """The stack's state after the last deployment: ``resources`` (each with ``urn``, ``type``, ``inputs``,
    ``outputs``; none before the first deployment), ``manifest``, ``secrets_providers``.

    Raises:
        CommandError: there is no Pulumi CLI or no such stack.
    """
    deployment = json.loads(_of_stack(stack, "stack", "export", seconds=seconds))["deployment"]
    return {**deployment, "resources": deployment.get("resources") or []}


def run(*arguments: str, seconds: float = SECONDS) -> str:
    """Runs the CLI in the project and returns what it printed on stdout.

    Raises:
        NoPulumi: it is not installed.
        PulumiFailed: it failed, or did not end within ``seconds``.
    """
    command = ["pulumi", *arguments, "--non-interactive"]
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=seconds,
        )
    except FileNotFoundError:
        raise NoPulumi("This needs the Pulumi CLI. Install it: https://www.pulumi.com/docs/install/") from None
    except subprocess.TimeoutExpired:
        reason = f"no answer within {seconds:.0f} s"
        raise PulumiFailed(
            f"pulumi {arguments[0]}: {reason}. Is the backend reachable? pulumi whoami", reason
        ) from None
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()] or [f"exit code {done.returncode}"]
        reason = said[0].removeprefix("error: ")
        raise PulumiFailed(f"pulumi {arguments[0]}: {reason}", reason)
    return done.stdout


def _is_aws_secret(key: str, entry: Mapping[str, Any]) -> bool:
    return key.startswith("aws:") and bool(entry.get("secret"))


def _entries(stack: str, *more: str, seconds: float = SECONDS) -> dict[str, dict[str, Any]]:
    return json.loads(_of_stack(stack, "config", "--json", *more, seconds=seconds) or "{}")


def _of_stack(stack: str, *arguments: str, seconds: float = SECONDS) -> str:
    try:
        return run(*arguments, "--stack", stack, seconds=seconds)
    except NoPulumi:
        raise NoPulumi(
            f"The stack {stack} needs the Pulumi CLI. Install it: https://www.pulumi.com/docs/install/. The platform "
            "on this machine does not need it: python3 run.py local"
        ) from None
    except PulumiFailed as error:
        raise PulumiFailed(
            f"{_what(error.reason, stack)}: {error.reason}\n{_advice(error.reason, stack)}", error.reason
        ) from None


def _what(reason: str, stack: str) -> str:
    return "Pulumi does not know this stack" if "no stack named" in reason else f"Pulumi cannot read the stack {stack}"


def _advice(reason: str, stack: str) -> str:
    if "no stack named" in reason:
        return (
            "`pulumi whoami` shows the backend you are logged in to, `pulumi stack ls` its stacks; "
            f"`pulumi stack init {stack}` makes this one."
        )
    if "passphrase" in reason:
        return "The stack's secrets are protected by a passphrase: export PULUMI_CONFIG_PASSPHRASE=..."
    if NOT_LOGGED_IN in reason:
        return _LOG_IN
    if NO_YAML in reason:
        return f"Fix Pulumi.{stack.rpartition('/')[2]}.yaml; `git diff` shows what changed in it."
    return "`python3 run.py doctor` checks this machine."
