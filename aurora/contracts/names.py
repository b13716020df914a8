"""Checks of names in AWS: they are within AWS's limits, and no two stages share one."""

from __future__ import annotations

from collections.abc import Iterator

from aurora.declaration import Declaration
from aurora.naming import InvalidStageName, dead_letter

# The limits on the length of a name, by what has it.
_BUCKET = ("S3 bucket", 63)
_FUNCTION = ("Lambda function", 64)
_ROLE = ("IAM role", 64)
_STATE_MACHINE = ("state machine", 80)
_QUEUE = ("SQS queue", 80)
_SCHEDULE = ("EventBridge schedule", 64)
_SITE = "site"


def check(declaration: Declaration) -> None:
    """Checks that every resource of the stage can have its name.

    Raises:
        InvalidStageName: a name is too long, or another stage would have it too.
    """
    stage = declaration.naming.stage
    longest = max(
        ((len(name) - limit, kind, limit) for (kind, limit), name in _names(declaration)), key=lambda each: each[0]
    )
    over, kind, limit = longest
    if over > 0:
        raise InvalidStageName(f"stack name '{stage}' is {over} characters too long: {kind} names may have {limit}")
    for ending, (one, other) in _shared_endings(declaration).items():
        if stage.endswith(f"-{ending}"):
            raise InvalidStageName(
                f"stack name '{stage}' must not end in -{ending}: its {one} would have the name that {other} has in "
                f"another stack"
            )


def _names(declaration: Declaration) -> Iterator[tuple[tuple[str, int], str]]:
    naming, keys = declaration.naming, declaration.keys
    for bucket in (_SITE, *keys["bucket"]):
        yield _BUCKET, naming.global_name(bucket)
    for function in keys["function"]:
        yield _FUNCTION, naming.name(function)
    for workflow in keys["workflow"]:
        yield _STATE_MACHINE, naming.name(workflow)
        yield _ROLE, f"{naming.name(workflow)}-workflow"
    for queue in keys["queue"]:
        yield _QUEUE, naming.name(dead_letter(queue))
    for schedule in keys["schedule"]:
        yield _SCHEDULE, naming.name(schedule)
        yield _ROLE, f"{naming.name(schedule)}-schedule"


def _shared_endings(declaration: Declaration) -> dict[str, tuple[str, str]]:
    """``night: (greet, night-greet)``: ``greet`` of ``dev-night`` has the name of ``night-greet`` of ``dev``."""
    names = {name for kind in declaration.keys.values() for name in kind}
    names |= {dead_letter(queue) for queue in declaration.keys["queue"]}
    return {
        longer.removesuffix(f"-{name}"): (name, longer)
        for name in sorted(names)
        for longer in sorted(names)
        if longer.endswith(f"-{name}")
    }
