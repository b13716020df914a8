"""What may go wrong when a model is asked, each with a sentence of when. Standard library only."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from aurora.runtime.errors import AuroraError, TryLater

if TYPE_CHECKING:
    from functions.models import TextAnswer


class ModelError(AuroraError, is_base=True):
    """A model was asked and gave no answer that can be used.

    `may_be_paid` is whether the call may have cost something. `cost` is the most that it may have cost, in millionths
    of a US dollar: whoever knows the price sets it. `answer` is one that cannot be used, if there is a whole one.
    """

    may_be_paid: ClassVar[bool] = True
    cost: int = 0
    answer: TextAnswer | None = None


class ModelUnavailable(ModelError, TryLater):
    """A model could not be reached or failed before it answered; trying again may succeed."""

    may_be_paid = False


class ModelTimeout(ModelError):
    """A model did not finish within the time given. It may have been paid for, so it is not asked again."""


class ModelRefused(ModelError):
    """A model declined to answer, or its service refused the request as such (credentials, unknown model, policy)."""

    may_be_paid = False


class ModelDeclined(ModelRefused):
    """A model read the request and declined to answer it; unlike other refusals, this may have been paid for."""

    may_be_paid = True


class ModelAnswerInvalid(ModelError):
    """A model answered something that cannot be used: not the protocol, or no text."""


class AnswerCut(ModelError):
    """A model's answer ended at `max_tokens`, in the middle of the text."""
