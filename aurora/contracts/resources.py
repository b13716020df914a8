"""References between what is declared: grants, routes, queues and schedules name what there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from aurora.declaration import Declaration
from aurora.errors import DeclarationError
from aurora.grants import Grant
from aurora.suggestions import did_you_mean

# What kinds of grants name, by the kind of declaration; a model's id is Bedrock's.
_OF_GRANTS: Final = {
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
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html; ANY and $default would
# break preflights.
_METHODS: Final = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_ROUTE: Final = re.compile(rf"({'|'.join(_METHODS)}) (/|(/([\w.~-]+|\{{[\w.-]+\}}))+(/\{{[\w.-]+\+\}})?)", re.ASCII)
_SCHEDULE: Final = re.compile(r"(rate|cron|at)\(.+\)")


def check(declaration: Declaration) -> None:
    """Returns if every name refers to something that a system declares.

    Raises:
        DeclarationError: one does not; the message suggests what was meant.
    """
    for problem in _problems(declaration):
        raise DeclarationError(problem)


def _problems(declaration: Declaration) -> Iterator[str]:
    for group, longer in pairwise(sorted(declaration.groups)):
        if longer.startswith(group):
            yield (
                f"the group '{longer}' has a name that begins with '{group}', so that --target '**::{group}**' would "
                "change both: rename one of them"
            )
    for function in declaration.functions.values():
        for grant in function.grants:
            yield from _wrong_grant(function.name, grant, declaration)
    yield from _wrong_routes(declaration)
    for key, queue in declaration.queues.items():
        yield from _no_function(f"queue '{key}'", queue.function, declaration)
        if not 1 <= queue.batch_size <= 10:
            yield f"queue '{key}': its batch_size is {queue.batch_size}, and not 1 to 10"
        if queue.attempts < 1:
            yield f"queue '{key}': its attempts are {queue.attempts}, and not 1 or more"
    for key, schedule in declaration.schedules.items():
        yield from _no_function(f"schedule '{key}'", schedule.function, declaration)
        if not _SCHEDULE.fullmatch(schedule.expression):
            yield f"schedule '{key}': {schedule.expression!r} is no expression like rate(1 hour) or cron(0 6 * * ? *)"
    for key, bucket in declaration.buckets.items():
        for event in bucket.events:
            if event.queue not in declaration.queues:
                meant = did_you_mean(event.queue, declaration.queues)
                yield f"bucket '{key}': its events go to the queue '{event.queue}', which no system declares{meant}"


def _wrong_grant(function: str, grant: Any, declaration: Declaration) -> Iterator[str]:
    if not isinstance(grant, Grant):
        yield (
            f"function '{function}': {grant!r} is no Grant: use the functions of aurora.grants, and * before each "
            'of them, as in grants=(*read("content", "x/*"),)'
        )
    elif grant.kind != "model":
        kind = _OF_GRANTS[grant.kind]
        known = declaration.keys[kind]
        if grant.key not in known:
            yield f"function '{function}' has a grant on the {kind} '{grant.key}'{did_you_mean(grant.key, known)}"
        elif grant.kind == "index" and grant.path not in (indexes := declaration.tables[grant.key].indexes):
            yield f"function '{function}' has a grant on the index '{grant.path}'{did_you_mean(grant.path, indexes)}"


def _wrong_routes(declaration: Declaration) -> Iterator[str]:
    seen: set[str] = set()
    for route in declaration.routes:
        if not _ROUTE.fullmatch(route.key):
            yield (
                f"route '{route.key}' is not a method ({', '.join(_METHODS)}), a space and a path, as in "
                "GET /courses/{courseId}"
            )
        # Which parameter it is does not tell two routes apart for API Gateway.
        same = re.sub(r"\{[^}]*\}", "{}", route.key)
        if same in seen:
            yield f"route '{route.key}' is declared twice"
        seen.add(same)
        yield from _no_function(f"route '{route.key}'", route.function, declaration)


def _no_function(what: str, function: str, declaration: Declaration) -> Iterator[str]:
    if function not in declaration.functions:
        yield f"{what}: there is no function '{function}'{did_you_mean(function, declaration.functions)}"
