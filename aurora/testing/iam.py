"""A small evaluator of IAM policies. Elements that it does not support are an error.

It follows https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html for one account
without permissions boundaries and organisation policies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Statement = Mapping[str, Any]

_KNOWN = {"Sid", "Effect", "Action", "Resource", "Principal", "Condition"}
# A wildcard in one of an ARN's first parts matches within that part only: arn, partition, service, region, account.
_PARTS = 5


class UnknownPolicyElement(AssertionError):
    """A policy uses an element or a condition operator that this evaluator does not support: add it here."""


@dataclass(frozen=True)
class Request:
    """A request to AWS: an action on a resource, and the context for conditions.

    ``service`` is the AWS service that makes the request itself, for policies that name principals.
    """

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    service: str = ""

    def __str__(self) -> str:
        context = "".join(f" with {key} {value!r}" for key, value in self.context.items())
        return f"{self.action} on {self.resource}{context}"


def allows(statements: Iterable[Statement], request: Request) -> bool:
    """Whether a policy of these statements allows a request: one of them does, and none denies it."""
    effects = {statement["Effect"] for statement in statements if covers(statement, request)}
    return effects == {"Allow"}


def covers(statement: Statement, request: Request) -> bool:
    """Whether a statement applies to this request, with either effect."""
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
    """The values of a policy element that may be one value or a list."""
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
    """Policies of roles name no principal. Policies of resources name services, accounts or everybody."""
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
    """Whether a condition is met; it is not if the request lacks its key."""
    if operator not in _OPERATORS:
        raise UnknownPolicyElement(f"the condition operator {operator}")
    return key in context and any(_OPERATORS[operator](value, context[key]) for value in expected)
