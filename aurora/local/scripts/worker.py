"""A function's local worker: a client of the Lambda Runtime API, run by the ``bootstrap`` of a local function.

It behaves as awslambdaric in the images, and refuses payloads that are too large for AWS, which the emulator does not.
Standard library only and run as a script, so that it starts fast.
"""

from __future__ import annotations

import http.client
import importlib
import json
import logging
import os
import runpy
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader
from types import TracebackType
from typing import Any, NoReturn

# AWS allows 262,144 bytes of state and 6 MB of request or response; these limits leave room around a payload.
MAX_STATE_BYTES = 200 * 1024
MAX_HTTP_BYTES = 5 * 1024 * 1024

PARENT_POLL_SECONDS = 0.5

# The Runtime API of a worker accepts requests with this token only.
TOKEN_VARIABLE = "AURORA_RUNTIME_TOKEN"
TOKEN_HEADER = "Aurora-Runtime-Token"

_API = "/2018-06-01/runtime"
_LOG_FORMAT = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"

# Packages that are always imported from their current source: functions, and the engine's runtime.
_PROJECT_PACKAGES = (("functions",), ("aurora", "runtime"))

Handler = Callable[[Any, Any], Any]


class Fault(Exception):
    """A failure of the runtime, not of the handler's own code; ``kind`` is the error type that Lambda reports."""

    def __init__(self, kind: str, message: str, trace: list[str] | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.trace = trace or []


@dataclass(frozen=True)
class Identity:
    """The caller's identity of a Cognito identity pool, if there is one."""

    cognito_identity_id: str | None = None
    cognito_identity_pool_id: str | None = None


@dataclass
class Context:
    """The second argument of a handler, with the attributes of Lambda's own."""

    aws_request_id: str
    invoked_function_arn: str
    deadline_ms: int
    client_context: Any = None
    identity: Identity = field(default_factory=Identity)
    tenant_id: str | None = None
    function_name: str = field(default_factory=lambda: os.environ.get("AWS_LAMBDA_FUNCTION_NAME", ""))
    function_version: str = field(default_factory=lambda: os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", ""))
    memory_limit_in_mb: str = field(default_factory=lambda: os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", ""))
    log_group_name: str = field(default_factory=lambda: os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", ""))
    log_stream_name: str = field(default_factory=lambda: os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", ""))

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until this call times out, never negative."""
        return max(self.deadline_ms - int(time.time() * 1000), 0)

    def log(self, message: object) -> None:
        """Writes to the function's log."""
        sys.stdout.write(str(message))


@dataclass(frozen=True)
class Invocation:
    """One event from the Runtime API."""

    request_id: str
    body: bytes
    context: Context


class RuntimeApi:
    """A client of the Runtime API of one execution environment."""

    def __init__(self, address: str, token: str = "") -> None:
        self._connection = http.client.HTTPConnection(address)
        self._headers = {TOKEN_HEADER: token} if token else {}

    def next(self) -> Invocation:
        """Waits for an event.

        Raises:
            OSError: the emulator is gone.
        """
        self._connection.request("GET", f"{_API}/invocation/next", headers=self._headers)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != http.client.OK:
            raise ConnectionAbortedError(f"the execution environment was stopped ({response.status})")
        headers = response.headers
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id") or ""
        request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        context = Context(
            aws_request_id=request_id,
            invoked_function_arn=headers.get("Lambda-Runtime-Invoked-Function-Arn") or "",
            deadline_ms=int(headers.get("Lambda-Runtime-Deadline-Ms") or 0),
            client_context=_json_header(headers.get("Lambda-Runtime-Client-Context")),
            identity=_identity(_json_header(headers.get("Lambda-Runtime-Cognito-Identity"))),
            tenant_id=headers.get("Lambda-Runtime-Aws-Tenant-Id"),
        )
        return Invocation(request_id, body, context)

    def answer(self, request_id: str, body: bytes) -> None:
        """Reports what the handler returned."""
        self._post(f"{_API}/invocation/{request_id}/response", body)

    def fail(self, request_id: str, error: dict[str, Any]) -> None:
        """Reports that a call failed; the environment stays usable."""
        self._post_error(f"{_API}/invocation/{request_id}/error", error)

    def fail_init(self, error: dict[str, Any]) -> None:
        """Reports that the handler cannot be loaded; the environment is then unusable."""
        self._post_error(f"{_API}/init/error", error)

    def _post_error(self, path: str, error: dict[str, Any]) -> None:
        self._post(path, encode(error), {"Lambda-Runtime-Function-Error-Type": str(error["errorType"])})

    def _post(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        all_headers = {"Content-Type": "application/json", **self._headers, **(headers or {})}
        self._connection.request("POST", path, body, all_headers)
        self._connection.getresponse().read()


class _FreshLoader(SourceFileLoader):
    """Compares cached bytecode with its source by milliseconds.

    Python compares seconds and sizes: after two edits of equal length in one second, it would run the first.
    """

    def path_stats(self, path: Any) -> dict[str, float]:
        """The values that Python compares with those in the cached bytecode."""
        found = os.stat(path)
        return {"mtime": found.st_mtime_ns // 1_000_000, "size": found.st_size}


def import_from(root: str) -> None:
    """Makes the packages in ``root`` importable, always from their current source."""
    make_finder = FileFinder.path_hook((_FreshLoader, SOURCE_SUFFIXES))

    def of_project(path: str) -> Any:
        if path != root and not path.startswith(tuple(os.path.join(root, *each) for each in _PROJECT_PACKAGES)):
            raise ImportError("not of this project", path=path)
        return make_finder(path)

    sys.path_hooks.insert(0, of_project)
    sys.path.insert(0, root)


def load(handler: str) -> Handler:
    """The function that ``package.module.name`` names.

    Raises:
        Fault: the name is malformed, the module cannot be imported or has no such attribute.
    """
    module_name, dot, name = handler.rpartition(".")
    if not dot:
        raise Fault(
            "Runtime.MalformedHandlerName", f"Bad handler '{handler}': not enough values to unpack (expected 2, got 1)"
        )
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from error
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        message = f"Syntax error in module '{module_name}': {error}"
        raise Fault("Runtime.UserCodeSyntaxError", message, trace) from error
    try:
        return getattr(module, name)
    except AttributeError as error:
        raise Fault("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module_name}'") from error


def call(handler: Handler, invocation: Invocation) -> bytes:
    """Runs the handler on one event and returns its answer as JSON.

    Raises:
        Fault: the event or the answer is larger than AWS allows, or the answer is not a JSON value.
        Exception: the handler's own.
    """
    try:
        event = json.loads(invocation.body)
    except ValueError as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from error
    over_http = is_http(event)
    _check_size("event", len(invocation.body), over_http)
    result = handler(event, invocation.context)
    if isinstance(result, bytes):
        body = result
    else:
        try:
            body = encode(result)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from error
    _check_size("response", len(body), over_http)
    return body


def is_http(event: Any) -> bool:
    """Whether an event is a request of an HTTP API; other events are treated as the state of a workflow."""
    context = event.get("requestContext") if isinstance(event, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return isinstance(context, dict) and "http" in context


def _check_size(what: str, size: int, over_http: bool) -> None:
    if over_http and size > MAX_HTTP_BYTES:
        kind = "Function.ResponseSizeTooLarge" if what == "response" else "RequestTooLargeException"
        raise Fault(
            kind,
            f"The {what} has {size:,} bytes, and at most {MAX_HTTP_BYTES:,} may travel through a function: "
            "use a presigned URL.",
        )
    if not over_http and size > MAX_STATE_BYTES:
        raise Fault(
            "States.DataLimitExceeded",
            f"The {what} has {size:,} bytes, and at most {MAX_STATE_BYTES:,} may travel between states: "
            "pass keys of objects instead of their content.",
        )


def encode(value: Any) -> bytes:
    """JSON as awslambdaric writes it: ASCII, with Decimals as numbers."""
    return json.dumps(value, default=_number).encode()


def _number(value: Any) -> int | float:
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def describe(error: BaseException, request_id: str) -> dict[str, Any]:
    """An exception as Lambda returns it to the caller; workflows match its ``errorType``."""
    kind, trace = type(error).__name__, _frames(error.__traceback__)
    if isinstance(error, Fault):
        kind, trace = error.kind, error.trace
    return {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": trace}


def _frames(trace: TracebackType | None) -> list[str]:
    """The stack trace from the handler on, without this module's own frames."""
    frames = [frame for frame in traceback.extract_tb(trace) if frame.filename != __file__]
    return traceback.format_list(frames)


def _json_header(value: str | None) -> Any:
    return json.loads(value) if value else None


def _identity(header: Any) -> Identity:
    return Identity(header.get("cognitoIdentityId"), header.get("cognitoIdentityPoolId")) if header else Identity()


class _RequestIdFilter(logging.Filter):
    """Adds the id of the current call to every log record."""

    request_id = ""

    def filter(self, record: logging.LogRecord) -> bool:
        record.aws_request_id = self.request_id
        return True


class _JsonFormatter(logging.Formatter):
    """One JSON object in each line, as in Lambda's JSON log format."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": getattr(record, "aws_request_id", ""),
        }
        if record.exc_info and record.exc_info[0]:
            line["errorType"] = record.exc_info[0].__name__
            line["errorMessage"] = str(record.exc_info[1])
            line["stackTrace"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(line, default=str)


def _set_up_logging() -> _RequestIdFilter:
    request_ids = _RequestIdFilter()
    output = logging.StreamHandler(sys.stdout)
    output.addFilter(request_ids)
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON":
        output.setFormatter(_JsonFormatter())
    else:
        text = logging.Formatter(_LOG_FORMAT, "%Y-%m-%dT%H:%M:%S")
        text.converter = time.gmtime
        output.setFormatter(text)
    root = logging.getLogger()
    root.addHandler(output)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    if level in logging.getLevelNamesMapping():
        root.setLevel(level)
    return request_ids


def _end_with_emulator() -> None:
    """Ends this process soon after the emulator, even if the handler never returns."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_POLL_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="end-with-emulator", daemon=True).start()


def serve(api: RuntimeApi, handler_name: str) -> NoReturn:
    """Loads the handler and answers events until the emulator ends."""
    request_ids = _set_up_logging()
    log = logging.getLogger()
    try:
        handler = load(handler_name)
    except Exception as error:
        log.exception("cannot load %s", handler_name)
        api.fail_init(describe(error, ""))
        sys.exit(1)
    while True:
        try:
            invocation = api.next()
        except (OSError, http.client.HTTPException):
            sys.exit(0)  # the emulator has ended, or replaced this environment
        request_ids.request_id = invocation.request_id
        try:
            body = call(handler, invocation)
        except Exception as error:
            log.exception("the handler failed")
            api.fail(invocation.request_id, describe(error, invocation.request_id))
        else:
            api.answer(invocation.request_id, body)
        sys.stdout.flush()


def main() -> NoReturn:
    """``worker.py ROOT HANDLER [RECORD]``: ROOT is the folder from which the handler is imported, RECORD the file for
    its AWS calls."""
    root, handler, *record = sys.argv[1:]
    _end_with_emulator()
    import_from(root)
    for file in record:
        runpy.run_path(os.path.join(os.path.dirname(__file__), "call_recorder.py"))["record_calls_in"](file)
    os.environ.setdefault("AWS_LAMBDA_LOG_GROUP_NAME", f"/aws/lambda/{os.environ.get('AWS_LAMBDA_FUNCTION_NAME', '')}")
    # The function's own code must not see the token.
    serve(RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"], os.environ.pop(TOKEN_VARIABLE, "")), handler)


if __name__ == "__main__":
    main()
