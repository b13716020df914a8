"""Conformance: the local worker and the images' awslambdaric answer the Runtime API alike."""

from __future__ import annotations

import importlib.util
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from aurora.local.scripts import worker

HANDLERS = '''
from decimal import Decimal

class Throttled(Exception):
    """Raised when asked to."""

def handler(event, context):
    if event == "raise":
        raise Throttled("zu schnell: ¡espera!")
    if event == "object":
        return object()
    if event == "decimal":
        return {"whole": Decimal("3"), "part": Decimal("1.5"), "text": "ñ✓"}
    if event == "context":
        return [context.aws_request_id, context.invoked_function_arn, context.function_name,
                context.memory_limit_in_mb, 0 < context.get_remaining_time_in_millis() <= 60_000]
    return {"got": event}
'''


@dataclass(frozen=True)
class Report:
    """What a runtime posted: the path's last part, the body, and the error type header."""

    kind: str
    body: Any
    error_type: str | None


class RuntimeApi(ThreadingHTTPServer):
    """A Lambda Runtime API that hands out the given events, one at a time."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _RuntimeApiHandler)
        self.events: queue.Queue[Any] = queue.Queue()
        self.reports: queue.Queue[Report] = queue.Queue()
        self.address = f"127.0.0.1:{self.server_port}"


class _RuntimeApiHandler(BaseHTTPRequestHandler):
    server: RuntimeApi  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps(self.server.events.get()).encode()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "request-1")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 60_000))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:function:f:live")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
        header = self.headers.get("Lambda-Runtime-Function-Error-Type")
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.reports.put(Report("/".join(self.path.split("/")[-2:]), json.loads(body), header))

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


def command(runtime: str, root: Path, handler: str) -> list[str]:
    if runtime == "awslambdaric":
        return [sys.executable, "-m", "awslambdaric", handler]
    return [sys.executable, "-I", worker.__file__, str(root), handler]


RUNTIMES = [
    "worker",
    pytest.param(
        "awslambdaric",
        marks=pytest.mark.skipif(not importlib.util.find_spec("awslambdaric"), reason="awslambdaric is not installed"),
    ),
]


@pytest.fixture
def api() -> Generator[RuntimeApi]:
    server = RuntimeApi()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=RUNTIMES)
def run(request: pytest.FixtureRequest, api: RuntimeApi, tmp_path: Path) -> Generator[Any]:
    """Starts the runtime on a handler, gives it the events, and returns what it reported."""
    (tmp_path / "handlers.py").write_text(HANDLERS)
    (tmp_path / "wrong.py").write_text("def handler(:\n")
    (tmp_path / "lacking.py").write_text("import no_such_module\n")
    started: list[subprocess.Popen[bytes]] = []

    def run_events(handler: str, *events: Any) -> list[Report]:
        environ = {
            **os.environ,
            "AWS_LAMBDA_RUNTIME_API": api.address,
            "AWS_LAMBDA_FUNCTION_NAME": "f",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH", "")])),
        }
        for event in events:
            api.events.put(event)
        started.append(subprocess.Popen(command(request.param, tmp_path, handler), env=environ, cwd=tmp_path))
        return [api.reports.get(timeout=60) for _ in range(max(len(events), 1))]

    yield run_events
    for process in started:
        process.kill()
        process.wait()


def test_events_and_answers_are_json_of_any_alphabet(run: Any) -> None:
    echoed, decimal = run("handlers.handler", {"text": "ñ✓", "n": [1, 2.5, None]}, "decimal")

    assert echoed == Report("request-1/response", {"got": {"text": "ñ✓", "n": [1, 2.5, None]}}, None)
    assert decimal.body == {"whole": 3, "part": 1.5, "text": "ñ✓"}


def test_the_context_describes_the_call(run: Any) -> None:
    (report,) = run("handlers.handler", "context")

    assert report.body == ["request-1", "arn:function:f:live", "f", "256", True]


def test_a_raised_error_is_reported_by_class_message_and_frames_of_the_handler(run: Any) -> None:
    failed, after = run("handlers.handler", "raise", "still here")

    assert (failed.kind, failed.body["errorType"]) == ("request-1/error", "Throttled")
    assert failed.body["errorMessage"] == "zu schnell: ¡espera!"
    assert failed.body["requestId"] == "request-1"
    assert len(failed.body["stackTrace"]) == 1
    assert "handlers.py" in failed.body["stackTrace"][0]
    assert after.body == {"got": "still here"}


def test_an_answer_that_is_no_json_is_a_marshal_error(run: Any) -> None:
    (report,) = run("handlers.handler", "object")

    assert report.kind == "request-1/error"
    assert report.body["errorType"] == "Runtime.MarshalError"
    assert report.body["errorMessage"] == "Unable to marshal response: Object of type object is not JSON serializable"


@pytest.mark.parametrize(
    ("handler", "kind", "message"),
    [
        ("lacking.handler", "Runtime.ImportModuleError", "Unable to import module 'lacking': No module named 'no_such"),
        ("wrong.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'wrong': "),
        ("handlers.absent", "Runtime.HandlerNotFound", "Handler 'absent' missing on module 'handlers'"),
        ("handlers", "Runtime.MalformedHandlerName", "Bad handler 'handlers': not enough values to unpack"),
    ],
)
def test_a_handler_that_cannot_be_loaded_is_an_init_error(run: Any, handler: str, kind: str, message: str) -> None:
    (report,) = run(handler)

    assert (report.kind, report.body["errorType"]) == ("init/error", kind)
    assert report.body["errorMessage"].startswith(message)


def test_only_an_http_apis_event_counts_as_a_request() -> None:
    assert worker.is_http({"version": "2.0", "requestContext": {"http": {"method": "GET"}}})
    for event in ({}, {"requestContext": {}}, {"requestContext": "http"}, [], None, "text"):
        assert not worker.is_http(event)
