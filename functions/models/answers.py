"""What text models of every protocol share: an answer that was cut is continued until it is whole.

Knows no protocol: a model tells how it asks once, and this asks as often as it takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aurora.runtime.errors import TryLater
from functions.models import TextAnswer, TextRequest
from functions.models.errors import AnswerCut, ModelAnswerInvalid, ModelRefused

CONTINUATIONS: Final = 2
"""How often an answer that was cut at max_tokens is continued."""
CONTINUE: Final = (
    "Your answer was cut. Continue exactly where you stopped: the next character follows the last one you wrote. "
    "Do not repeat anything, do not comment, do not start a new code fence unless the text needs one there."
)

_OVERLAP: Final = 20


@dataclass(frozen=True)
class Piece:
    """One answer of a provider. `cut`: it ended at max_tokens. `model` is what it says it is, "" if it does not."""

    text: str
    cut: bool
    input_tokens: int
    output_tokens: int
    model: str = ""


def write_whole(request: TextRequest, ask: Callable[[list[tuple[str, str]]], Piece], model: str) -> TextAnswer:
    """The whole answer to `request`, from as many answers as it takes.

    `ask` gets the messages after the system's, each (role, text): the prompt, and for a continuation what was written
    so far with the wish for more. Raises what `ask` raises, AnswerCut and ModelAnswerInvalid.
    """
    prompt = ("user", request.prompt)
    messages: list[tuple[str, str]] = [prompt]
    text, tokens_in, tokens_out = "", 0, 0
    for _ in range(1 + CONTINUATIONS):
        try:
            piece = ask(messages)
        except (TryLater, ModelRefused) as error:
            if not text:
                raise
            # The beginning is paid for: who asks again, here or elsewhere, would pay for it twice.
            raise AnswerCut(f"The answer was cut and could not be continued: {error}") from None
        text = _joined(text, piece.text)
        tokens_in, tokens_out = tokens_in + piece.input_tokens, tokens_out + piece.output_tokens
        model = piece.model or model
        if not piece.cut:
            break
        if not text.strip():
            raise AnswerCut(f"The text model used up {request.max_tokens} tokens without writing any text.")
        text = _up_to_last_space(text)
        messages = [prompt, ("assistant", text), ("user", CONTINUE)]
    else:
        raise AnswerCut(f"The answer was still cut after {CONTINUATIONS} continuations ({tokens_out} tokens).")
    text = _without_thoughts(text)
    if not text.strip():
        raise ModelAnswerInvalid("The text model answered without any text.")
    return TextAnswer(text, tokens_in, tokens_out, model)


def _joined(text: str, more: str) -> str:
    """`text` and its continuation, without the blanks or the last words that a model likes to say again."""
    if not text:
        return more
    more = more.lstrip("\n") if text.endswith("\n") else more.lstrip()
    for length in range(min(len(text), len(more), 400), _OVERLAP - 1, -1):
        if text.endswith(more[:length]):
            return text + more[length:]
    return text + more


def _up_to_last_space(text: str) -> str:
    """`text` without its last, perhaps incomplete word: models begin a continuation at a word."""
    whole = re.sub(r"\S+\Z", "", text)
    return whole if whole.strip() else text


def _without_thoughts(text: str) -> str:
    """`text` without the reasoning that some local models write before their answer."""
    return re.sub(r"\A\s*<think>.*?</think>\s*", "", text, flags=re.DOTALL)
