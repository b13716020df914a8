"""Functions: their image, their callers and their log groups."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from aurora.policy.access import ROLE_POLICIES
from aurora.policy.reading import Deferred, Resource

FUNCTION = "aws:lambda/function:Function"
_BY_DIGEST = re.compile(r"[^@\s]+@sha256:[0-9a-f]{64}")
_SOURCE_DIGEST = re.compile(r"[0-9a-f]{64}")
_FUNCTION_ARN = re.compile(r"\bfunction:(?P<name>[\w-]+)(?::(?P<qualifier>\$?[\w-]+))?")

# The properties in which a type names the function that it calls.
_CALLS: dict[str, tuple[str, ...]] = {
    "aws:apigatewayv2/integration:Integration": ("integrationUri",),
    "aws:lambda/eventSourceMapping:EventSourceMapping": ("functionName",),
    "aws:sns/topicSubscription:TopicSubscription": ("endpoint",),
    "aws:cloudwatch/eventTarget:EventTarget": ("arn",),
    "aws:scheduler/schedule:Schedule": ("target",),
    "aws:s3/bucketNotification:BucketNotification": ("lambdaFunctions",),
    "aws:sfn/stateMachine:StateMachine": ("definition",),
    **dict.fromkeys(ROLE_POLICIES, ("policy",)),
}
# Types that accept a name instead of an ARN.
_BY_NAME = ("aws:lambda/eventSourceMapping:EventSourceMapping",)
# Types that name the alias in a separate property, the qualifier.
_WITH_QUALIFIER = {
    "aws:lambda/permission:Permission": "function",
    "aws:lambda/functionUrl:FunctionUrl": "functionName",
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": "functionName",
}


def images_by_digest(resource: Resource) -> Iterator[str]:
    """A tag may move to another image; a digest cannot."""
    match resource.type:
        case "aws:lambda/function:Function":
            if resource.get("packageType") != "Image":
                yield "is not an image function: set package_type to Image"
            elif not _BY_DIGEST.fullmatch(image := resource.get("imageUri") or ""):
                yield f"runs {image or 'nothing'}: give it repository@sha256:..., the uri of its GroupImage"
        case "pulumi-python:dynamic/aurora:EnsuredImage" if not _SOURCE_DIGEST.fullmatch(resource.get("tag")):
            yield f"is tagged {resource.get('tag')}: its tag is the digest of its source"
        case "docker:index/image:Image":
            tag = resource.get("imageName").rpartition("/")[2].partition(":")[2]
            if not _SOURCE_DIGEST.fullmatch(tag):
                yield f"is tagged {tag or 'latest'}: its tag is the digest of its source"
        case _:
            pass


def callers_use_alias(resource: Resource) -> Iterator[str]:
    """``$LATEST`` changes at once; a deployment moves the alias."""
    if resource.type == FUNCTION and not resource.get("publish"):
        yield "publishes no versions, so that its alias has nothing to refer to: set publish"
    if resource.type == "aws:lambda/alias:Alias" and resource.get("functionVersion") == "$LATEST":
        yield "refers to $LATEST: give it the function's version"
    if resource.type in _WITH_QUALIFIER:
        if not resource.has("qualifier"):
            for called in _unqualified(resource.get(_WITH_QUALIFIER[resource.type]), by_name=True):
                yield f"is for {called}, whatever its version: set qualifier to the alias"
        elif resource.get("qualifier") == "$LATEST":
            yield "is for $LATEST: set qualifier to the alias"
        return
    for key in _CALLS.get(resource.type, ()):
        for called in _unqualified(_plain(resource.get(key)), by_name=resource.type in _BY_NAME):
            yield f"calls {called}: call the function's alias, whose ARN ends in :live"
    if resource.type == "aws:sfn/stateMachine:StateMachine":
        yield from _functions_by_name(json.loads(resource.get("definition")))


def _unqualified(text: str, *, by_name: bool) -> list[str]:
    """The functions in ``text`` that are named without an alias."""
    if by_name and ":function:" not in text:
        name, _, qualifier = text.partition(":")
        return [] if qualifier not in ("", "$LATEST") else [name]
    return [found[0] for found in _FUNCTION_ARN.finditer(text) if found["qualifier"] in (None, "$LATEST")]


def _plain(value: Any) -> str:
    """A property as text, whatever its shape; raises UnknownValueError if any of it is unknown."""
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return " ".join(map(_plain, value))  # pyright: ignore[reportUnknownArgumentType]
    if hasattr(value, "keys"):
        return " ".join(_plain(value[key]) for key in value)
    return str(value)


def _functions_by_name(node: Any) -> Iterator[str]:
    """Functions that a state machine does not call by an ARN in its definition."""
    if isinstance(node, dict):
        for key, value in node.items():  # pyright: ignore[reportUnknownVariableType]
            if key == "FunctionName" and ":function:" not in str(value):  # pyright: ignore[reportUnknownArgumentType]
                yield f"calls {value} by its name: give the alias's ARN, which ends in :live"
            elif key == "FunctionName.$":
                yield "takes the function to call from its input, which no policy can check: name it in the definition"
            else:
                yield from _functions_by_name(value)
    elif isinstance(node, list):
        for item in node:  # pyright: ignore[reportUnknownVariableType]
            yield from _functions_by_name(item)


def logs_declared(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """Lambda creates undeclared log groups itself; these never expire, and stay after the stack is destroyed."""
    deferred = Deferred()
    declared: set[str] = set()
    for resource in resources:
        if resource.type == "aws:cloudwatch/logGroup:LogGroup":
            with deferred:
                declared.add(resource.get("name"))
    deferred.raise_unknown()  # a group whose name is not known yet may be any function's
    for resource in resources:
        if resource.type == FUNCTION:
            with deferred:
                group = resource.get("loggingConfig", "logGroup") or f"/aws/lambda/{resource.get('name')}"
                if group not in declared:
                    yield resource, f"logs to {group}, which nothing declares: declare it as ImageFunction does"
    deferred.raise_unknown()


def kept_images(resource: Resource) -> Iterator[str]:
    """The tested image is the one that runs, and its known vulnerabilities are found."""
    if resource.type != "aws:ecr/repository:Repository":
        return
    if resource.get("imageTagMutability") != "IMMUTABLE":
        yield "lets a tag move to another image: set image_tag_mutability to IMMUTABLE"
    if resource.get("imageScanningConfiguration", "scanOnPush") is not True:
        yield "does not scan what is pushed: set scan_on_push"
