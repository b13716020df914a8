"""What models cost, in millionths of a US dollar. One dollar a million tokens is one of these a token."""

from __future__ import annotations

import math
from typing import Final

from functions.models import TextAnswer, TextRequest
from functions.models.answers import CONTINUATIONS, CONTINUE
from functions.models.specs import ModelSpec

_FRAME_TOKENS: Final = 100
"""What a provider adds around the messages of a request."""


def max_cost_of_text(spec: ModelSpec, request: TextRequest) -> int:
    """The most that an answer to `request` may cost, continued as often as it may be; 0 without prices.

    A token is at least one byte of text, so no tokenizer makes more tokens of a text than it has bytes.
    """
    asked = 1 + CONTINUATIONS
    prompt = _FRAME_TOKENS + _bytes(request.system) + _bytes(request.prompt)
    # The n-th continuation is sent all that was written before it.
    written = request.max_tokens * CONTINUATIONS * asked // 2
    return _cost(spec, asked * prompt + written + CONTINUATIONS * _bytes(CONTINUE), asked * request.max_tokens)


def cost_of_text(spec: ModelSpec, request: TextRequest, answer: TextAnswer) -> int:
    """What `answer` cost by its token counts; the most it may have cost where the provider told none."""
    if not (answer.input_tokens or answer.output_tokens):
        return max_cost_of_text(spec, request)
    return _cost(spec, answer.input_tokens, answer.output_tokens)


def cost_of_image(spec: ModelSpec) -> int:
    """What an image costs."""
    return math.ceil(round(spec.image_price * 1_000_000, 3))


def _cost(spec: ModelSpec, input_tokens: int, output_tokens: int) -> int:
    # Rounded first: 3 tokens at 0.1 are not 0.30000000000000004, which would be one more when rounded up.
    return math.ceil(round(input_tokens * spec.input_price + output_tokens * spec.output_price, 3))


def _bytes(text: str) -> int:
    return len(text.encode())
