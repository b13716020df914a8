"""A text model's server for tests: it speaks OpenAI's chat completions on loopback and misbehaves as it is told.

What it does is scripted for the next requests, or for the lesson whose title stands in the prompt; else it answers a
plausible lesson. It counts what a provider would charge for. `python -m tests.support.fake_openai --port 0` prints one
line of JSON, {"url": ...}; `GET /requests` tells what was asked, `POST /script` {title: [behaviour]} what to do next.
"""

from __future__ import annotations

import argparse
import json
import re
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

WORDS_ASKED = re.compile(r"(?:about|unas) (\d+) (?:words|palabras)", re.IGNORECASE)
TITLE = re.compile(r"^(?:(?:Lesson|Lab) title|Título (?:de la lección|del laboratorio)): (.+)$", re.MULTILINE)
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
"""
_NAMES = re.findall(r"^  ([a-z-]+)", BEHAVIOURS, re.MULTILINE)
_FREE = ("throttle", "busy", "error", "garbage", "early-error", "early-throttle")
_NEW_PARAMETERS = (("max_tokens", ". Use 'max_completion_tokens' instead."), ("stream_options", ""))


@dataclass(frozen=True)
class Asked:
    """One request: whose lesson, what the server did, and the request's body; the key only as sent."""

    lesson: str
    behaviour: str
    body: dict[str, Any]
    authorization: str

    @property
    def charged(self) -> bool:
        """Whether a provider would charge for it: the model has worked."""
        refused_unread = self.behaviour == "old" and any(name in self.body for name, _ in _NEW_PARAMETERS)
        return not refused_unread and self.behaviour.partition(":")[0] not in _FREE


