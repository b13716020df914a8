"""The API's answers to errors: problem details (RFC 9457), `application/problem+json`.

A room registers its own errors where it defines them. Standard library only: functions without an API raise errors too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aurora.runtime.errors import AuroraError, BadRequest, Conflict, NotFound, Throttled, TooLarge, Unauthenticated


@dataclass(frozen=True)
class ProblemType:
    """An error's HTTP status and title; `detail` and `members` return an answer's sentence and its further members."""

    status: int
    title: str
    detail: Callable[[Any], str] = str
    members: Callable[[Any], Mapping[str, Any]] = lambda _error: {}


_TYPES: dict[type[AuroraError], ProblemType] = {
    BadRequest: ProblemType(400, "Invalid request"),
    Unauthenticated: ProblemType(401, "Sign-in required"),
    NotFound: ProblemType(404, "Not found"),
    Conflict: ProblemType(409, "Conflict"),
    TooLarge: ProblemType(413, "Too large"),
    Throttled: ProblemType(503, "Too busy, try again in a moment"),
}


def register_problem(error: type[AuroraError], problem: ProblemType) -> None:
    """Make the API answer `error`, and its subclasses unless they are registered themselves, as `problem`."""
    _TYPES[error] = problem


def problem_of(error: AuroraError) -> tuple[type[AuroraError], ProblemType] | None:
    """The class under which the error is registered, and its problem type; None if callers must not see it."""
    kinds: tuple[type, ...] = type(error).__mro__
    return next(((kind, _TYPES[kind]) for kind in kinds if kind in _TYPES), None)
