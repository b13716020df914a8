"""A server for tests that speaks OpenAI's chat completions and image generations, see `fake_model`.

`python -m tests.support.fake_openai --port 0` runs it as a command.
"""

from __future__ import annotations

import base64
import json
from typing import Any, ClassVar

from tests.support.fake_model import (
    LESSON_OF_IMAGE,
    Asked,
    FakeModel,
    FakeModelHandler,
    image_file,
    lesson_text,
    pieces,
    serve,
    slowly,
    text_for,
)

__all__ = ["FakeOpenAI", "lesson_text"]

BEHAVIOURS = """
  ok              a whole lesson, streamed
  json            a whole lesson, in one JSON object although a stream was asked for
  throttle        429 with Retry-After: 7
  busy            503
  error:STATUS    that status, with an error message in JSON
  refuse          a refusal in the protocol's own field
  filter          part of the text, then finish_reason content_filter
  cut             part of the text, then finish_reason length
  garbage         HTML with status 200
  nonsense        an event stream of something else
  empty           a whole answer without any text
  excuse          a whole answer of a few words
  stall           part of the text, then silence until the client goes
  silence         nothing at all until the client goes
  drop            part of the text, then the connection is reset
  hang-up         the connection is closed before any answer
  early-error     an error event before any text
  early-throttle  an error event of a rate limit before any text
  late-error      part of the text, then an error event
  old             400 to max_tokens and to stream_options, else a whole lesson
  url             an image by its address (images only)
  lost-url        an image by an address where nothing is (images only)
  jpeg            an image in another format; so webp (images only)
  webp            see jpeg
  broken          an image that is none (images only)
"""
_FREE = ("throttle", "busy", "error", "garbage", "early-error", "early-throttle")
_NEW_PARAMETERS = (("max_tokens", ". Use 'max_completion_tokens' instead."), ("stream_options", ""))