@dataclass
class FakeOpenAI:
    """The server. `seconds` is how long a lesson takes; use it as a context manager."""

    port: int = 0
    seconds: float = 0.0
    asked: list[Asked] = field(default_factory=list[Asked])

    def __post_init__(self) -> None:
        self._next: deque[str] = deque()
        self._by_lesson: dict[str, deque[str]] = {}
        self._always: dict[str, str] = {}
        self._lock = threading.Lock()
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        """The base URL, as `OpenAIModel` takes it."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def paid(self) -> int:
        """How many requests a provider would charge for."""
        return sum(asked.charged for asked in self.asked)

    def then(self, *behaviours: str) -> Self:
        """The next requests get these, one each, whichever lesson they are for."""
        with self._lock:
            self._next.extend(map(_known, behaviours))
        return self

    def for_lesson(self, title: str, *behaviours: str) -> Self:
        """The next requests for that lesson get these, one each."""
        with self._lock:
            self._by_lesson.setdefault(title, deque()).extend(map(_known, behaviours))
        return self

    def always_for_lesson(self, title: str, behaviour: str) -> Self:
        """Every request for that lesson gets this."""
        with self._lock:
            self._always[title] = _known(behaviour)
        return self

    def take(self, lesson: str) -> str:
        """What the next request gets, for a lesson of that title."""
        with self._lock:
            if self._by_lesson.get(lesson):
                return self._by_lesson[lesson].popleft()
            if lesson in self._always:
                return self._always[lesson]
            return self._next.popleft() if self._next else "ok"

    def __enter__(self) -> Self:
        fake = self

        class Handler(_Handler):
            server_fake = fake

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    server_fake: FakeOpenAI
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Tests read `asked` instead."""

    def do_GET(self) -> None:
        fake = self.server_fake
        asked = [{"lesson": one.lesson, "behaviour": one.behaviour, "charged": one.charged} for one in fake.asked]
        self._json(200, {"asked": asked, "paid": fake.paid})

    def do_POST(self) -> None:
        body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/script":
            for title, behaviours in body.items():
                self.server_fake.for_lesson(title, *behaviours)
            self._json(200, {})
        elif self.path == "/v1/chat/completions":
            self._complete(body)
        else:
            self._json(404, {"error": {"message": f"There is nothing at {self.path}"}})

    def _complete(self, body: dict[str, Any]) -> None:
        fake = self.server_fake
        prompt = "\n".join(message["content"] for message in body["messages"] if message["role"] == "user")
        title = found[1] if (found := TITLE.search(prompt)) else ""
        behaviour = fake.take(title)
        fake.asked.append(Asked(title, behaviour, body, self.headers.get("Authorization", "")))
        text = lesson_text(title, int(found[1]) if (found := WORDS_ASKED.search(prompt)) else 200)
        told = [message["content"] for message in body["messages"] if message["role"] == "assistant"]
        if told:
            text = text[len(told[-1]) :]
        time.sleep(fake.seconds)
        kind, _, status = behaviour.partition(":")
        getattr(self, f"_do_{kind.replace('-', '_')}")(text, body, int(status or 0))

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

    def _stream(self, text: str, finish: str, *, done: bool) -> None:
        self._begin()
        for piece in _pieces(text):
            self._event({"model": "fake-1", "choices": [{"index": 0, "delta": {"content": piece}}]})
        self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        if done:
            self._event({"choices": [], "usage": _usage(text)})
            self._chunk(b"data: [DONE]\r\n\r\n")
        self._end()

    def _begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._chunk(b": a comment, as servers send to keep a connection alive\n\n")

    def _event(self, event: Any) -> None:
        self._chunk(f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode())

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def _end(self) -> None:
        self.wfile.write(b"0\r\n\r\n")

    def _json(self, status: int, answer: Any, headers: dict[str, str] | None = None) -> None:
        self._raw(status, "application/json", json.dumps(answer, ensure_ascii=False).encode(), headers)

    def _raw(self, status: int, content_type: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _wait_for_client(self) -> None:
        """Until the client closes the connection, or the server ends."""
        self.connection.settimeout(0.05)
        while not self.server_fake.ended.is_set():
            try:
                if not self.connection.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.close_connection = True

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True


def lesson_text(title: str, words: int) -> str:
    """A lesson of about that many words, as a model would write it: its own tag numbers, a table, a code block."""
    head = f"# {title}\n\nThis lesson deals with {title}.\n\n[VISUAL: 1 - How {title} fits together]\n\n"
    table = "## At a glance\n\n| Part | Purpose |\n| --- | --- |\n| One | Beginning |\n\n"
    code = "## Example\n\n```python\n# not a heading\nprint('[VISUAL: not a tag]')\n```\n\n"
    sentences = (f"Part {number} is naïve — or not — and says what résumé comes next. " for number in range(1, 10_000))
    text = ""
    while len(f"{head}{text}{table}{code}".split()) < words:
        text += next(sentences) + next(sentences).rstrip() + "\n\n"
    return f"{head}## What it is about\n\n{text}{table}{code}"


def _pieces(text: str) -> Iterator[str]:
    """A text in the small pieces that models stream."""
    return (text[start : start + 23] for start in range(0, len(text), 23))


def _usage(text: str) -> dict[str, int]:
    return {"prompt_tokens": 50, "completion_tokens": len(text.split())}


def _known(behaviour: str) -> str:
    if behaviour.partition(":")[0] not in _NAMES:
        raise ValueError(f"{behaviour!r} is none of: {', '.join(_NAMES)}")
    return behaviour


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(
        description="A text model's server for tests.",
        epilog=f"behaviours:{BEHAVIOURS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seconds", type=float, default=0.0, help="how long a lesson takes")
    parser.add_argument("--next", nargs="*", default=[], metavar="BEHAVIOUR", help="what the first requests get")
    parser.add_argument("--always", action="append", default=[], metavar="TITLE=BEHAVIOUR", help="what a lesson gets")
    arguments = parser.parse_args()
    fake = FakeOpenAI(arguments.port, arguments.seconds).then(*arguments.next)
    for rule in arguments.always:
        title, _, behaviour = rule.rpartition("=")
        fake.always_for_lesson(title, behaviour)
    with fake:
        print(json.dumps({"url": fake.url}), flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
