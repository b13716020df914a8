"""The errors that functions raise, each with a sentence of when.

State machines retry and catch them by class name (Lambda reports it as `errorType`), the API maps them to
problem+json. This module knows neither states nor status codes.
"""

from __future__ import annotations

from dataclasses import dataclass


class AuroraError(Exception):
    """Base of every error that a function raises on purpose. Its text is written for the user who will read it.

    `cost` is the most that a failed call of a model may have cost, in millionths of a US dollar.
    """

    cost: int = 0


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


class TryLater(AuroraError):
    """Base of errors after which the same call may succeed later: nothing was done. Never raised itself."""


class Throttled(TryLater):
    """A service refused work for now because of its rate or quota."""


class ModelUnavailable(TryLater):
    """A model could not be reached or failed before it answered; trying again may succeed."""


class ModelTimeout(AuroraError):
    """A model did not finish within the time given. It may have been paid for, so it is not asked again."""


class ModelRefused(AuroraError):
    """A model declined to answer, or its service refused the request as such (credentials, unknown model, policy)."""


class ModelDeclined(ModelRefused):
    """A model read the request and declined to answer it; unlike other refusals, this may have been paid for."""


class ModelAnswerInvalid(AuroraError):
    """A model answered something that cannot be used: not the protocol, or no text."""


class AnswerCut(AuroraError):
    """A model's answer ended at `max_tokens`, in the middle of the text."""


class BudgetExceeded(AuroraError):
    """A model was not asked because its answer might have cost more than the course may still cost."""


@dataclass(frozen=True, order=True)
class Problem:
    """One fault of an outline: where it is (line and column count from 1), what is wrong and how to mend it."""

    line: int
    column: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}, column {self.column}: {self.message}"
        return f"{where} ({self.hint})" if self.hint else where


class InvalidOutline(AuroraError):
    """An outline that cannot become a course. `problems` holds every fault found, in the order of the text."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("; ".join(str(problem) for problem in self.problems))
