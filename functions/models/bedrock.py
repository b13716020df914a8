"""The text models of Amazon Bedrock, whichever has Converse: Claude and others.

The answer is streamed, so that no timeout on the way cuts a long one. Knows no lesson; what errors mean is told in
`bedrock_runtime`. Beyond that table: a guardrail or a content filter raises ModelDeclined, an answer without text
ModelAnswerInvalid, and one that is not to be had whole AnswerCut; all of these may have been paid for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from functions.models import TextAnswer, TextRequest
from functions.models.answers import Piece, write_whole
from functions.models.bedrock_runtime import BedrockRuntime
from functions.models.errors import ModelAnswerInvalid, ModelDeclined, ModelTimeout

_ENDED: Final = frozenset({"end_turn", "stop_sequence"})
_CUT: Final = "max_tokens"
_DECLINED: Final = {
    "guardrail_intervened": "a guardrail",
    "content_filtered": "content filter",
    "refusal": "its own refusal",
}


@dataclass(frozen=True)
class BedrockModel:
    """`model` is a model's id, or the id or ARN of an inference profile; "" elsewhere is the environment's.

    With an `api_key` requests carry that and are not signed.
    Raises ConfigurationError where there is no region, or the endpoint is no address.
    """

    model: str
    region: str = ""
    endpoint: str = ""
    api_key: str = field(default="", repr=False)
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        _ = self._runtime

    @cached_property
    def _runtime(self) -> BedrockRuntime:
        return BedrockRuntime("text model", self.region, self.endpoint, self.api_key)

    def write(self, request: TextRequest, seconds: float) -> TextAnswer:
        """The answer to `request`, continued if it is cut, all within `seconds`. Raises what the module tells."""
        deadline = self.clock() + seconds

        def ask(messages: list[tuple[str, str]]) -> Piece:
            return self._ask(request, messages, deadline)

        return write_whole(request, ask, self.model)

    def _ask(self, request: TextRequest, messages: list[tuple[str, str]], deadline: float) -> Piece:
        answer = _Answer()
        wish: dict[str, Any] = {
            "modelId": self.model,
            "messages": [{"role": role, "content": [{"text": text}]} for role, text in messages],
            "inferenceConfig": {"maxTokens": request.max_tokens},
        }
        if request.system:
            wish["system"] = [{"text": request.system}]

        def call(client: Any) -> None:
            stream = client.converse_stream(**wish)["stream"]
            try:
                for event in stream:
                    answer.take(event)
                    if self.clock() > deadline:  # nobody waits for the rest any more
                        raise ModelTimeout("The text model did not finish in time.")
            finally:
                stream.close()

        self._runtime.within(deadline - self.clock(), call, lambda: answer.begun)
        if not answer.stop:
            raise ModelAnswerInvalid("The text model's answer broke off before its end.")
        if reason := _DECLINED.get(answer.stop):
            raise ModelDeclined(f"The text model refused to write this ({reason}).")
        if answer.stop not in _ENDED and answer.stop != _CUT:
            raise ModelAnswerInvalid(f"The text model's answer ended in a way that cannot be used: {answer.stop}.")
        return Piece(answer.text, answer.stop == _CUT, answer.input_tokens, answer.output_tokens)


@dataclass
class _Answer:
    """What arrived so far of one answer; `stop` stays "" until the service says how it ended."""

    text: str = ""
    begun: bool = False
    stop: str = ""
    input_tokens: int = 0
    output_tokens: int = 0

    def take(self, event: dict[str, Any]) -> None:
        """Add one event of a stream. Those that are not told here say nothing that is needed."""
        if delta := event.get("contentBlockDelta"):
            self.begun = True  # reasoning is paid for as well, though it is no text
            self.text += delta.get("delta", {}).get("text", "")
        elif stop := event.get("messageStop"):
            self.stop = stop.get("stopReason", "")
        elif metadata := event.get("metadata"):
            usage = metadata.get("usage", {})
            self.input_tokens = usage.get("inputTokens", 0)
            self.output_tokens = usage.get("outputTokens", 0)
