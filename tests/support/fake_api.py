"""A platform as a client sees it, in one small HTTP server: sign-in, the API's routes, uploads and downloads.

It keeps to the API's contract and can be made to misbehave; it writes no lessons.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

EMAIL, PASSWORD = "author@example.com", "Correct-Horse-1"
USERNAME = "0c5f8a52-user"  # what Cognito calls the user itself, whatever address signs in
LESSONS = [("01-01", "First"), ("01-02", "Second")]
LABS = [("lab-01-01", "First try"), ("lab-01-02", "Second try")]
BOOKS = {
    f"{book}.{extension}": f"{book} as {extension}".encode()
    for book in ("book", "lab-book")
    for extension in ("md", "json", "html", "pdf", "docx")
}


@dataclass
class FakePlatform:
    """What the server holds and how it behaves; a test sets it and looks at it.

    ``looks`` are the answers to successive looks at an execution, the last one repeated. ``faults`` are HTTP
    statuses that the next requests of the API get instead of an answer; 0 drops the connection.
    """

    url: str = ""
    courses: dict[str, bytes] = field(default_factory=dict[str, bytes])
    uploads: dict[str, bytes] = field(default_factory=dict[str, bytes])
    starts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    cancels: list[str] = field(default_factory=list[str])
    sign_ins: list[str] = field(default_factory=list[str])
    looks: list[dict[str, Any]] = field(default_factory=lambda: [look(["written", "written"])])
    files: dict[str, bytes] = field(
        default_factory=lambda: {
            **{name: content for name, content in BOOKS.items() if name.startswith("book.")},
            "lessons/module-01-lesson-01-first.md": b"# First",
        }
    )
    faults: list[int] = field(default_factory=list[int])
    valid_tokens: set[str] = field(default_factory=set[str])
    token_seconds: int = 3600
    must_choose_password: bool = False
    joined: bool = False
    refuse_start: tuple[int, dict[str, Any]] | None = None
    truncated: set[str] = field(default_factory=set[str])

    @property
    def _status(self) -> str:
        return self.looks[0]["status"]

    def new_tokens(self) -> dict[str, Any]:
        token = f"access-{len(self.sign_ins)}"
        self.valid_tokens.add(token)
        return {
            "AuthenticationResult": {"AccessToken": token, "RefreshToken": "refresh", "ExpiresIn": self.token_seconds}
        }

    def sign_in(self, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.sign_ins.append(body.get("AuthFlow") or operation)
        wrong = (400, {"__type": "NotAuthorizedException", "message": "Incorrect username or password."})
        if operation == "RespondToAuthChallenge":
            if body["ChallengeResponses"]["USERNAME"] != USERNAME:
                return wrong
            chosen = body["ChallengeResponses"]["NEW_PASSWORD"]
            return (200, self.new_tokens()) if len(chosen) >= 12 else (400, {"__type": "InvalidPasswordException"})
        parameters = body["AuthParameters"]
        if body["AuthFlow"] == "REFRESH_TOKEN_AUTH":
            return (200, self.new_tokens()) if parameters["REFRESH_TOKEN"] == "refresh" else wrong
        if (parameters["USERNAME"], parameters["PASSWORD"]) != (EMAIL, PASSWORD):
            return wrong
        if self.must_choose_password:
            known = {"USER_ID_FOR_SRP": USERNAME}
            return 200, {"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "s", "ChallengeParameters": known}
        return 200, self.new_tokens()

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        parts = path.strip("/").split("/")
        if (method, parts) == ("POST", ["courses"]):
            course = body.get("courseId") or f"course{len(self.courses) + 1}"
            upload = f"upload{len(self.uploads) + 1}"
            form = {"url": f"{self.url}/bucket", "fields": {"key": f"{course}/{upload}"}}
            return 201, {"courseId": course, "uploadId": upload, "upload": form, "maxBytes": 1_000_000}
        if method == "POST" and parts[0] == "courses" and parts[2:] == ["executions"]:
            if self.refuse_start is not None:
                return self.refuse_start
            self.starts.append(body | {"courseId": parts[1]})
            self.courses[parts[1]] = self.uploads[f"{parts[1]}/{body['uploadId']}"]
            started = {"executionId": f"{parts[1]}-1", "courseId": parts[1], "joined": self.joined, "units": 2}
            return 202, started
        if method == "POST" and parts[0] == "executions" and parts[2:] == ["cancel"]:
            if self._status != "RUNNING":
                return 409, {"title": "Conflict", "status": 409, "detail": "It has ended already."}
            self.cancels.append(parts[1])
            return 202, {"executionId": parts[1], "cancelling": True}
        if method == "GET" and parts[0] == "executions":
            return 200, self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if method == "GET" and parts[0] == "courses" and parts[1] in self.courses:
            files = [
                {"name": name, "bytes": len(content), "url": f"{self.url}/files/{name}", "contentType": "text/plain"}
                for name, content in self.files.items()
            ]
            known = {"executionId": f"{parts[1]}-1", "status": self._status, "outcome": self.looks[0]["outcome"]}
            return 200, {"courseId": parts[1], **known, "files": files}
        return 404, {"type": "about:blank", "title": "Not found", "status": 404, "detail": "Course not found."}


def look(lessons: list[str], labs: list[str] | None = None, **changes: Any) -> dict[str, Any]:
    """An answer to GET /executions/{id} with these states of lessons and labs: running while one is not settled."""
    units = [
        {
            "id": id_,
            "kind": kind,
            "module": 1,
            "number": number,
            "title": title,
            "state": state,
            "retries": 0,
            "cost": 0,
        }
        | ({"reason": "refused"} if state == "failed" else {})
        for kind, known, states in (("lesson", LESSONS, lessons), ("lab", LABS, labs or []))
        for number, ((id_, title), state) in enumerate(zip(known, states, strict=False), 1)
    ]
    states = {unit["state"] for unit in units}
    running = bool(states & {"waiting", "writing"})
    outcome = "cancelled" if "cancelled" in states else "incomplete" if "failed" in states else "complete"
    branches = [name for name, given in (("theory", lessons), ("labs", labs)) if given]
    return {
        "executionId": "course1-1",
        "courseId": "course1",
        "status": "RUNNING" if running else "SUCCEEDED",
        "outcome": None if running else outcome,
        "content": "both" if len(branches) > 1 else branches[0],
        "steps": dict.fromkeys(branches, "writing" if running else "done"),
        "step": "writing" if running else "done",
        "percent": 0,
        "total": len(units),
        "done": sum(unit["state"] not in ("waiting", "writing") for unit in units),
        "cancelling": False,
        "cost": 0,
        "budget": 0,
        "spent": 0,
        "units": units,
        "problems": [],
    } | changes


@contextmanager
def serving(platform: FakePlatform) -> Generator[FakePlatform]:
    """Serves ``platform`` on a free loopback port and sets its ``url``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(platform))
    platform.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(platform: FakePlatform) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path.startswith("/files/"):
                self._send_file(self.path.removeprefix("/files/"))
            else:
                self._send_answer("GET")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            target = self.headers.get("X-Amz-Target", "")
            if target:
                self._send(*platform.sign_in(target.rpartition(".")[2], json.loads(body)))
            elif self.path == "/bucket":
                key, content = _form(body, self.headers["Content-Type"])
                platform.uploads[key] = content
                self._send(204, None)
            else:
                self._send_answer("POST", json.loads(body))

        def _send_answer(self, method: str, body: dict[str, Any] | None = None) -> None:
            if platform.faults:
                status = platform.faults.pop(0)
                if status == 0:
                    self.close_connection = True
                else:
                    self._send(status, {"message": "fault"})
                return
            if self.headers.get("Authorization", "").removeprefix("Bearer ") not in platform.valid_tokens:
                self._send(401, {"message": "Unauthorized"})
                return
            self._send(*platform.answer(method, self.path, body or {}))

        def _send_file(self, name: str) -> None:
            content = platform.files[name]
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if name in platform.truncated else content)
            self.close_connection = name in platform.truncated

        def _send(self, status: int, answer: dict[str, Any] | None) -> None:
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: pytest shows what a test needs."""

    return Handler


def _form(body: bytes, content_type: str) -> tuple[str, bytes]:
    """The key and the file of a presigned POST's form."""
    boundary = content_type.partition("boundary=")[2].encode()
    values: dict[str, bytes] = {}
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        name = head.partition(b'name="')[2].partition(b'"')[0].decode()
        values[name] = content.removesuffix(b"\r\n")
    return values["key"].decode(), values["file"]
