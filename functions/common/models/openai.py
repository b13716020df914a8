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
| other 3xx and 4xx, refusals, content filter                           | ModelRefused, with the server's words |
| not the protocol, no text                                             | ModelAnswerInvalid                    |
| cut at max_tokens and not to be had whole by `CONTINUATIONS` requests | AnswerCut: the beginning was paid     |

A 400 that names a parameter as unsupported is no answer and was not paid for: the request is put differently once.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from functions.common.errors import (
    AnswerCut,
    AuroraError,
    ConfigurationError,
    ModelAnswerInvalid,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
    Throttled,
)
from functions.common.models import TextAnswer, TextRequest

CONTINUATIONS: Final = 2
"""How often an answer that was cut at max_tokens is continued."""
CONNECT_SECONDS: Final = 5.0
"""How long connecting may take; an endpoint that is there answers in much less."""
MAX_ANSWER_BYTES: Final = 20_000_000
"""A body beyond this is no lesson, whatever its server thinks."""

_CONTINUE: Final = (
    "Your answer was cut. Continue exactly where you stopped: the next character follows the last one you wrote. "
    "Do not repeat anything, do not comment, do not start a new code fence unless the text needs one there."
)
_GATEWAY_GAVE_UP: Final = frozenset({408, 504, 524})
_HINTS: Final = {
    401: "check the API key",
    403: "the API key may not use this model",
    404: "check the base URL (it usually ends in /v1) and the model's name",
}
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_OVERLAP: Final = 20


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
        try:
            url = httpx.URL(self.base_url)
        except httpx.InvalidURL as error:
            raise ConfigurationError(f"The address of the text model is no URL: {error}.") from None
        if url.scheme not in ("http", "https") or not url.host:
            raise ConfigurationError("The address of the text model must begin with http:// or https:// and a host.")
        if not (self.api_key.isascii() and self.api_key.isprintable()):
            raise ConfigurationError("The API key of the text model holds characters that no HTTP header can carry.")
        if not self.model:
            raise ConfigurationError("The endpoint of the text model is set, but no model name.")

    def write(self, request: TextRequest, seconds: float) -> TextAnswer:
        """The answer to `request`, continued if it is cut, all within `seconds`. Raises what the module tells."""
        if seconds <= 0:
            raise ModelTimeout("No time was left to ask the text model.")
        return asyncio.run(self._write(request, self.clock() + seconds, seconds))

    async def _write(self, request: TextRequest, deadline: float, seconds: float) -> TextAnswer:
        conversation = [
            {"role": "system", "content": request.system},
            {"role": "user", "content": request.prompt},
        ]
        wish: dict[str, Any] = {"model": self.model, "messages": conversation, "max_tokens": request.max_tokens}
        wish |= {"stream": True, "stream_options": {"include_usage": True}}
        text, tokens_in, tokens_out, model = "", 0, 0, self.model
        for _ in range(1 + CONTINUATIONS):
            try:
                async with asyncio.timeout(max(0.0, deadline - self.clock())):
                    answer, wish = await self._ask(wish)
            except TimeoutError:
                raise ModelTimeout(f"The text model did not finish within {seconds:.0f} s.") from None
            except (Throttled, ModelUnavailable) as error:
                if not text:
                    raise
                # The beginning is paid for: who asks again later would pay for it twice.
                raise AnswerCut(f"The answer was cut and could not be continued: {error}") from None
            text = _joined(text, answer.text)
            tokens_in, tokens_out = tokens_in + answer.input_tokens, tokens_out + answer.output_tokens
            model = answer.model or model
            if answer.finish != "length":
                break
            if not text.strip():
                raise AnswerCut(f"The text model used up {request.max_tokens} tokens without writing any text.")
            text = _up_to_last_space(text)
            following = [{"role": "assistant", "content": text}, {"role": "user", "content": _CONTINUE}]
            wish = {**wish, "messages": conversation + following}
        else:
            raise AnswerCut(f"The answer was still cut after {CONTINUATIONS} continuations ({tokens_out} tokens).")
        text = _without_thoughts(text)
        if not text.strip():
            raise ModelAnswerInvalid("The text model answered without any text.")
        return TextAnswer(text, tokens_in, tokens_out, model)

    async def _ask(self, wish: dict[str, Any]) -> tuple[_Answer, dict[str, Any]]:
        """One answer, and the request as the server took it."""
        # Idle connections are not kept: a server that closes one just then could not be told from one that
        # broke off after it was paid.
        async with httpx.AsyncClient(
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_keepalive_connections=0),
            trust_env=httpx.URL(self.base_url).host
            not in _LOOPBACK,  # a proxy for the world is not for a model on this machine
        ) as client:
            while True:
                try:
                    return await self._send(client, wish), wish
                except _Unsupported as error:
                    wish = error.instead

    async def _send(self, client: httpx.AsyncClient, wish: dict[str, Any]) -> _Answer:
        headers = {"Accept": "text/event-stream, application/json"}
        if self.api_key:
            headers["Authorization"] = f"Bearer {self.api_key}"
        answer = _Answer()
        try:
            url = f"{self.base_url.rstrip('/')}/chat/completions"
            async with client.stream("POST", url, json=wish, headers=headers) as response:
                if response.status_code != httpx.codes.OK:
                    raise self._status_error(response, (await response.aread())[:100_000], wish)
                await _read(response, answer)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.WriteError, httpx.ProxyError) as error:
            raise ModelUnavailable(self._clean(f"The text model cannot be reached: {_reason(error)}.")) from None
        except httpx.RequestError as error:
            lost = f"The connection to the text model was lost after the request was sent: {_reason(error)}."
            raise ModelAnswerInvalid(self._clean(lost)) from None
        except _ErrorEvent as event:
            raise self._event_error(event, answer) from None
        if not answer.finish:
            raise ModelAnswerInvalid("The text model's answer broke off before its end.")
        if answer.refusal or answer.finish == "content_filter":
            said = f": {answer.refusal[:300]}" if answer.refusal else " (content filter)."
            raise ModelRefused(self._clean(f"The text model refused to write this{said}"))
        return answer

    def _status_error(self, response: httpx.Response, body: bytes, wish: dict[str, Any]) -> Exception:
        status = response.status_code
        said = _server_message(body)
        if status == httpx.codes.BAD_REQUEST and (instead := _put_differently(wish, said)):
            return _Unsupported(instead)
        text = f"The text model's server answered {status}" + (f": {said}" if said else "")
        if hint := _HINTS.get(status):
            text = f"{text} ({hint})"
        if status in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE):
            wait = response.headers.get("retry-after", "")[:40]
            return Throttled(self._clean(f"{text}; it asks to wait: Retry-After {wait}" if wait else text))
        if status in _GATEWAY_GAVE_UP:
            return ModelTimeout(self._clean(text))
        if httpx.codes.is_server_error(status):
            return ModelUnavailable(self._clean(text))
        return ModelRefused(self._clean(text))

    def _event_error(self, event: _ErrorEvent, answer: _Answer) -> AuroraError:
        text = self._clean(f"The text model's server sent an error: {event.message}")
        if answer.text:
            return ModelAnswerInvalid(f"{text} (after part of the text, which is paid for)")
        return Throttled(text) if event.throttled else ModelUnavailable(text)

    def _clean(self, text: str) -> str:
        """`text` without the API key, which some servers repeat in their complaint about it."""
        return text.replace(self.api_key, "***") if self.api_key else text


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


class _Unsupported(Exception):
    """The server refused the form of a request unread; `instead` says the same without what it does not know."""

    def __init__(self, instead: dict[str, Any]) -> None:
        self.instead = instead


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


def _server_message(body: bytes) -> str:
    """What a server says of its error: its JSON message, or the beginning of its text."""
    text = body.decode("utf-8", "replace")
    try:
        error = json.loads(text)["error"]
        text = error["message"] if isinstance(error, dict) else error
    except (ValueError, KeyError, TypeError):
        text = re.sub(r"<[^>]*>", " ", text)
    return " ".join(str(text).split())[:300].rstrip(".")


def _put_differently(wish: dict[str, Any], complaint: str) -> dict[str, Any] | None:
    """The same request without what the server does not know, or None if its complaint is about something else."""
    if "max_tokens" in wish and "max_completion_tokens" in complaint:
        limit = wish["max_tokens"]
        return {**{name: value for name, value in wish.items() if name != "max_tokens"}, "max_completion_tokens": limit}
    if "stream_options" in wish and "stream_options" in complaint:
        return {name: value for name, value in wish.items() if name != "stream_options"}
    return None


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


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
