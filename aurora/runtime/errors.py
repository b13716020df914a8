"""The errors that functions of any system raise.

State machines retry and catch them by class name, which Lambda reports as `errorType`; `problems` maps them to answers
of the API. Errors of some functions only are in the `errors` module of their room.
"""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any, ClassVar, cast


class AuroraError(Exception):
    """Base of every error that a function raises on purpose. Its text is written for users."""

    is_base: ClassVar[bool] = True
    """Whether the class only groups others and is never raised itself. Subclasses do not inherit it."""

    def __init_subclass__(cls, *, is_base: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.is_base = is_base


class ConfigurationError(AuroraError):
    """The environment or the platform is configured wrongly; a retry does not help."""


class BadRequest(AuroraError):
    """The request is invalid; the caller must change it."""


class Unauthenticated(AuroraError):
    """The request has no verified caller, which only a route without an authorizer allows."""


class NotFound(AuroraError):
    """The resource does not exist, or belongs to another user; callers cannot see which."""


class Conflict(AuroraError):
    """The resource's state does not allow this."""


class TooLarge(AuroraError):
    """An upload or a request exceeds the maximum size."""


class TryLater(AuroraError, is_base=True):
    """Nothing was done, and the same call may succeed later."""


class Throttled(TryLater):
    """A service refused a request because of its rate or quota."""


def error_names(*modules: ModuleType) -> frozenset[str]:
    """The names of the errors that these modules define and functions may raise, as Lambda reports them."""
    return frozenset(
        found.__name__
        for module in modules
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, AuroraError) and not found.is_base
    )


def user_message(error: str, cause: str, *modules: ModuleType) -> str:
    """The text of an error that Step Functions reports; "" unless these modules define it: others are not for users.

    `cause` is Lambda's report of a failed call, JSON with an `errorMessage`, or a Fail state's own text.
    """
    if error not in error_names(*modules):
        return ""
    try:
        reported: Any = json.loads(cause)
    except ValueError:
        return cause
    return str(cast("dict[str, Any]", reported).get("errorMessage", "")) if isinstance(reported, dict) else ""
