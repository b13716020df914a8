"""The CDN's stand-in on loopback: serves the site bucket's objects with their own headers and those of the CDN."""

from __future__ import annotations

import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from aurora.local.aws import LocalAws, error_code
from aurora.local.emulator import HOST
from aurora.local.errors import LocalError

_OBJECT_HEADERS = {
    "ContentType": "Content-Type",
    "CacheControl": "Cache-Control",
    "ContentDisposition": "Content-Disposition",
    "ContentEncoding": "Content-Encoding",
    "ETag": "ETag",
}


class SiteServer:
    """The local site. Its URL is known from the start; it answers once `serve` has been called."""

    def __init__(self, port: int | None = None) -> None:
        """Takes the port, or any free one.

        Raises:
            LocalError: the port is taken.
        """
        try:
            self._server = _Server((HOST, port or 0), _Handler)
        except OSError as error:
            raise LocalError(
                f"Port {port} on {HOST} cannot be used ({error.strerror}): choose another with --port."
            ) from error
        self._thread: threading.Thread | None = None

    @property
    def origin(self) -> str:
        """The site's URL without a slash at its end."""
        return f"http://{HOST}:{self._server.server_port}"

    def serve(self, aws: LocalAws) -> None:
        """Starts to serve the objects in the site's bucket."""
        self._server.aws = aws
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="site", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops and frees the port."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A page loads two dozen modules over several connections. If the queue is full, the browser retries a connection
    # after 1, 3 and 7 seconds: a busy machine would show a blank page.
    request_queue_size = 128
    aws: LocalAws

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignores browsers that disconnect, such as closed tabs."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"
    server_version = "aurora"
    sys_version = ""

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, format: str, *args: Any) -> None:
        """Does not log requests: they would fill the terminal."""

    def _answer(self, *, with_body: bool) -> None:
        host, port = self.headers.get("Host", ""), self.server.server_port
        if host == f"localhost:{port}":
            # The API allows one origin: a page at this name could not sign in.
            address = urlsplit(self.path)._replace(scheme="http", netloc=f"{HOST}:{port}").geturl()
            self._send(HTTPStatus.TEMPORARY_REDIRECT, {"Location": address}, b"", with_body)
            return
        if host != f"{HOST}:{port}":
            # Protects from DNS rebinding: another name that points to loopback must not serve this page.
            self._send(HTTPStatus.MISDIRECTED_REQUEST, {}, b"Unknown host.\n", with_body)
            return
        aws = self.server.aws
        key = unquote(urlsplit(self.path).path).removeprefix("/") or aws.site.root_object
        wanted = {"IfNoneMatch": tag} if (tag := self.headers.get("If-None-Match")) else {}
        try:
            found = aws.client("s3").get_object(Bucket=aws.site.bucket, Key=key, **wanted)
            body = found["Body"].read()
        except ClientError as error:
            code = error_code(error)
            if code == str(HTTPStatus.NOT_MODIFIED.value):
                self._send(HTTPStatus.NOT_MODIFIED, {}, b"", with_body=False)
            elif code == "NoSuchKey":
                self._send(HTTPStatus.NOT_FOUND, {}, b"Not found.\n", with_body)
            else:
                self._send(HTTPStatus.BAD_GATEWAY, {}, f"{error}\n".encode(), with_body)
        except BotoCoreError as error:
            self._send(HTTPStatus.BAD_GATEWAY, {}, f"The embedded AWS does not answer: {error}\n".encode(), with_body)
        else:
            headers = {header: found[name] for name, header in _OBJECT_HEADERS.items() if found.get(name)}
            self._send(HTTPStatus.OK, headers, body, with_body)

    def _send(self, status: HTTPStatus, headers: dict[str, str], body: bytes, with_body: bool) -> None:
        self.send_response(status)
        if status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        for name, value in {
            "Content-Type": "text/plain; charset=utf-8",
            **self.server.aws.site.headers,
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)
