"""The errors that functions of any system raise, each with a sentence of when.

State machines retry and catch them by class name, which Lambda reports as `errorType`; the API answers them as
`problems` says. What only some functions raise stands in the `errors` module of their room.
"""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any, ClassVar, cast


class AuroraError(Exception):
    """Base of every error that a function raises on purpose. Its text is written for the user who will read it."""

    is_base: ClassVar[bool] = True
    """Whether the class only groups others and is never raised itself. Not inherited: subclasses are raised."""

    def __init_subclass__(cls, *, is_base: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.is_base = is_base


class ConfigurationError(AuroraError):
    """The environment or the platform is set up wrongly; trying again changes nothing."""


class BadRequest(AuroraError):
    """A request that the caller must change before it can succeed."""


class Unauthenticated(AuroraError):
    """A request without a verified caller; only an API route without an authorizer can let one through."""


class NotFound(AuroraError):
    """The thing does not exist, or belongs to somebody else: a caller cannot tell which."""


class Conflict(AuroraError):
    """The thing is in a state in which this cannot be done to it."""


class TooLarge(AuroraError):
    """An upload or a request exceeds the size that is accepted."""


class TryLater(AuroraError, is_base=True):
    """Nothing was done, and the same call may succeed later."""


class Throttled(TryLater):
    """A service refused work for now because of its rate or quota."""


def error_names(*modules: ModuleType) -> frozenset[str]:
    """The names of the errors that these modules define and functions may raise, as Lambda reports them."""
    return frozenset(
        found.__name__
        for module in modules
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, AuroraError) and not found.is_base
    )


def user_message(error: str, cause: str, *modules: ModuleType) -> str:
    """The text of an error that Step Functions reports, "" unless these modules define it: others are not for users.

    `cause` is what Lambda reports of a failed call, JSON with an `errorMessage`, or a Fail state's own text.
    """
    if error not in error_names(*modules):
        return ""
    try:
        reported: Any = json.loads(cause)
    except ValueError:
        return cause
    return str(cast("dict[str, Any]", reported).get("errorMessage", "")) if isinstance(reported, dict) else ""
