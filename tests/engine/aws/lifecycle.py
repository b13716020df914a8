"""What a resource type is made of for an engine: how one comes into being, is looked at, changed and ended."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from aurora.local.aws import LocalAws, error_code
from aurora.local.deploy.resources.shapes import Created, Inputs

_ABSENT = re.compile(r"NoSuch|NotFound|DoesNotExist|NotExist|NonExistent|^404$")


class Refused(Exception):
    """AWS would refuse this; the message is what it would say."""


@dataclass(frozen=True)
class Kind:
    """The life of one resource type.

    ``read`` returns what AWS says of the resource now, in the provider's spelling, and None when it is gone.
    ``update`` gets the id, the old state and the new inputs, and returns outputs that changed; None says that nothing
    of this type can change in place. ``replaces`` are the inputs that make another resource; ``anew`` the outputs that
    an update makes anew.
    """

    create: Callable[[str, Inputs, LocalAws], Created]
    read: Callable[[str, Inputs, LocalAws], dict[str, Any] | None]
    delete: Callable[[str, Inputs, LocalAws], None]
    update: Callable[[str, Inputs, Inputs, LocalAws], dict[str, Any]] | None = None
    replaces: tuple[str, ...] = ()
    anew: tuple[str, ...] = ()


def found(call: Callable[..., Any], **arguments: Any) -> dict[str, Any] | None:
    """The answer of a call of AWS, or None when what it asks for does not exist."""
    try:
        return call(**arguments)
    except ClientError as error:
        if _ABSENT.search(error_code(error)):
            return None
        raise


def there(call: Callable[..., Any], **arguments: Any) -> dict[str, Any] | None:
    """For `Kind.read` of what has no outputs of its own: an empty answer when it exists, None when not."""
    return None if found(call, **arguments) is None else {}


def again(kind: Callable[[str, Inputs, LocalAws], Created]) -> Callable[[str, Inputs, Inputs, LocalAws], Inputs]:
    """For `Kind.update` of what is created and changed by the same call."""

    def update(id_: str, olds: Inputs, news: Inputs, aws: LocalAws) -> dict[str, Any]:
        return kind(id_, news, aws)[1]

    return update
