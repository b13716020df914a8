"""Units that a text model writes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aurora.runtime.objects import CONTENT_TYPES
from functions.generation import metrics
from functions.generation.budget import Budget, spent_on
from functions.generation.units import Product, Unit
from functions.models import TextAnswer, TextModel, TextRequest
from functions.models.errors import ModelAnswerInvalid
from functions.text.words import count_words

LEAST_SHARE: Final = 0.1
"""An answer with fewer words than this share of the target is no text but an excuse."""


@dataclass(frozen=True)
class TextUnit(Unit):
    """A text of about so many `words`. `request` is called when its turn has come; `tidy` makes of an answer what is
    stored."""

    words: int
    request: Callable[[], TextRequest]
    tidy: Callable[[str], str]


@dataclass(frozen=True)
class TextWriter:
    """Writes texts with one model."""

    model: TextModel
    budget: Budget

    def write(self, unit: TextUnit, seconds: float) -> Product:
        """The text of a unit. Raises as `ask`, and ModelAnswerInvalid for an answer of a few words."""
        answer = self.ask(unit.request(), seconds)
        text = unit.tidy(answer.text)
        words = count_words(text)
        if words < LEAST_SHARE * unit.words:
            error = ModelAnswerInvalid(f"The text model wrote {words} words where {unit.words} were asked for.")
            error.answer = answer
            raise error
        model = answer.model.encode("ascii", "replace").decode()
        return Product(
            text,
            CONTENT_TYPES["md"],
            {"words": str(words), "target": str(unit.words), "model": model},
            words,
            spent_on(answer),
        )

    def ask(self, request: TextRequest, seconds: float) -> TextAnswer:
        """The model's answer, within the budget. Raises what the model and `Budget.spend` raise."""
        start = time.monotonic()
        answer = self.budget.spend(self.model.max_cost(request), lambda: self.model.write(request, seconds))
        metrics.model_answered(answer, time.monotonic() - start)
        return answer
