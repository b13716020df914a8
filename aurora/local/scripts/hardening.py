"""Protects what MiniStack leaves open: the credentials of functions, their Runtime APIs, its registry.

Runs in the emulator's Python: standard library and ministack only.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import importlib
import io
import json
import secrets
import urllib.error
import urllib.request
import urllib.response
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

REGISTRY_USER = "AWS"
MAX_GUESSES = 5

# Where Lambda's interface emulator listens in a function's container: on loopback, out of reach for other programs.
INTERFACE_HOST, INTERFACE_PORT = "127.0.0.1", 8080

# Runs in a function's container, and connects its standard input and output to the interface emulator.
_RELAY = f"""
import os, select, socket

interface, output = socket.create_connection(("{INTERFACE_HOST}", {INTERFACE_PORT})), open(1, "wb", buffering=0)
interface.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a body does not wait for its head to be received

def answer(data):
    while data:
        data = data[output.write(data):]

ways = {{0: interface.sendall, interface.fileno(): answer}}
while True:
    for source in select.select(ways, [], [])[0]:
        data = os.read(source, 65536)
        if not data:
            raise SystemExit
        ways[source](data)
"""


class DerivedSecrets:
    """Values that can be computed only with the session's secret."""

    def __init__(self, session: str) -> None:
        self._session = session.encode()

    def of(self, *purpose: object) -> str:
        """64 hexadecimal digits for one purpose, the same each time."""
        return hmac.new(self._session, "\0".join(map(str, purpose)).encode(), hashlib.sha256).hexdigest()


def lend_roles(derived: DerivedSecrets) -> None:
    """Gives functions secret credentials of their roles; MiniStack derives them from the ARNs, which are public."""
    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    functions: Any = importlib.import_module("ministack.services.lambda_svc")
    sts: Any = importlib.import_module("ministack.services.sts")

    def credentials(config: dict[str, Any]) -> dict[str, str]:
        account, _region = runtime._account_region_from_function_config(config)
        function, role = config["FunctionArn"], config.get("Role", "")
        role_name, session_name = role.rpartition("/")[2], config["FunctionName"]
        key = f"ASIA{derived.of('key', function, role)[:16].upper()}"
        secret, token = derived.of("secret", function, role), derived.of("token", function, role)
        sts.register_session(
            key,
            {
                "Arn": f"arn:aws:sts::{account}:assumed-role/{role_name}/{session_name}",
                "UserId": f"{role_name}:{session_name}",
                "SecretAccessKey": secret,
                "SessionToken": token,
            },
        )
        return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}

    runtime.execution_credentials = functions.execution_credentials = credentials


def protect_runtime_apis(derived: DerivedSecrets, variable: str, header: str) -> None:
    """Lets only a function's own worker take its events: it finds a token in ``variable`` and sends it as ``header``.

    Each worker's Runtime API is a server on a loopback port, which any user of this machine can reach.
    """
    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    functions: Any = importlib.import_module("ministack.services.lambda_svc")
    build, environment = runtime.ProvidedWorker._build_handler_class, functions._provided_worker_env

    def build_protected(worker: Any, generation: int, pending: Any) -> Any:
        unprotected: Any = build(worker, generation, pending)

        class Protected(unprotected):
            def parse_request(self) -> bool:
                if not unprotected.parse_request(self):
                    return False
                expected = derived.of("worker", self.server.server_address[1])
                if hmac.compare_digest(self.headers.get(header, "").encode(), expected.encode()):
                    return True
                self.send_error(403)  # and closes the connection
                return False

        return Protected

    def environment_with_token(config: dict[str, Any], code_folder: str, port: int) -> dict[str, str]:
        return {**environment(config, code_folder, port), variable: derived.of("worker", port)}

    runtime.ProvidedWorker._build_handler_class = build_protected
    functions._provided_worker_env = environment_with_token


def protect_registry(password: str) -> None:
    """Makes ECR return a secret password for the registry; MiniStack's is the same everywhere."""
    ecr: Any = importlib.import_module("ministack.services.ecr")
    answer = ecr._get_authorization_token

    def token(data: dict[str, Any]) -> Any:
        status, headers, body = answer(data)
        given = json.loads(body)
        for entry in given["authorizationData"]:
            entry["authorizationToken"] = base64.b64encode(f"{REGISTRY_USER}:{password}".encode()).decode()
        return status, headers, json.dumps(given).encode()

    ecr._get_authorization_token = token


def refuse_refresh_tokens() -> None:
    """Makes APIs accept access and ID tokens only; MiniStack also accepts refresh tokens, which it signs alike."""
    apis: Any = importlib.import_module("ministack.services.apigateway")
    validate = apis._validate_jwt_authorizer

    async def validate_kind(*arguments: Any, **named: Any) -> Any:
        claims, scopes, failure = await validate(*arguments, **named)
        if failure is None and claims.get("token_use") == "refresh":
            return None, None, apis._jwt_unauthorized()
        return claims, scopes, failure

    apis._validate_jwt_authorizer = validate_kind


