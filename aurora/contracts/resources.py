"""Checks within a declaration: grants and routes name what is declared, numbers are keys, exceptions have reasons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from aurora.declaration import Declaration
from aurora.errors import DeclarationError
from aurora.grants import Grant
from aurora.suggestions import did_you_mean
from aurora.system import System, Table

# The kind of declaration that each kind of grant names; a model's id is Bedrock's.
_DECLARED_KINDS: Final = {
    "objects": "bucket",
    "bucket": "bucket",
    "table": "table",
    "index": "table",
    "state-machine": "workflow",
    "execution": "workflow",
    "parameter": "secret",
    "function": "function",
    "topic": "topic",
    "queue": "queue",
}
# Prefixes of the names of resources that belong to no group, and of the types of all resources.
_NOT_OF_GROUPS: Final = (
    *("alarms", "api", "bucket", "dashboard", "queue", "schedule", "sign-in", "site", "table", "topic", "workflow"),
    *("aurora", "pulumi"),
)
# What a function may do with items
# (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html).
_TABLE_OPERATIONS: Final = frozenset(
    {
        *("BatchGetItem", "BatchWriteItem", "ConditionCheckItem", "DeleteItem", "DescribeTable", "GetItem"),
        *("PartiQLDelete", "PartiQLInsert", "PartiQLSelect", "PartiQLUpdate", "PutItem", "Query", "Scan", "UpdateItem"),
    }
)
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html; ANY and $default would
# break preflights.
_METHODS: Final = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_INDEX: Final = re.compile(r"[\w.-]{3,255}", re.ASCII)
_ROUTE: Final = re.compile(rf"({'|'.join(_METHODS)}) (/|(/([\w.~-]+|\{{[\w.-]+\}}))+(/\{{[\w.-]+\+\}})?)", re.ASCII)


def check(declaration: Declaration) -> None:
    """Checks that the parts of a declaration fit together.

    Raises:
        DeclarationError: one does not; the message suggests a similar name.
    """
    for problem in _problems(declaration):
        raise DeclarationError(problem)


def _problems(declaration: Declaration) -> Iterator[str]:
    yield from _wrong_groups(declaration)
    for function in declaration.functions.values():
        for grant in function.grants:
            yield from _wrong_grant(function.name, grant, declaration)
    yield from _wrong_routes(declaration)
    for key, table in declaration.tables.items():
        yield from _wrong_keys(key, table)
    for system in declaration.systems:
        yield from _wrong_exceptions(system)


def _wrong_groups(declaration: Declaration) -> Iterator[str]:
    others = {*_NOT_OF_GROUPS, *declaration.settings.secrets}
    for group in sorted(declaration.groups):
        longer = {each: f"the group '{each}'" for each in declaration.groups if each != group}
        for other, shown in sorted({**longer, **{each: f"'{each}'" for each in others}}.items()):
            if other.startswith(group):
                yield (
                    f"the group '{group}' cannot be targeted alone: --target '**::{group}**' would match {shown} too: "
                    "rename the group"
                )


def _wrong_grant(function: str, grant: Any, declaration: Declaration) -> Iterator[str]:
    if not isinstance(grant, Grant):
        yield (
            f"function '{function}': {grant!r} is not a Grant: use the functions of aurora.grants, each with a * "
            'before it, as in grants=(*read("content", "x/*"),)'
        )
    elif grant.kind != "model":
        kind = _DECLARED_KINDS[grant.kind]
        known = declaration.keys[kind]
        if grant.key not in known:
            yield f"function '{function}' has a grant on the {kind} '{grant.key}'{did_you_mean(grant.key, known)}"
        elif grant.kind == "index" and grant.path not in (indexes := declaration.tables[grant.key].indexes):
            yield f"function '{function}' has a grant on the index '{grant.path}'{did_you_mean(grant.path, indexes)}"
        for action in grant.actions:
            service, _, operation = action.partition(":")
            if service == "dynamodb" and operation not in _TABLE_OPERATIONS:
                yield (
                    f"function '{function}' has a grant of the DynamoDB operation '{operation}'"
                    f"{did_you_mean(operation, _TABLE_OPERATIONS)}"
                )


def _wrong_routes(declaration: Declaration) -> Iterator[str]:
    seen: set[str] = set()
    for route in declaration.routes:
        if not _ROUTE.fullmatch(route.key):
            yield (
                f"route '{route.key}' is not a method ({', '.join(_METHODS)}), a space and a path, as in "
                "GET /visits/{visitId}"
            )
        # API Gateway does not distinguish routes by the names of their parameters.
        same = re.sub(r"\{[^}]*\}", "{}", route.key)
        if same in seen:
            yield f"route '{route.key}' is declared twice"
        seen.add(same)
        yield from no_function(f"route '{route.key}'", route.function, declaration)


def _wrong_keys(key: str, table: Table) -> Iterator[str]:
    keyed = {"": (table.hash_key, table.range_key)}
    keyed |= {name: (index.hash_key, index.range_key) for name, index in table.indexes.items()}
    for name, (hash_key, range_key) in keyed.items():
        what = f"index '{name}' of table '{key}'" if name else f"table '{key}'"
        if not hash_key:
            yield f"{what} has no hash_key"
        if hash_key == range_key:
            yield f"{what} has the same attribute as hash_key and as range_key: {hash_key}"
    attributes = {attribute for keys in keyed.values() for attribute in keys if attribute}
    for attribute in table.numbers:
        if attribute not in attributes:
            meant = did_you_mean(attribute, attributes)
            yield f"table '{key}': numbers names '{attribute}', which is not one of its keys{meant}"
    for name in table.indexes:
        if not _INDEX.fullmatch(name):
            yield f"table '{key}': the index name '{name}' is not valid: use 3 to 255 letters, digits, _ - and ."


def _wrong_exceptions(system: System) -> Iterator[str]:
    for exceptions, what in ((system.any_resource, "any_resource"), (system.arn_forms, "arn_forms")):
        for exception, reason in exceptions.items():
            if not reason.strip():
                yield f"system '{system.name}': its {what} gives no reason for {exception}"
    for form in system.arn_forms:
        try:
            re.compile(form)
        except re.error as error:
            yield f"system '{system.name}': {form} of its arn_forms is no regular expression: {error}"


def no_function(what: str, function: str, declaration: Declaration) -> Iterator[str]:
    """The problem of ``what`` if it names a function that no system declares."""
    if function not in declaration.functions:
        yield f"{what}: there is no function '{function}'{did_you_mean(function, declaration.functions)}"
