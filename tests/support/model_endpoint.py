"""A text model's endpoint for end-to-end tests: it streams a short lesson, refuses some, or never answers.

It knows the shape of a streamed chat completion and nothing else.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LESSON = "# A lesson\n\n" + "\n\n".join(
    f"## Part {part}\n\n" + "Every sentence of this lesson says something about its topic. " * 12 for part in (1, 2, 3)
)


@dataclass
class ModelEndpoint:
    """``refuses``: a prompt that holds this text is refused for good. ``silent``: requests stay open, unanswered, as
    long as it is set."""

    url: str = ""
    refuses: str = "nothing at all"
    silent: bool = False
    asked: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving_model(endpoint: ModelEndpoint) -> Generator[ModelEndpoint]:
    """Serves ``endpoint`` on a free loopback port and sets its ``url``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(endpoint))
    endpoint.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(endpoint: ModelEndpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            prompt = self.rfile.read(int(self.headers["Content-Length"])).decode()
            endpoint.asked.set()
            while endpoint.silent and not endpoint.ended.wait(0.02):
                continue
            if endpoint.ended.is_set():
                return
            if endpoint.refuses in prompt:
                self._send(400, "application/json", json.dumps({"error": {"message": "not this topic"}}))
            else:
                usage = {"prompt_tokens": 10, "completion_tokens": 500}
                events = [
                    {"choices": [{"delta": {"content": LESSON}, "finish_reason": None}]},
                    {"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": usage},
                ]
                lines = [f"data: {json.dumps(event)}\n\n" for event in events]
                self._send(200, "text/event-stream", "".join(lines) + "data: [DONE]\n\n")

        def _send(self, status: int, content_type: str, body: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: pytest shows what a test needs."""

    return Handler
