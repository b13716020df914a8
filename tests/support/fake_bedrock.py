"""A server for tests that speaks Amazon Bedrock's runtime: ConverseStream and InvokeModel of images, see `fake_model`.

Errors have the words, names and status codes of Bedrock's own; streams its binary frames. The signature of a request
is not checked. `python -m tests.support.fake_bedrock --port 0` runs it as a command.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Mapping
from typing import Any, ClassVar, Final
from urllib.parse import unquote

from tests.support.fake_model import (
    LESSON_OF_IMAGE,
    Asked,
    FakeModel,
    FakeModelHandler,
    image_file,
    pieces,
    serve,
    slowly,
    text_for,
)

BEHAVIOURS = """
  ok              a whole lesson, streamed; an image
  cut             part of the text, then stopReason max_tokens
  throttle        too many tokens in a minute
  requests        too many requests in a minute
  daily           too many tokens in a day
  quota           a quota of the account is used up
  not-ready       the model is being loaded
  busy            the service is unavailable
  internal        a fault of the service
  model-error     a fault of the model
  timeout         the model took too long
  access          no access to the model
  form            the form of the model's provider was not submitted
  profile         the model is to be had through an inference profile only
  unknown         there is no such model
  legacy          the version of the model is retired
  expired         the credentials have expired
  key             the API key is not valid, and is repeated
  blocked         the prompt was blocked by a filter before anything was drawn
  gateway         502 with HTML
  early-throttle  a throttling event before any text
  early-error     an error event of the model before any text
  late-throttle   part of the text, then a throttling event
  late-error      part of the text, then an error event of the model
  late-thought    reasoning, then an error event of the model
  thinking        reasoning, then a whole lesson
  guardrail       part of the text, then stopReason guardrail_intervened
  filter          part of the text, then stopReason content_filtered; an image that is held back
  window          part of the text, then stopReason model_context_window_exceeded
  empty           a whole answer without any text; without any image
  garbage         HTML with status 200
  corrupt         part of the text, then a frame with a wrong checksum
  broken-off      part of the text, then the stream ends
  trickle         small parts of the text, without end
  stall           part of the text, then silence until the client goes
  silence         nothing at all until the client goes
  drop            part of the text, then the connection is reset
  hang-up         the connection is closed before any answer
  jpeg            an image in another format (images only)
  broken          an image that is none (images only)
