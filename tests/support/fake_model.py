"""What the models' servers for tests share: they answer on loopback and misbehave as they are told.

What a server does is scripted for the next requests, or for the lesson whose title stands in the prompt; else it does
`ok`. It counts what a provider would charge for. `GET /requests` tells what was asked, `POST /script` {title:
[behaviour]} what to do next.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self

WORDS_ASKED = re.compile(r"(?:about|unas) (\d+) (?:words|palabras)", re.IGNORECASE)
TITLE = re.compile(r"^(?:(?:Lesson|Lab) title|Título (?:de la lección|del laboratorio)): (.+)$", re.MULTILINE)
PLANNED = re.compile(r"^- (lab-\d+-\d+): ", re.MULTILINE)
LESSON_OF_IMAGE = re.compile(r"\bLesson: (.+?)\. It shows\b")


@dataclass(frozen=True)
class Asked:
    """One request: whose lesson, what the server did, and the request's body; the key only as sent.

    `charged`: a provider would charge for it, for the model has worked.
    """

    lesson: str
    behaviour: str
    body: dict[str, Any]
    authorization: str
    charged: bool


@dataclass
class FakeModel:
    """A server. `seconds` is how long an answer takes; use it as a context manager.

    `quota`: how many requests more are answered before every one is throttled, as when a day's quota is used up.
    """

    behaviours: ClassVar[str]
    """What it can be told, a line each: two blanks, the name, what happens."""
    handler: ClassVar[type[FakeModelHandler]]

    port: int = 0
    seconds: float = 0.0
    asked: list[Asked] = field(default_factory=list[Asked])
    quota: int | None = None

    def __post_init__(self) -> None:
        self._next: deque[str] = deque()
        self._by_lesson: dict[str, deque[str]] = {}
        self._always: dict[str, str] = {}
        self._lock = threading.Lock()
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        """The base URL, as the model that speaks this protocol takes it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def paid(self) -> int:
        """How many requests a provider would charge for."""
        return sum(asked.charged for asked in self.asked)

    def then(self, *behaviours: str) -> Self:
        """The next requests get these, one each, whichever lesson they are for."""
        with self._lock:
            self._next.extend(map(self._known, behaviours))
        return self

    def for_lesson(self, title: str, *behaviours: str) -> Self:
        """The next requests for that lesson get these, one each."""
        with self._lock:
            self._by_lesson.setdefault(title, deque()).extend(map(self._known, behaviours))
        return self

    def always_for_lesson(self, title: str, behaviour: str) -> Self:
        """Every request for that lesson gets this."""
        with self._lock:
            self._always[title] = self._known(behaviour)
        return self

    def take(self, lesson: str) -> str:
        """What the next request gets, for a lesson of that title."""
        with self._lock:
            if self.quota is not None:
                if not self.quota:
                    return "throttle"
                self.quota -= 1
            if self._by_lesson.get(lesson):
                return self._by_lesson[lesson].popleft()
            if lesson in self._always:
                return self._always[lesson]
            return self._next.popleft() if self._next else "ok"

    def _known(self, behaviour: str) -> str:
        names = re.findall(r"^  ([a-z-]+)", self.behaviours, re.MULTILINE)
        if behaviour.partition(":")[0] not in names:
            raise ValueError(f"{behaviour!r} is none of: {', '.join(names)}")
        return behaviour

    def __enter__(self) -> Self:
        handler = type("Handler", (self.handler,), {"fake": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
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


class FakeModelHandler(BaseHTTPRequestHandler):
    """One connection. Behaviour `late-error` of a text is `_do_late_error(text, body, argument)`."""

    fake: FakeModel
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Tests read `asked` instead."""

    def answer(self, body: dict[str, Any]) -> None:
        """Answer a request of the protocol."""
        raise NotImplementedError

    def do_GET(self) -> None:
        asked = [{"lesson": one.lesson, "behaviour": one.behaviour, "charged": one.charged} for one in self.fake.asked]
        self._json(200, {"asked": asked, "paid": self.fake.paid})

    def do_POST(self) -> None:
        body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/script":
            for title, behaviours in body.items():
                self.fake.for_lesson(title, *behaviours)
            self._json(200, {})
        else:
            self.answer(body)

    def _begin(self, content_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def _end(self) -> None:
        self.wfile.write(b"0\r\n\r\n")

    def _json(self, status: int, answer: Any, headers: Mapping[str, str] | None = None) -> None:
        self._raw(status, "application/json", json.dumps(answer, ensure_ascii=False).encode(), headers)

    def _raw(self, status: int, content_type: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _wait_for_client(self) -> None:
        """Until the client closes the connection, or the server ends."""
        self.connection.settimeout(0.05)
        while not self.fake.ended.is_set():
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


def plan_text(ids: list[str]) -> str:
    """The plan of these labs, as a model would write it."""
    what = {"hardware": [], "software": ["Python 3.12"], "minutes": 30, "steps": ["Begin", "Verify"]}
    return json.dumps({"labs": [{"id": id_, "objective": f"Carry out {id_}", **what} for id_ in ids]})


def text_for(prompt: str) -> tuple[str, str]:
    """The title of the lesson or lab that a prompt asks for, "" if it names none, and a text for it."""
    if planned := PLANNED.findall(prompt):
        return "", f"Here is the plan.\n\n```json\n{plan_text(planned)}\n```"
    title = found[1] if (found := TITLE.search(prompt)) else ""
    return title, lesson_text(title, int(found[1]) if (found := WORDS_ASKED.search(prompt)) else 200)


def pieces(text: str) -> Iterator[str]:
    """A text in the small pieces that models stream."""
    return (text[start : start + 23] for start in range(0, len(text), 23))


@cache
def image_file(format_: str) -> bytes:
    """An image such as a model draws, 1600 x 900: "PNG", "JPEG" or "WEBP"."""
    from PIL import Image

    file = io.BytesIO()
    Image.radial_gradient("L").resize((1600, 900)).convert("RGB").save(file, format_)
    return file.getvalue()


def serve(kind: type[FakeModel], description: str) -> None:
    """Run a server as a command until interrupted; prints one line of JSON, {"url": ...}."""
    parser = argparse.ArgumentParser(
        description=description,
        epilog=f"behaviours:{kind.behaviours}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seconds", type=float, default=0.0, help="how long an answer takes")
    parser.add_argument("--next", nargs="*", default=[], metavar="BEHAVIOUR", help="what the first requests get")
    parser.add_argument("--always", action="append", default=[], metavar="TITLE=BEHAVIOUR", help="what a lesson gets")
    arguments = parser.parse_args()
    fake = kind(arguments.port, arguments.seconds).then(*arguments.next)
    for rule in arguments.always:
        title, _, behaviour = rule.rpartition("=")
        fake.always_for_lesson(title, behaviour)
    with fake:
        print(json.dumps({"url": fake.url}), flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


def slowly(fake: FakeModel) -> None:
    """Take as long as the server's model is to take."""
    time.sleep(fake.seconds)