class _Handler(FakeModelHandler):
    def do_GET(self) -> None:
        if self.path == "/drawn.png":
            self._raw(200, "image/png", image_file("PNG"))
        elif self.path == "/requests":
            super().do_GET()
        else:
            self._json(404, {"error": {"message": f"There is nothing at {self.path}"}})

    def answer(self, body: dict[str, Any]) -> None:
        if self.path == "/v1/chat/completions":
            self._complete(body)
        elif self.path == "/v1/images/generations":
            self._draw(body)
        else:
            self._json(404, {"error": {"message": f"There is nothing at {self.path}"}})

    def _complete(self, body: dict[str, Any]) -> None:
        prompt = "\n".join(message["content"] for message in body["messages"] if message["role"] == "user")
        title, text = text_for(prompt)
        behaviour = self._take(title, body)
        told = [message["content"] for message in body["messages"] if message["role"] == "assistant"]
        if told:
            text = text[len(told[-1]) :]
        kind, _, status = behaviour.partition(":")
        getattr(self, f"_do_{kind.replace('-', '_')}")(text, body, int(status or 0))

    def _draw(self, body: dict[str, Any]) -> None:
        found = LESSON_OF_IMAGE.search(body["prompt"])
        kind, _, status = self._take(f"image: {found[1] if found else ''}", body).partition(":")
        name = kind.replace("-", "_")
        (getattr(self, f"_draw_{name}", None) or getattr(self, f"_do_{name}"))("", body, int(status or 0))

    def _take(self, lesson: str, body: dict[str, Any]) -> str:
        behaviour = self.fake.take(lesson)
        refused_unread = behaviour == "old" and any(name in body for name, _ in _NEW_PARAMETERS)
        refused_unread |= behaviour == "refuse" and "prompt" in body  # moderation comes before the drawing
        charged = not refused_unread and behaviour.partition(":")[0] not in _FREE
        self.fake.asked.append(Asked(lesson, behaviour, body, self.headers.get("Authorization", ""), charged))
        slowly(self.fake)
        return behaviour

    def _do_ok(self, text: str, body: dict[str, Any], status: int) -> None:
        self._stream(text, "stop", done=True)

    def _do_json(self, text: str, body: dict[str, Any], status: int) -> None:
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        self._json(200, {"model": "fake-1", "choices": [choice], "usage": _usage(text)})

    def _do_throttle(self, text: str, body: dict[str, Any], status: int) -> None:
        self._json(429, {"error": {"message": "Rate limit reached.", "type": "requests"}}, {"Retry-After": "7"})

    def _do_busy(self, text: str, body: dict[str, Any], status: int) -> None:
        self._json(503, {"error": "overloaded"})

    def _do_error(self, text: str, body: dict[str, Any], status: int) -> None:
        key = self.headers.get("Authorization", "").removeprefix("Bearer ")
        self._json(status, {"error": {"message": f"The server says {status} to {key!r}."}})

    def _do_refuse(self, text: str, body: dict[str, Any], status: int) -> None:
        self._begin()
        self._event({"choices": [{"delta": {"refusal": "I cannot write about this."}}]})
        self._event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        self._end()

    def _do_filter(self, text: str, body: dict[str, Any], status: int) -> None:
        self._stream(text[:100], "content_filter", done=True)

    def _do_cut(self, text: str, body: dict[str, Any], status: int) -> None:
        self._stream(text[: len(text) // 2], "length", done=True)

    def _do_garbage(self, text: str, body: dict[str, Any], status: int) -> None:
        self._raw(200, "text/html", b"<html><body>It works!</body></html>")

    def _do_nonsense(self, text: str, body: dict[str, Any], status: int) -> None:
        self._begin()
        self._event([1, 2, 3])
        self._end()

    def _do_empty(self, text: str, body: dict[str, Any], status: int) -> None:
        self._stream("", "stop", done=True)

    def _do_excuse(self, text: str, body: dict[str, Any], status: int) -> None:
        self._stream("I am sorry, but I cannot help with that.", "stop", done=True)

    def _do_stall(self, text: str, body: dict[str, Any], status: int) -> None:
        self._begin()
        self._event({"choices": [{"delta": {"content": text[:100]}}]})
        self._wait_for_client()

    def _do_silence(self, text: str, body: dict[str, Any], status: int) -> None:
        self._wait_for_client()

    def _do_drop(self, text: str, body: dict[str, Any], status: int) -> None:
        self._begin()
        self._event({"choices": [{"delta": {"content": text[:100]}}]})
        self._reset()

    def _do_hang_up(self, text: str, body: dict[str, Any], status: int) -> None:
        self._reset()

    def _do_early_error(self, text: str, body: dict[str, Any], status: int) -> None:
        self._begin()
        self._event({"error": {"message": "The model crashed.", "type": "server_error"}})
        self._end()

    def _do_early_throttle(self, text: str, body: dict[str, Any], status: int) -> None:
        self._begin()
        self._event({"error": {"message": "Slow down.", "code": "rate_limit_exceeded"}})
        self._end()

    def _do_late_error(self, text: str, body: dict[str, Any], status: int) -> None:
        self._begin()
        self._event({"choices": [{"delta": {"content": text[:100]}}]})
        self._event({"error": {"message": "The model crashed."}})
        self._end()

    def _do_old(self, text: str, body: dict[str, Any], status: int) -> None:
        for name, hint in _NEW_PARAMETERS:
            if name in body:
                self._json(400, {"error": {"message": f"Unsupported parameter: '{name}'{hint}"}})
                return
        self._stream(text, "stop", done=False)

    def _draw_ok(self, text: str, body: dict[str, Any], status: int) -> None:
        self._image(image_file("PNG"))

    def _draw_jpeg(self, text: str, body: dict[str, Any], status: int) -> None:
        self._image(image_file("JPEG"))

    def _draw_webp(self, text: str, body: dict[str, Any], status: int) -> None:
        self._image(image_file("WEBP"))

    def _draw_broken(self, text: str, body: dict[str, Any], status: int) -> None:
        self._image(image_file("PNG")[:1000])

    def _draw_empty(self, text: str, body: dict[str, Any], status: int) -> None:
        self._json(200, {"created": 1, "data": []})

    def _draw_url(self, text: str, body: dict[str, Any], status: int) -> None:
        self._json(200, {"created": 1, "data": [{"url": f"http://127.0.0.1:{self.fake.port}/drawn.png"}]})

    def _draw_lost_url(self, text: str, body: dict[str, Any], status: int) -> None:
        self._json(200, {"created": 1, "data": [{"url": f"http://127.0.0.1:{self.fake.port}/nothing.png"}]})

    def _draw_refuse(self, text: str, body: dict[str, Any], status: int) -> None:
        said = "Your request was rejected as a result of our safety system."
        self._json(
            400, {"error": {"message": said, "code": "moderation_blocked", "type": "image_generation_user_error"}}
        )

    def _image(self, file: bytes) -> None:
        self._json(200, {"created": 1, "data": [{"b64_json": base64.b64encode(file).decode()}]})

    def _stream(self, text: str, finish: str, *, done: bool) -> None:
        self._begin()
        for piece in pieces(text):
            self._event({"model": "fake-1", "choices": [{"index": 0, "delta": {"content": piece}}]})
        self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        if done:
            self._event({"choices": [], "usage": _usage(text)})
            self._chunk(b"data: [DONE]\r\n\r\n")
        self._end()

    def _begin(self, content_type: str = "text/event-stream; charset=utf-8") -> None:
        super()._begin(content_type)
        self._chunk(b": a comment, as servers send to keep a connection alive\n\n")

    def _event(self, event: Any) -> None:
        self._chunk(f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode())


class FakeOpenAI(FakeModel):
    """The server. Images of a lesson are scripted under the title "image: <the lesson's title>"."""

    behaviours: ClassVar[str] = BEHAVIOURS
    handler: ClassVar[type[FakeModelHandler]] = _Handler

    @property
    def url(self) -> str:
        """The base URL, as `OpenAIModel` takes it."""
        return f"{super().url}/v1"


def _usage(text: str) -> dict[str, int]:
    return {"prompt_tokens": 50, "completion_tokens": len(text.split())}


if __name__ == "__main__":
    serve(FakeOpenAI, "A model's server for tests that speaks OpenAI's protocol.")