def send_reset_codes(send: Callable[[str, str], None]) -> None:
    r"""Makes a random code for each request for a new password and ``send``\ s it: (user name, code).

    MiniStack's code is the same for everybody. A code expires after a few wrong guesses.
    """
    cognito: Any = importlib.import_module("ministack.services.cognito")
    forgot, check = cognito._forgot_password, cognito._confirmation_code_error
    wrong_guesses: dict[str, int] = {}

    def user_of(data: dict[str, Any]) -> Any:
        pool, _ = cognito._pool_for_client(data.get("ClientId"))
        return cognito._resolve_user(pool, data.get("Username"))[0] if pool else None

    def forgot_password(data: dict[str, Any]) -> Any:
        answer = forgot(data)
        if user := user_of(data):
            user["_reset_code"] = f"{secrets.randbelow(10**6):06}"
            wrong_guesses[user["Username"]] = 0
            send(str(data["Username"]), user["_reset_code"])
        return answer

    def code_error(action: str, data: dict[str, Any]) -> Any:
        error = check(action, data)
        if error and action == "ConfirmForgotPassword" and (user := user_of(data)):
            name = user["Username"]
            wrong_guesses[name] = wrong_guesses.get(name, 0) + 1
            if wrong_guesses[name] >= MAX_GUESSES:
                user.pop("_reset_code", None)
        return error

    cognito._forgot_password, cognito._confirmation_code_error = forgot_password, code_error


def count_loopback_as_encrypted(app_module: Any) -> None:
    """Makes policies that require TLS accept requests over loopback, which cannot be overheard."""
    pin = app_module.pin_request_origin

    def pin_as_encrypted(address: str, _encrypted: bool) -> None:
        pin(address, True)

    app_module.pin_request_origin = pin_as_encrypted


def call_functions_by_exec() -> None:
    """Sends events to functions' containers by `docker exec`; MiniStack publishes a port that anybody can call."""
    functions: Any = importlib.import_module("ministack.services.lambda_svc")
    invoke = functions._invoke_rie
    called: ContextVar[Any] = ContextVar("called")

    def invoke_by_exec(container: Any, *arguments: Any) -> Any:
        token = called.set(container)
        try:
            return invoke(container, *arguments)
        finally:
            called.reset(token)

    class Handler(urllib.request.HTTPHandler):
        def http_open(self, req: urllib.request.Request) -> Any:
            container = called.get(None)
            if container is None:
                return super().http_open(req)
            # Kept with the container, which takes one event at a time, for the next event.
            connection = getattr(container, "connection", None) or ContainerConnection(container)
            container.connection = connection
            return connection.answer(req)

    # The default network; MiniStack publishes no port if a network is named.
    functions.LAMBDA_DOCKER_NETWORK = "bridge"
    functions._invoke_rie = invoke_by_exec
    urllib.request.install_opener(urllib.request.build_opener(Handler))


class ContainerConnection(http.client.HTTPConnection):
    """A connection to the interface emulator in a container."""

    sock: Any

    def __init__(self, container: Any) -> None:
        super().__init__(INTERFACE_HOST, INTERFACE_PORT)
        # Not the container itself: that would be a reference cycle.
        self._docker, self._container = container.client.api, container.id

    def answer(self, request: urllib.request.Request) -> Any:
        """The response that `urllib.request` would return, read to its end; raises the same errors."""
        try:
            try:
                if self.sock is None:
                    self.sock = self._new_relay()
                self.sock.settimeout(request.timeout)
                self.request(request.get_method(), request.selector, request.data, dict(request.header_items()))
            except OSError as error:
                raise urllib.error.URLError(error) from error
            response = self.getresponse()
            body = io.BytesIO(response.read())
        except BaseException:
            self.close()
            raise
        answer: Any = urllib.response.addinfourl(body, response.headers, request.full_url, response.status)
        answer.msg = response.reason
        return answer

    def _new_relay(self) -> _RelaySocket:
        command = ["python3", "-I", "-S", "-c", _RELAY]
        relay = self._docker.exec_create(self._container, command, stdin=True, stderr=False)
        return _RelaySocket(self._docker.exec_start(relay["Id"], socket=True))


class _RelaySocket:
    """The socket methods that `http.client` calls, over the standard input and output of a command in a container."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream  # kept: Docker's client closes it when it is garbage-collected
        self._socket = getattr(stream, "_sock", stream)

    def settimeout(self, seconds: float | None) -> None:
        self._socket.settimeout(seconds)

    def sendall(self, data: bytes) -> None:
        self._socket.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Output(self))

    def recv(self, size: int) -> bytes:
        return self._socket.recv(size)

    def close(self) -> None:
        """Does nothing, as files made of a socket outlive its close: the stream closes when it is garbage-collected."""


class _Output(io.RawIOBase):
    """A command's output, unpacked from Docker's frames: eight bytes, the last four of them the length, and data."""

    def __init__(self, relay: _RelaySocket) -> None:
        self._relay = relay
        self._left = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._left:
            header = b""
            while len(header) < 8:
                part = self._relay.recv(8 - len(header))
                if not part:
                    return 0
                header += part
            self._left = int.from_bytes(header[4:])
        data = self._relay.recv(min(len(buffer), self._left))
        self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)
