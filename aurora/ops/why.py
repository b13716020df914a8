"""Explains why ``pulumi up`` would change a group's functions, and where their image would come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from aurora.console import aligned, counted, result, say
from aurora.errors import COMPLETE, FAILED
from aurora.image.ensure import ImageError, ImageRequest, Plan, plan
from aurora.stack import pulumi_cli
from aurora.stack.aws_errors import AWS_ERRORS, explain
from aurora.stack.pulumi_stack import ENSURED_IMAGE, PulumiStack

# Inputs of an image besides its files, by their name in the state; and their names in messages.
_INGREDIENTS: Final = {"baseImage": "base image", "platform": "platform"}


def why(stack: str | None) -> int:
    """Prints, for each group, what changed since the last deployment and what `up` will do. Returns the exit code.

    Raises:
        CommandError: the stack or the source cannot be read.
    """
    inspected = PulumiStack(stack or pulumi_cli.selected())
    with inspected.readable_errors():
        if inspected.settings.stack.image_builder == "pulumi-docker":
            say("pulumi-docker builds this stack's images and decides when: pulumi preview --diff")
            return COMPLETE
        recorded = recorded_images(inspected)
        requests = inspected.image_requests
    if not recorded:
        say(f"The stack {inspected.name} is not deployed yet.")
    plans, problem = _plans(inspected)
    for group, request in requests.items():
        changes = list(differences(recorded[group], request)) if group in recorded else None
        result(f"{group}: {_verdict(changes, plans.get(group), inspected.name)}")
        for line in aligned(changes or []):
            result(f"  {line}")
    for group in recorded.keys() - requests.keys():
        result(f"{group}: no longer declared; `pulumi up -s {inspected.name}` removes its functions and images")
    if problem:
        say(f"Where images would come from is unknown: {problem}")
        return FAILED
    return COMPLETE


def recorded_images(stack: PulumiStack) -> dict[str, Mapping[str, Any]]:
    """The inputs with which each group's image was last ensured, by group.

    Raises:
        CommandError: the stack cannot be read.
    """
    return {str(resource["urn"]).rpartition("::")[2]: resource["inputs"] for resource in stack.resources(ENSURED_IMAGE)}


def differences(recorded: Mapping[str, Any], request: ImageRequest) -> Iterator[tuple[str, str]]:
    """The differences between the deployed image and the needed one: the kind of change, and what changed."""
    before: Mapping[str, str] = recorded["manifest"]
    for path in sorted(before.keys() | request.manifest.keys()):
        if path not in before:
            yield "added", path
        elif path not in request.manifest:
            yield "removed", path
        elif before[path] != request.manifest[path]:
            yield "changed", path
    now = request.inputs()
    for key, title in _INGREDIENTS.items():
        if recorded.get(key) != now[key]:
            yield title, f"{recorded.get(key, 'not recorded')} -> {now[key]}"
    arguments: Mapping[str, str] = recorded.get("arguments", {})
    for name in sorted(arguments.keys() | request.arguments.keys()):
        if arguments.get(name) != request.arguments.get(name):
            yield f"build argument {name}", f"{arguments.get(name, 'none')} -> {request.arguments.get(name, 'none')}"


def _plans(stack: PulumiStack) -> tuple[dict[str, Plan], str]:
    """What `up` will do for each group; if AWS cannot be reached, nothing and the reason."""
    try:
        return {group: plan(request, stack.session) for group, request in stack.image_requests.items()}, ""
    except (*AWS_ERRORS, ImageError) as error:
        cause = error.__cause__ if isinstance(error, ImageError) else error
        if not isinstance(cause, AWS_ERRORS):
            return {}, str(error)
        found = explain(cause, stack.name, stack.config)
        return {}, f"{found.problem} ({found.remedy})"


def _verdict(changes: list[tuple[str, str]] | None, planned: Plan | None, stack: str) -> str:
    what = "not deployed yet" if changes is None else _counted(changes)
    if planned is None:
        return what
    if changes == []:
        if planned.step == "present":
            return f"{what}; `pulumi up -s {stack}` does not change it"
        return f"{what}, but {planned.reason}; `pulumi up -s {stack} --refresh` restores it"
    return f"{what}; {_what_up_does(planned, stack)}: {planned.reason}"


def _counted(changes: list[tuple[str, str]]) -> str:
    if not changes:
        return "unchanged"
    files = sum(kind in ("added", "changed", "removed") for kind, _ in changes)
    if not files:
        return "no file changed, but a build input did"
    return f"{counted(files, 'file')} changed"


def _what_up_does(planned: Plan, stack: str) -> str:
    command = f"`pulumi up -s {stack}`"
    match planned.step:
        case "present":
            return f"{command} uses the existing image"
        case "copy":
            return f"{command} copies the image"
        case "build":
            return f"{command} builds and pushes the image"
        case "missing":
            return f"{command} fails"
