"""A small evaluator of IAM policies: as much of the language as this project's policies use, and an error beyond that.

The rules are those of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html for
one account without boundaries and organisation policies. It knows nothing of what is declared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Statement = Mapping[str, Any]

_KNOWN = {"Sid", "Effect", "Action", "Resource", "Principal", "Condition"}
# An ARN's first parts, in which a wildcard stays within its part: arn, partition, service, region, account.
_PARTS = 5


class UnknownPolicyElement(AssertionError):
    """A policy uses an element or a condition operator that this evaluator does not know: add it here first."""


@dataclass(frozen=True)
class Request:
    """What somebody asks of AWS: an action on a resource, and the context that conditions look at.

    ``service`` is the AWS service that asks by itself, for policies that name principals.
    """

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    service: str = ""

    def __str__(self) -> str:
        told = "".join(f" with {key} {value!r}" for key, value in self.context.items())
        return f"{self.action} on {self.resource}{told}"


def allows(statements: Iterable[Statement], request: Request) -> bool:
    """Whether a policy of these statements allows a request: one of them does, and none denies it."""
    effects = {statement["Effect"] for statement in statements if covers(statement, request)}
    return effects == {"Allow"}


def covers(statement: Statement, request: Request) -> bool:
    """Whether a statement is about this request, whatever its effect."""
    if unknown := set(statement) - _KNOWN:
        raise UnknownPolicyElement(f"{sorted(unknown)} in {dict(statement)}")
    return (
        any(like(action.lower(), request.action.lower()) for action in listed(statement["Action"]))
        and any(_is_resource(pattern, request.resource) for pattern in listed(statement.get("Resource", "*")))
        and _is_principal(statement.get("Principal"), request)
        and all(
            _holds(operator, key, listed(values), request.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def listed(value: str | list[str]) -> list[str]:
    """One value or several, as policies write them."""
    return [value] if isinstance(value, str) else list(value)


def like(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern: ``*`` is any text, ``?`` one character, and nothing else is special."""
    parts = ({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def _is_resource(pattern: str, arn: str) -> bool:
    if pattern == "*":
        return True
    patterns, parts = pattern.split(":", _PARTS), arn.split(":", _PARTS)
    return len(patterns) == len(parts) and all(map(like, patterns, parts))


def _is_principal(principal: Any, request: Request) -> bool:
    """Policies of roles name none: whoever has the role asks. Policies of resources name services, accounts or all."""
    if principal is None or principal == "*":
        return True
    if unknown := set(principal) - {"Service", "AWS"}:
        raise UnknownPolicyElement(f"principals {sorted(unknown)}")
    return request.service in listed(principal.get("Service", []))


_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": str.__eq__,
    "StringLike": like,
    "ArnLike": _is_resource,
    "Bool": lambda expected, actual: expected.lower() == actual.lower(),
}


def _holds(operator: str, key: str, expected: Iterable[str], context: Mapping[str, str]) -> bool:
    """A condition on a key that the request does not have is not met."""
    if operator not in _OPERATORS:
        raise UnknownPolicyElement(f"the condition operator {operator}")
    return key in context and any(_OPERATORS[operator](value, context[key]) for value in expected)
