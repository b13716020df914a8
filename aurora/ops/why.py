"""Why ``pulumi up`` would change a group's functions, and where their image would come from. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from aurora.console import aligned, counted, result, say
from aurora.errors import COMPLETE, FAILED
from aurora.image.ensure import ImageError, ImageRequest, Plan, plan
from aurora.stack import pulumi_cli as pulumi_stack
from aurora.stack.faults import AWS_ERRORS, explain
from aurora.stack.ground import ENSURED_IMAGE, Ground

# What an image is made of beside its files: the recorded input, and what it is called here.
_INGREDIENTS: Final = {"baseImage": "base image", "platform": "platform"}


def why(stack: str | None) -> int:
    """Prints, for each group, what changed since the last deployment and what `up` will do. Returns the exit code.

    Raises:
        CommandError: the stack or the source cannot be read.
    """
    ground = Ground(stack or pulumi_stack.selected())
    with ground.in_sentences():
        if ground.settings.stack.image_builder == "pulumi-docker":
            say("This stack's images are built by pulumi-docker, which alone knows when: pulumi preview --diff")
            return COMPLETE
        recorded = recorded_images(ground)
        requests = ground.requests
    if not recorded:
        say(f"The stack {ground.name} is not deployed yet.")
    plans, fault = _plans(ground)
    for group, request in requests.items():
        changes = list(differences(recorded[group], request)) if group in recorded else None
        result(f"{group}: {_verdict(changes, plans.get(group), ground.name)}")
        for line in aligned(changes or []):
            result(f"  {line}")
    for group in recorded.keys() - requests.keys():
        result(f"{group}: no longer in the catalogue; `pulumi up -s {ground.name}` removes its functions and images")
    if fault:
        say(f"Where images would come from cannot be told: {fault}")
        return FAILED
    return COMPLETE


def recorded_images(ground: Ground) -> dict[str, Mapping[str, Any]]:
    """The inputs with which each group's image was last ensured, by group.

    Raises:
        CommandError: the stack cannot be read.
    """
    return {
        str(resource["urn"]).rpartition("::")[2]: resource["inputs"] for resource in ground.resources(ENSURED_IMAGE)
    }


def differences(recorded: Mapping[str, Any], request: ImageRequest) -> Iterator[tuple[str, str]]:
    """What differs between the image that was deployed and the one that is needed: a kind of change, and of what."""
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


def _plans(ground: Ground) -> tuple[dict[str, Plan], str]:
    """What `up` will do for each group; where AWS cannot be asked nothing, and why."""
    try:
        return {group: plan(request, ground.session) for group, request in ground.requests.items()}, ""
    except AWS_ERRORS as error:
        fault = explain(error, ground.name, ground.config)
        return {}, f"{fault.what} ({fault.mend})"
    except ImageError as error:
        if isinstance(error.__cause__, AWS_ERRORS):
            fault = explain(error.__cause__, ground.name, ground.config)
            return {}, f"{fault.what} ({fault.mend})"
        return {}, str(error)


def _verdict(changes: list[tuple[str, str]] | None, planned: Plan | None, stack: str) -> str:
    what = "not deployed yet" if changes is None else _counted(changes)
    if planned is None:
        return what
    if changes == []:
        if planned.step == "present":
            return f"{what}; `pulumi up -s {stack}` leaves it alone"
        return f"{what}, but {planned.reason}; `pulumi up -s {stack} --refresh` puts it back"
    return f"{what}; {_deed(planned, stack)}: {planned.reason}"


def _counted(changes: list[tuple[str, str]]) -> str:
    if not changes:
        return "unchanged"
    files = sum(kind in ("added", "changed", "removed") for kind, _ in changes)
    if not files:
        return "no file changed, but what it is built with"
    return f"{counted(files, 'file')} changed"


def _deed(planned: Plan, stack: str) -> str:
    command = f"`pulumi up -s {stack}`"
    match planned.step:
        case "present":
            return f"{command} takes the image that is there"
        case "copy":
            return f"{command} copies the image"
        case "build":
            return f"{command} builds and pushes the image"
        case "missing":
            return f"{command} fails"
