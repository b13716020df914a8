"""Makes a stack and its settings file from another stack's settings. It makes nothing in AWS."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from aurora import project
from aurora.console import result, say
from aurora.contracts import names
from aurora.declaration import Declaration
from aurora.errors import COMPLETE, CommandError, DeclarationError, InvalidInput
from aurora.files import write_atomically
from aurora.naming import InvalidStageName, Naming
from aurora.project import ROOT
from aurora.settings import ENGINE, Settings
from aurora.stack import pulumi_cli
from aurora.stack.deployed import LOCAL
from aurora.stack.pulumi_stack import UNKNOWN_ACCOUNT, PulumiStack

# The engine's settings that belong to the other stack alone: its protection, its alarms, its site's origin, who may
# copy from it, and whether it may build; and copyFrom, which gets a new value.
_COPY_FROM: Final = f"{ENGINE}:copyFrom"
_LEFT_OUT: Final = {
    _COPY_FROM,
    *(f"{ENGINE}:{key}" for key in ("protect", "alarms", "alarmEmail", "siteOrigin", "copiedBy", "buildImages")),
}
# Other parts of a stack's file that no other stack can use.
_STACK_ONLY: Final = ("config", "encryptionsalt", "encryptedkey", "secretsprovider")


def make_stack(name: str, source: str) -> int:
    """Makes the stack ``name`` with the settings of ``source``. Returns the exit code.

    Raises:
        InvalidInput: the name is not valid, or in use.
        CommandError: the source cannot be read, or the stack cannot be made; nothing of it is then left.
    """
    path = ROOT / f"Pulumi.{name}.yaml"
    _check_name(name, path)
    original = PulumiStack(source)
    with original.readable_errors():
        protected = original.settings.stack.protect
    secrets = original.secret_keys
    template = _read(ROOT / f"Pulumi.{original.stage}.yaml")
    text, left_out = derived(template, name, original.stage, secrets)
    _check_settings(name, {key: value for key, value in original.config.items() if key not in left_out})
    secrets = [key for key in secrets if key not in left_out]
    _make(name, source, path, text, [] if protected else secrets, _document(template).get("secretsprovider"))
    say(f"Made the stack {name}, with the settings of {source} in {path.name}.")
    if left_out:
        say(f"Not copied: {', '.join(left_out)}.")
    if protected and secrets:
        say(f"{source} is protected: its secrets are not copied. Set those that you need:")
        for key in secrets:
            result(f"pulumi config set -s {name} --secret {key}")
    say(f"Images are copied from {source} where it has them. Next:")
    result(f"pulumi up -s {name}")
    return COMPLETE


def derived(template: str, name: str, source: str, secrets: list[str]) -> tuple[str, list[str]]:
    """The settings file of ``name`` made from ``source``'s, and the full keys of the settings that are left out.

    Settings keep their comments. ``secrets`` (full keys) are left out: each stack encrypts its own.
    """
    lines = template.splitlines()
    entries: dict[str, Any] = _document(template).get("config") or {}
    kept: list[str] = []
    for key, begin, end in _spans(template):
        # Comments between two settings belong to the second.
        if key not in _LEFT_OUT and key not in secrets:
            kept += lines[begin:end]
    copied: list[dict[str, str]] = [{"stage": source}]
    places: list[dict[str, str]] = entries.get(_COPY_FROM) or []
    copied += [place for place in places if place.get("stage") not in (name, source)]
    block = yaml.safe_dump({_COPY_FROM: copied}, sort_keys=False, indent=2)
    # Such as the Pulumi ESC environments that settings are imported from.
    others = {key: value for key, value in _document(template).items() if key not in _STACK_ONLY}
    made = [f"# Made from {source}."]
    made += yaml.safe_dump(others, sort_keys=False).splitlines() if others else []
    made += ["config:", *kept, *(f"  {line}" for line in block.splitlines())]
    left_out = [key for key in entries if key in _LEFT_OUT - {_COPY_FROM}]
    return "\n".join(made) + "\n", left_out


def _spans(template: str) -> list[tuple[str, int, int]]:
    """The first level of ``config``: each key, and the lines (from, up to) of its comments and its value."""
    root: Any = yaml.compose(template, Loader=yaml.SafeLoader)
    top: Any = root.value if root else ()  # the file of a new stack is empty
    entries: Any = next((value.value for key, value in top if key.value == "config"), ())
    if not entries:
        return []
    lines = template.splitlines()
    begins: list[int] = []
    for key, _ in entries:
        begin: int = key.start_mark.line
        while re.match(r"\s+#", lines[begin - 1]):
            begin -= 1
        begins.append(begin)
    end: int = entries[-1][0].start_mark.line + 1
    while end < len(lines) and re.match(r"\s|$", lines[end]):
        end += 1
    ends = [*begins[1:], end]
    return [(str(key.value), *span) for (key, _), span in zip(entries, zip(begins, ends, strict=True), strict=True)]


def _document(text: str) -> dict[str, Any]:
    return yaml.safe_load(text) or {}


def _make(name: str, source: str, path: Path, text: str, secrets: list[str], provider: str | None) -> None:
    """Writes the file, makes the stack and encrypts the secrets for it; undoes everything if a step fails."""
    made = False
    write_atomically(path, text.encode())
    try:
        how = [f"--secrets-provider={provider}"] if provider else []
        pulumi_cli.run("stack", "init", name, "--no-select", *how)
        made = True
        for key in secrets:
            pulumi_cli.run("config", "cp", key, "--stack", source, "--dest", name)
    except BaseException as error:
        path.unlink(missing_ok=True)
        left = _removed(name) if made else ""
        if isinstance(error, pulumi_cli.PulumiFailed):
            raise CommandError(f"The stack {name} was not made: {error.reason}.{left}") from error
        raise


def _removed(name: str) -> str:
    """Removes the new stack; returns advice if that fails, else ""."""
    try:
        pulumi_cli.run("stack", "rm", name, "--yes")
    except CommandError as error:
        return f"\nThe stack could not be removed ({error}). Remove it: pulumi stack rm {name}"
    return ""


def _check_name(name: str, path: Path) -> None:
    if name == LOCAL:
        raise InvalidInput(f"-s {LOCAL} means the platform on this machine: choose another name.")
    try:
        Naming(project.service(), name, "", UNKNOWN_ACCOUNT)
    except InvalidStageName as error:
        raise InvalidInput(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    if os.path.lexists(path):
        raise InvalidInput(f"{path.name} already exists: choose another name, or remove it if nothing needs it.")


def _check_settings(name: str, values: Mapping[str, Any]) -> None:
    """Checks that the settings, and the names of resources, are valid for a stack of that name."""
    service, systems = project.service(), project.systems()
    try:
        settings = Settings.read(service, name, values, systems)
        naming = Naming(service, name, settings.region, UNKNOWN_ACCOUNT)
        names.check(Declaration(systems, settings, naming, ROOT))
    except DeclarationError as error:
        raise InvalidInput(f"The stack {name} was not made: {error}") from error


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(
            f"{path.name}, whose settings are to be copied, cannot be read: {error.strerror}."
        ) from error
