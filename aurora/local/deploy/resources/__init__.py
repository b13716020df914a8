"""The table of resource types: how each Pulumi type is created in the embedded AWS.

A type that is missing raises an error that names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aurora.local.aws import LocalAws
from aurora.local.deploy.resources import (
    access,
    apis,
    delivery,
    functions,
    images,
    names,
    queues,
    schedules,
    storage,
    users,
    workflows,
)
from aurora.local.deploy.resources.shapes import Created, Inputs
from aurora.local.errors import ProgramError

Create = Callable[[str, Inputs, LocalAws], Created]

_TABLE: Mapping[str, Create] = {
    **storage.TABLE,
    **users.TABLE,
    **access.TABLE,
    **functions.TABLE,
    **queues.TABLE,
    **schedules.TABLE,
    **workflows.TABLE,
    **apis.TABLE,
    **images.TABLE,
    **names.TABLE,
    **delivery.NO_LOCAL_EFFECT,
}


def create(kind: str, name: str, inputs: Inputs, aws: LocalAws) -> Created:
    """Creates one declared resource and returns its id and its outputs, in Pulumi's spelling.

    Raises:
        ProgramError: the type is not in the table.
    """
    if not knows(kind):
        raise ProgramError(
            f"The local platform does not know the resource type {kind} (declared as '{name}'): add it to the table in "
            "aurora/local/deploy/resources, or to NO_LOCAL_EFFECT there if it has no effect locally."
        )
    return _TABLE[_row(kind)](name, inputs, aws)


def knows(kind: str) -> bool:
    """Whether resources of a type can be created here."""
    return _row(kind) in _TABLE


def _row(kind: str) -> str:
    """The table's key for a type; for a dynamic resource the class name, with which its type ends."""
    return kind if kind in _TABLE else kind.rpartition(":")[2]
