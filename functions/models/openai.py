"""The text model `openai`: any endpoint that speaks OpenAI's chat completions, found by its base URL.

Knows no lesson and no AWS. One rule decides every error here: a request that may have been paid for is never sent
again, neither by this module (no retries, no reuse of idle connections) nor by whoever catches what it raises:

| what happens                                                          | raised                                |
|-----------------------------------------------------------------------|---------------------------------------|
| no connection (refused, unknown host, TLS), request not sent whole    | ModelUnavailable: nothing was paid    |
| 429, 503; an error event of that kind before any text                 | Throttled, with Retry-After if told   |
| 5xx otherwise (but 504, 524); an error event before any text          | ModelUnavailable: no text was made    |
| 504, 524, 408 (a proxy gave up on a slow answer); our own time is up  | ModelTimeout: may have been paid      |
| connection lost after the request was sent; error amid the text       | ModelAnswerInvalid: perhaps paid      |
| other 3xx and 4xx                                                     | ModelRefused: nothing was paid        |
| the model's own refusal, content filter                               | ModelDeclined: perhaps paid           |
| not the protocol, no text                                             | ModelAnswerInvalid                    |
| cut at max_tokens and not to be had whole by further requests         | AnswerCut: the beginning was paid     |

A 400 that names a parameter as unsupported is no answer and was not paid for: the request is put differently once.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import httpx

from aurora.runtime.errors import AuroraError, Throttled
from functions.models import TextAnswer, TextRequest
from functions.models.answers import Piece, write_whole
from functions.models.endpoint import Endpoint, RequestRejected
from functions.models.errors import ModelAnswerInvalid, ModelDeclined, ModelTimeout, ModelUnavailable

MAX_ANSWER_BYTES: Final = 20_000_000
"""A body beyond this is no lesson, whatever its server thinks."""


@dataclass(frozen=True)
class OpenAIModel:
    """`base_url` as OpenAI's clients take it ("https://api.openai.com/v1"); `api_key` "" sends none.

    Raises ConfigurationError for an address or a model name that cannot be one.
    """

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        _ = self._endpoint

    @cached_property
    def _endpoint(self) -> Endpoint:
        return Endpoint("text model", self.base_url, self.model, self.api_key)

    def write(self, request: TextRequest, seconds: float) -> TextAnswer:
        """The answer to `request`, continued if it is cut, all within `seconds`. Raises what the module tells."""
        if seconds <= 0:
            raise ModelTimeout("No time was left to ask the text model.")
        deadline = self.clock() + seconds
        wish: dict[str, Any] = {"model": self.model, "max_tokens": request.max_tokens}
        wish |= {"stream": True, "stream_options": {"include_usage": True}}

        def ask(messages: list[tuple[str, str]]) -> Piece:
            nonlocal wish  # a server that was asked differently once is asked so from then on
            conversation = [{"role": role, "content": text} for role, text in [("system", request.system), *messages]]
            try:
                piece, wish = asyncio.run(self._within(deadline - self.clock(), {**wish, "messages": conversation}))
            except TimeoutError:
                raise ModelTimeout(f"The text model did not finish within {seconds:.0f} s.") from None
            return piece

        return write_whole(request, ask, self.model)

    async def _within(self, seconds: float, wish: dict[str, Any]) -> tuple[Piece, dict[str, Any]]:
        """One answer, and the request as the server took it. Raises TimeoutError."""
        async with asyncio.timeout(max(0.0, seconds)):
            while True:
                try:
                    return await self._ask(wish), wish
                except RequestRejected as error:
                    instead = _put_differently(wish, error.said)
                    if instead is None:
                        raise
                    wish = instead

    async def _ask(self, wish: dict[str, Any]) -> Piece:
        answer = _Answer()
        accept = "text/event-stream, application/json"
        try:
            async with self._endpoint.post("/chat/completions", wish, accept) as response:
                await _read(response, answer)
        except _ErrorEvent as event:
            raise self._event_error(event, answer) from None
        if not answer.finish:
            raise ModelAnswerInvalid("The text model's answer broke off before its end.")
        if answer.refusal or answer.finish == "content_filter":
            said = f": {answer.refusal[:300]}" if answer.refusal else " (content filter)."
            raise ModelDeclined(self._endpoint.clean(f"The text model refused to write this{said}"))
        return Piece(answer.text, answer.finish == "length", answer.input_tokens, answer.output_tokens, answer.model)

    def _event_error(self, event: _ErrorEvent, answer: _Answer) -> AuroraError:
        text = self._endpoint.clean(f"The text model's server sent an error: {event.message}")
        if answer.text:
            return ModelAnswerInvalid(f"{text} (after part of the text, which is paid for)")
        return Throttled(text) if event.throttled else ModelUnavailable(text)


@dataclass
class _Answer:
    """What arrived so far of one answer; `finish` stays "" until the server says how it ended."""

    text: str = ""
    refusal: str = ""
    finish: str = ""
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0

    def take(self, event: object) -> None:
        """Add one chunk of a stream, or a whole answer: both have the same frame. Raises if it is neither."""
        if not isinstance(event, dict):
            raise ModelAnswerInvalid("The text model answered something that is no chat completion.")
        chunk: dict[str, Any] = event
        if error := chunk.get("error"):
            raise _ErrorEvent(error)
        try:
            self.model = chunk.get("model") or self.model
            usage = chunk.get("usage") or {}
            self.input_tokens = int(usage.get("prompt_tokens") or self.input_tokens)
            self.output_tokens = int(usage.get("completion_tokens") or self.output_tokens)
            for choice in (chunk.get("choices") or [])[:1]:
                message = choice.get("delta") or choice.get("message") or {}
                self.text += _content(message.get("content"))
                self.refusal += message.get("refusal") or ""
                self.finish = choice.get("finish_reason") or self.finish
        except (TypeError, AttributeError, ValueError):
            raise ModelAnswerInvalid("The text model answered something that is no chat completion.") from None


class _ErrorEvent(Exception):
    """The server reported an error inside an answer of status 200."""

    def __init__(self, error: object) -> None:
        known: dict[str, Any] = error if isinstance(error, dict) else {"message": error}
        self.message = str(known.get("message") or "no reason given")[:300]
        kind = f"{known.get('type')} {known.get('code')}".lower()
        self.throttled = any(word in kind for word in ("429", "503", "rate", "overloaded", "quota"))


async def _read(response: httpx.Response, answer: _Answer) -> None:
    """Take a stream of events, or the one JSON object of a server that does not stream."""
    plain: list[str] = []
    size = 0
    streaming = False
    async for line in _lines(response):
        size += len(line)
        if size > MAX_ANSWER_BYTES:
            raise ModelAnswerInvalid(f"The text model's answer exceeds {MAX_ANSWER_BYTES:,} bytes.")
        if line.startswith("data:"):
            streaming = True
            data = line.removeprefix("data:").strip()
            if data == "[DONE]":
                answer.finish = answer.finish or "stop"
                return
            answer.take(_json(data))
        elif not streaming and not line.startswith((":", "event:", "id:", "retry:")):
            plain.append(line)
    if not streaming:
        answer.take(_json("\n".join(plain)))
        answer.finish = answer.finish or "stop"  # a whole JSON object has ended, whether it says so or not


async def _lines(response: httpx.Response) -> AsyncIterator[str]:
    """Lines as event streams have them: ended by LF or CRLF alone (a lesson's text may hold other separators)."""
    rest = b""
    async for piece in response.aiter_bytes():
        *lines, rest = (rest + piece).split(b"\n")
        if len(rest) > MAX_ANSWER_BYTES:
            raise ModelAnswerInvalid(f"The text model's answer exceeds {MAX_ANSWER_BYTES:,} bytes.")
        for line in lines:
            yield line.decode("utf-8", "replace").rstrip("\r")
    if rest:
        yield rest.decode("utf-8", "replace")


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        start = " ".join(text[:80].split())
        raise ModelAnswerInvalid(f"The text model answered something that is not JSON: {start!r}.") from None


def _content(content: object) -> str:
    """A message's text: a string, nothing, or a list of parts."""
    if isinstance(content, list):
        parts: list[dict[str, Any]] = content
        return "".join(part.get("text") or "" for part in parts)
    if content is not None and not isinstance(content, str):
        raise TypeError("content")
    return content or ""


def _put_differently(wish: dict[str, Any], complaint: str) -> dict[str, Any] | None:
    """The same request without what the server does not know, or None if its complaint is about something else."""
    if "max_tokens" in wish and "max_completion_tokens" in complaint:
        limit = wish["max_tokens"]
        return {**{name: value for name, value in wish.items() if name != "max_tokens"}, "max_completion_tokens": limit}
    if "stream_options" in wish and "stream_options" in complaint:
        return {name: value for name, value in wish.items() if name != "stream_options"}
    return None
