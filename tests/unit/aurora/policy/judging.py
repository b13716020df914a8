"""What the policy pack says of resources, as Pulumi would ask it, without Pulumi's CLI."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pulumi_policy import (
    PolicyCustomTimeouts,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError, unknown_checking_proxy

from aurora.policy import policies
from aurora.system import System
from aurora.testing.declared import Declared, Resource
from infra import SYSTEMS

UNKNOWN = UNKNOWN_STRING_VALUE
POLICIES = policies(SYSTEMS)


@dataclass(frozen=True)
class Judged:
    """What one policy said: its findings, and whether it put off a value that it could not know."""

    policy: str
    findings: tuple[str, ...]
    deferred: bool


def resource(type: str, inputs: dict[str, Any], *, stage: str = "dev", protect: bool = False) -> Resource:
    """A resource that the program does not declare."""
    urn = f"urn:pulumi:{stage}::aurora::{type}::extra"
    return Resource(type, "extra", inputs, protect, frozenset(), "", urn)


def changed(found: Resource, **inputs: Any) -> Resource:
    """``found`` with other inputs; None takes one away."""
    values = {**found.inputs, **inputs}
    return replace(found, inputs={key: value for key, value in values.items() if value is not None})


def judge(*resources: Resource, systems: Sequence[System] = SYSTEMS) -> list[Judged]:
    """What every policy says of these resources, where it says anything at all; exceptions are those of ``systems``."""
    judged = [_ask(policy, resources) for policy in policies(systems)]
    return [each for each in judged if each.findings or each.deferred]


def findings(*resources: Resource, systems: Sequence[System] = SYSTEMS) -> dict[str, str]:
    """The findings by policy, several in one text; fails if a policy put its answer off."""
    judged = judge(*resources, systems=systems)
    assert not [each.policy for each in judged if each.deferred]
    return {each.policy: "\n".join(each.findings) for each in judged}


def findings_of(platform: Declared) -> dict[str, str]:
    return findings(*platform.resources)


def _ask(policy: Any, resources: tuple[Resource, ...]) -> Judged:
    said: list[str] = []
    deferred = False

    def report(message: str, urn: str | None = None) -> None:
        said.append(message)

    if isinstance(policy, StackValidationPolicy):
        try:
            policy.validate(StackValidationArgs([_in_stack(each) for each in resources]), report)
        except UnknownValueError:
            deferred = True
    else:
        assert isinstance(policy, ResourceValidationPolicy)
        for each in resources:
            try:
                policy.validate(_alone(each), report)
            except UnknownValueError:
                deferred = True
    return Judged(policy.name, tuple(said), deferred)


def _alone(each: Resource) -> ResourceValidationArgs:
    properties = unknown_checking_proxy(each.inputs)
    return ResourceValidationArgs(each.type, properties, each.urn, each.name, _options(each), None)


def _in_stack(each: Resource) -> PolicyResource:
    properties = unknown_checking_proxy(each.inputs)
    return PolicyResource(each.type, properties, each.urn, each.name, _options(each), None, None, [], {})


def _options(each: Resource) -> PolicyResourceOptions:
    return PolicyResourceOptions(each.protect, [], None, [], PolicyCustomTimeouts(0, 0, 0), [], None)