"""
_WAIT = "please wait before trying again."
_ERRORS: Final[Mapping[str, tuple[int, str, str]]] = {
    "throttle": (429, "ThrottlingException", f"Too many tokens, {_WAIT}"),
    "requests": (429, "ThrottlingException", f"Too many requests, {_WAIT}"),
    "daily": (429, "ThrottlingException", f"Too many tokens per day, {_WAIT}"),
    "quota": (400, "ServiceQuotaExceededException", "Your request exceeds the service quota for your account."),
    "not-ready": (429, "ModelNotReadyException", "The model is not ready to serve inference requests."),
    "busy": (503, "ServiceUnavailableException", "Bedrock is unable to process your request."),
    "internal": (500, "InternalServerException", "The system encountered an unexpected error during processing."),
    "model-error": (424, "ModelErrorException", "The request failed due to an error while processing the model."),
    "timeout": (408, "ModelTimeoutException", "Model has timed out in processing the request."),
    "access": (403, "AccessDeniedException", "You don't have access to the model with the specified model ID."),
    "form": (
        404,
        "ResourceNotFoundException",
        "Model use case details have not been submitted for this account. Fill out the Anthropic use case details "
        "form before using the model. If you have already filled out the form, try again in 15 minutes.",
    ),
    "profile": (
        400,
        "ValidationException",
        "Invocation of model ID fake with on-demand throughput isn\u2019t supported. Retry your request with the ID "
        "or ARN of an inference profile that contains this model.",
    ),
    "unknown": (400, "ValidationException", "The provided model identifier is invalid."),
    "legacy": (404, "ResourceNotFoundException", "Access denied. This Model is marked by provider as Legacy."),
    "expired": (403, "ExpiredTokenException", "The security token included in the request is expired"),
    "key": (
        403,
        "AccessDeniedException",
        "Authentication failed for {authorization}: make sure your API Key is valid.",
    ),
    "blocked": (400, "ValidationException", "This request has been blocked by our content filters."),
}
_FREE = {*_ERRORS, "gateway", "garbage", "early-throttle", "early-error"} - {"timeout"}
_HELD_BACK = "None of the generated images passed our content filters."


class _Handler(FakeModelHandler):
    def answer(self, body: dict[str, Any]) -> None:
        _, _, model, action = (*self.path.split("/"), "", "", "")[:4]
        asked = {**body, "modelId": unquote(model)}
        if action == "converse-stream":
            self._converse(asked)
        elif action == "invoke":
            self._draw(asked)
        else:
            self._error(404, "UnknownOperationException", f"There is nothing at {self.path}")

    def _converse(self, body: dict[str, Any]) -> None:
        said = [(message["role"], message["content"][0]["text"]) for message in body["messages"]]
        title, text = text_for("\n".join(words for role, words in said if role == "user"))
        told = [words for role, words in said if role == "assistant"]
        if told:
            text = text[len(told[-1]) :]
        behaviour = self._take(title, body)
        if behaviour in _ERRORS:
            self._error(*_ERRORS[behaviour])
        else:
            getattr(self, f"_do_{behaviour.replace('-', '_')}")(text)

    def _draw(self, body: dict[str, Any]) -> None:
        prompt = body["textToImageParams"]["text"] if "textToImageParams" in body else body["prompt"]
        found = LESSON_OF_IMAGE.search(prompt)
        behaviour = self._take(f"image: {found[1] if found else ''}", body)
        amazon = "taskType" in body
        if behaviour in _ERRORS:
            self._error(*_ERRORS[behaviour])
        elif behaviour == "filter":
            held_back = {"images": [], "error": _HELD_BACK} if amazon else {"finish_reasons": ["Filter reason: prompt"]}
            self._json(200, held_back)
        elif behaviour == "empty":
            self._json(200, {"images": []})
        elif behaviour in ("ok", "jpeg", "broken"):
            file = image_file("JPEG" if behaviour == "jpeg" else "PNG")[: 1000 if behaviour == "broken" else None]
            images = {"images": [base64.b64encode(file).decode()]}
            self._json(200, images if amazon else {"seeds": [1], "finish_reasons": [None], **images})
        else:
            getattr(self, f"_do_{behaviour.replace('-', '_')}")("")

    def _take(self, lesson: str, body: dict[str, Any]) -> str:
        behaviour = self.fake.take(lesson)
        authorization = self.headers.get("Authorization", "")
        self.fake.asked.append(Asked(lesson, behaviour, body, authorization, behaviour not in _FREE))
        slowly(self.fake)
        return behaviour

    def _error(self, status: int, kind: str, message: str) -> None:
        name = f"{kind}:http://internal.amazon.com/coral/com.amazon.bedrock/"
        message = message.replace("{authorization}", self.headers.get("Authorization", ""))
        self._json(status, {"message": message}, {"x-amzn-ErrorType": name, "x-amzn-RequestId": "0"})

    def _do_ok(self, text: str) -> None:
        self._start()
        self._text(text)
        self._stop("end_turn", text)

    def _do_cut(self, text: str) -> None:
        part = text[: len(text) // 2]
        self._start()
        self._text(part)
        self._stop("max_tokens", part)

    def _do_thinking(self, text: str) -> None:
        self._start()
        self._thought()
        self._text(text)
        self._stop("end_turn", text)

    def _do_gateway(self, text: str) -> None:
        self._raw(502, "text/html", b"<html><body>Bad gateway</body></html>")

    def _do_early_throttle(self, text: str) -> None:
        self._start()
        self._exception("throttlingException", f"Too many tokens, {_WAIT}")
        self._end()

    def _do_early_error(self, text: str) -> None:
        self._start()
        self._exception("modelStreamErrorException", "The model crashed.")
        self._end()

    def _do_late_throttle(self, text: str) -> None:
        self._start()
        self._text(text[:100])
        self._exception("throttlingException", f"Too many tokens, {_WAIT}")
        self._end()

    def _do_late_error(self, text: str) -> None:
        self._start()
        self._text(text[:100])
        self._exception("modelStreamErrorException", "The model crashed.")
        self._end()

    def _do_late_thought(self, text: str) -> None:
        self._start()
        self._thought()
        self._exception("internalServerException", "The system encountered an unexpected error.")
        self._end()

    def _do_guardrail(self, text: str) -> None:
        self._start()
        self._text("Sorry, the model cannot answer this question.")
        self._stop("guardrail_intervened", text[:100])

    def _do_filter(self, text: str) -> None:
        self._start()
        self._text(text[:100])
        self._stop("content_filtered", text[:100])

    def _do_window(self, text: str) -> None:
        self._start()
        self._text(text[:100])
        self._stop("model_context_window_exceeded", text[:100])

    def _do_empty(self, text: str) -> None:
        self._start()
        self._stop("end_turn", "")

    def _do_garbage(self, text: str) -> None:
        self._raw(200, "text/html", b"<html><body>It works!</body></html>")

    def _do_corrupt(self, text: str) -> None:
        self._start()
        self._text(text[:100])
        good = frame({":message-type": "event", ":event-type": "contentBlockDelta"}, b"{}")
        self._chunk(good[:-1] + bytes([good[-1] ^ 1]))
        self._end()

    def _do_broken_off(self, text: str) -> None:
        self._start()
        self._text(text[:100])
        self._end()

    def _do_trickle(self, text: str) -> None:
        self._start()
        try:
            while not self.fake.ended.wait(0.02):
                self._text("more and more ")
        except OSError:  # the client has gone, as it should
            self.close_connection = True

    def _do_stall(self, text: str) -> None:
        self._start()
        self._text(text[:100])
        self._wait_for_client()

    def _do_silence(self, text: str) -> None:
        self._wait_for_client()

    def _do_drop(self, text: str) -> None:
        self._start()
        self._text(text[:100])
        self._reset()

    def _do_hang_up(self, text: str) -> None:
        self._reset()

    def _start(self) -> None:
        self._begin("application/vnd.amazon.eventstream")
        self._event("messageStart", {"role": "assistant"})

    def _thought(self) -> None:
        thought = {"reasoningContent": {"text": "The lesson needs a beginning."}}
        self._event("contentBlockDelta", {"contentBlockIndex": 0, "delta": thought})
        self._event("contentBlockStop", {"contentBlockIndex": 0})

    def _text(self, text: str) -> None:
        for piece in pieces(text):
            self._event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": piece}})

    def _stop(self, reason: str, text: str) -> None:
        self._event("contentBlockStop", {"contentBlockIndex": 0})
        self._event("messageStop", {"stopReason": reason})
        usage = {"inputTokens": 50, "outputTokens": len(text.split()), "totalTokens": 50 + len(text.split())}
        self._event("metadata", {"usage": usage, "metrics": {"latencyMs": 1}})
        self._end()

    def _event(self, kind: str, payload: Mapping[str, Any]) -> None:
        headers = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
        # Bedrock pads its events, so that their lengths tell nothing of the text.
        self._chunk(frame(headers, json.dumps({**payload, "p": "abcdefghij"}, ensure_ascii=False).encode()))

    def _exception(self, kind: str, message: str) -> None:
        headers = {":exception-type": kind, ":content-type": "application/json", ":message-type": "exception"}
        self._chunk(frame(headers, json.dumps({"message": message}).encode()))


class FakeBedrock(FakeModel):
    """The server. Images of a lesson are scripted under the title "image: <the lesson's title>"."""

    behaviours: ClassVar[str] = BEHAVIOURS
    handler: ClassVar[type[FakeModelHandler]] = _Handler


def frame(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One message of `application/vnd.amazon.eventstream`: lengths, headers of text and payload, with checksums."""
    encoded = b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(value.encode())) + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack("!II", 16 + len(encoded) + len(payload), len(encoded))
    message = prelude + struct.pack("!I", binascii.crc32(prelude)) + encoded + payload
    return message + struct.pack("!I", binascii.crc32(message))


if __name__ == "__main__":
    serve(FakeBedrock, "A model's server for tests that speaks Amazon Bedrock's protocol.")
