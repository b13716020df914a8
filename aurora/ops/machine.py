"""Checks of this machine that need no stack: Python, packages, the Pulumi CLI, its plugins, its backend."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import sys
from importlib import metadata
from typing import Final

from aurora.errors import CommandError
from aurora.image.source import UnreadableSource, read_base_image
from aurora.ops import uv
from aurora.ops.checks import SECONDS, Check, Finding, failed, ok
from aurora.project import ROOT
from aurora.stack import pulumi_cli

PULUMI: Final = "Pulumi CLI"
BACKEND: Final = "login"

_INSTALL_PULUMI: Final = {
    "linux": "curl -fsSL https://get.pulumi.com | sh",
    "darwin": "brew install pulumi/tap/pulumi",
    "win32": "winget install pulumi",
}


def checks() -> list[Check]:
    """The checks that need no stack."""
    return [
        Check("Python", _python),
        Check("packages", _packages),
        Check(PULUMI, _pulumi),
        Check("plugin aws", lambda: plugin("aws"), (PULUMI,)),
        Check(BACKEND, _backend, (PULUMI,)),
    ]


def _python() -> Finding:
    here = platform.python_version()
    try:
        named = re.search(r"python:(\d+\.\d+)", read_base_image(ROOT))
    except UnreadableSource as error:
        return failed(str(error), "git checkout images/base-image")
    if named and not here.startswith(f"{named[1]}."):
        return ok(f"{here} here, {named[1]} in the images")
    return ok(here)


def _packages() -> Finding:
    try:
        check = ("sync", "--check", "--frozen", "--offline", "--inexact", "--no-group", "dev")
        uv.run(*check, folder=ROOT, seconds=SECONDS)
    except uv.UvFailed:
        return failed(".venv does not match uv.lock", f"{_remove()} .venv, then {uv.INSTALL}")
    except CommandError as error:
        return failed(str(error), uv.INSTALL)
    return ok("installed as locked in uv.lock")


def _remove() -> str:
    return "rmdir /s" if os.name == "nt" else "rm -r"


def _pulumi() -> Finding:
    where = shutil.which("pulumi")
    if where is None:
        return failed("it is not on PATH", _INSTALL_PULUMI.get(sys.platform, "https://www.pulumi.com/docs/install/"))
    try:
        version = pulumi_cli.run("version", seconds=SECONDS).strip()
    except pulumi_cli.PulumiFailed as error:
        return failed(f"{where} does not run: {error.reason}", "https://www.pulumi.com/docs/install/")
    if version and not version.startswith("v3."):
        return failed(f"{where} is {version}, but version 3 is needed", "https://www.pulumi.com/docs/install/")
    return ok(f"{version or 'a build without a version'} ({where})")


def plugin(name: str) -> Finding:
    """Whether Pulumi finds the resource plugin for the Python package ``pulumi-<name>``."""
    wanted = metadata.version(f"pulumi-{name}")
    on_path = shutil.which(f"pulumi-resource-{name}")
    if on_path:
        return ok(f"{on_path}, on PATH; its version is not checked ({wanted} is expected)")
    try:
        installed = json.loads(pulumi_cli.run("plugin", "ls", "--json", seconds=SECONDS))
    except pulumi_cli.PulumiFailed as error:
        return failed(f"the plugins cannot be listed: {error.reason}", "pulumi plugin ls")
    versions = [entry.get("version") for entry in installed if entry["name"] == name and entry["kind"] == "resource"]
    if wanted in versions:
        return ok(wanted)
    if os.environ.get("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "").lower() in ("1", "true"):
        return failed(
            f"{wanted} is missing, and PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION forbids `pulumi up` to install it",
            f"pulumi plugin install resource {name} {wanted}",
        )
    return ok(f"not installed yet: the first `pulumi up` installs {wanted}")


def _backend() -> Finding:
    try:
        who = json.loads(pulumi_cli.run("whoami", "--json", seconds=SECONDS))
    except pulumi_cli.PulumiFailed as error:
        if pulumi_cli.NOT_LOGGED_IN in error.reason:
            return failed("not logged in to a backend, where Pulumi keeps its state", "pulumi login")
        return failed(f"the backend cannot be used: {error.reason}", "pulumi login")
    return ok(f"{who['user']} at {who['url']}")
