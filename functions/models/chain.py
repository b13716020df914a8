"""One model asked instead of another: only ever after an error that says that nothing was done, let alone paid for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from aurora.runtime.errors import AuroraError, ConfigurationError, Throttled
from aurora.runtime.logging import current_logger
from functions.models import TextAnswer, TextModel, TextRequest
from functions.models.errors import ModelDeclined, ModelRefused, ModelUnavailable

Answer = TypeVar("Answer")

_UNPAID: Final = (Throttled, ModelUnavailable, ModelRefused)


@dataclass(frozen=True)
class TextChain:
    """Text models by name, asked in their order until one does not decline unpaid."""

    models: tuple[tuple[str, TextModel], ...]
    clock: Callable[[], float] = time.monotonic

    def write(self, request: TextRequest, seconds: float) -> TextAnswer:
        """The first model's answer that there is. Raises as `ask_in_turn`."""
        asks = [(name, lambda left, model=model: model.write(request, left)) for name, model in self.models]
        return ask_in_turn(asks, seconds, self.clock)

    def max_cost(self, request: TextRequest) -> int:
        """What the dearest one may cost: whoever is asked instead of another is asked because that one was free."""
        return max(model.max_cost(request) for _, model in self.models)


def ask_in_turn(
    asks: Sequence[tuple[str, Callable[[float], Answer]]], seconds: float, clock: Callable[[], float] = time.monotonic
) -> Answer:
    """The first answer, all within `seconds`; each of `asks` is a model's name and how it is asked.

    Raises at once what may have been paid for. When none answered, raises Throttled or ModelUnavailable if one of
    them may answer later, else ModelRefused, with what each of them said.
    """
    deadline = clock() + seconds
    faults: list[tuple[str, AuroraError]] = []
    for name, ask in asks:
        left = deadline - clock()
        if faults:
            if left <= 0:
                break
            failed, fault = faults[-1]
            current_logger().warning("model=<%s>, error=<%s> | %s is asked instead", failed, type(fault).__name__, name)
        try:
            return ask(left)
        except ModelDeclined:
            raise
        except _UNPAID as error:
            faults.append((name, error))
        except ConfigurationError as error:
            if not faults:
                raise
            faults.append((name, error))  # a fallback that is set up wrongly hides nothing of why it was asked
    raise _together(faults)


def _together(faults: Sequence[tuple[str, AuroraError]]) -> AuroraError:
    if len(faults) == 1:
        return faults[0][1]
    kinds = [kind for kind in _UNPAID if any(isinstance(error, kind) for _, error in faults)]
    return kinds[0]("; ".join(f"{name}: {error}" for name, error in faults))
