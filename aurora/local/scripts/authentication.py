"""Authenticates requests to the embedded AWS: an ASGI application in front of MiniStack's own.

MiniStack trusts every program on this machine and every web page. This application accepts the session's own clients
only: requests that are signed with a secret in MiniStack, and the few kinds that AWS itself serves unsigned. It runs in
the emulator's Python: standard library and ministack only.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib
import json
import re
import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, quote

# Installed in the emulator's environment only.
cognito: Any = importlib.import_module("ministack.services.cognito")
iam_evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
responses: Any = importlib.import_module("ministack.core.responses")
router: Any = importlib.import_module("ministack.core.router")
s3: Any = importlib.import_module("ministack.services.s3")
sigv4: Any = importlib.import_module("ministack.core.sigv4")

Scope = dict[str, Any]
Asgi = Callable[[Scope, Any, Any], Awaitable[None]]

# Cognito's operations for signing in, which need no signature. Cognito checks passwords, codes and tokens.
_SIGN_IN = frozenset(
    f"AWSCognitoIdentityProviderService.{operation}"
    for operation in (
        "InitiateAuth",
        "RespondToAuthChallenge",
        "ForgotPassword",
        "ConfirmForgotPassword",
        "ChangePassword",
        "RevokeToken",
        "GlobalSignOut",
    )
)
_HEALTH = "/_ministack/health"
_ADMINISTRATION = "/_"
_PUBLIC_KEYS = re.compile(r"/([\w-]+)/\.well-known/(jwks\.json|openid-configuration)")
_BUCKET = re.compile(r"/[a-z0-9][a-z0-9.-]+/?")
# In lower case: MiniStack ignores the case of these names.
_QUERY_SIGNATURES = frozenset(
    ("x-amz-algorithm", "x-amz-credential", "x-amz-signature", "x-amz-security-token", "awsaccesskeyid", "signature")
)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MAX_PRESIGNED_SECONDS = 7 * 24 * 3600


class Refused(Exception):
    """A refused request; ``code`` is AWS's error code."""

    def __init__(self, code: str, message: str, status: HTTPStatus = HTTPStatus.FORBIDDEN) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass
class Request:
    """One HTTP request. Header names are in lower case; values that came on several lines are joined by commas."""

    method: str
    path: str
    raw_path: str
    raw_query: str
    headers: dict[str, str]
    receive: Any
    query: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.query = parse_qs(self.raw_query, keep_blank_values=True)

    @classmethod
    def of(cls, scope: Scope, receive: Any) -> Request:
        """The request of an ASGI scope."""
        headers: dict[str, str] = {}
        for raw_name, raw_value in scope["headers"]:
            name, value = raw_name.decode("latin-1").lower(), sigv4.decode_header_value(raw_value)
            headers[name] = f"{headers[name]},{value}" if name in headers else value
        raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
        query = scope.get("query_string", b"").decode("utf-8", "replace")
        return cls(scope["method"], scope["path"], raw_path.decode("latin-1"), query, headers, receive)

    async def body(self) -> bytes:
        """The whole body, which the application can still receive.

        Raises:
            ConnectionAbortedError: the client is gone.
        """
        parts: list[bytes] = []
        more = True
        while more:
            message = await self.receive()
            if message["type"] != "http.request":
                raise ConnectionAbortedError
            parts.append(message.get("body", b""))
            more = message.get("more_body", False)
        whole, rest = b"".join(parts), self.receive
        messages = iter([{"type": "http.request", "body": whole, "more_body": False}])

        async def receive_again() -> Any:
            return next(messages, None) or await rest()

        self.receive = receive_again
        return whole


class Authentication:
    """The application that authenticates each request before ``inner`` serves it.

    ``hosts`` are the accepted values of ``Host``, ``site_origin`` is the one origin whose pages may call it ("" for
    none), ``registry_user`` and ``secret`` are the registry's user and password; with ``containers``, functions run as
    containers.
    """

    def __init__(
        self,
        inner: Asgi,
        *,
        hosts: Iterable[str],
        site_origin: str,
        registry_user: str,
        secret: str,
        app_module: Any,
        containers: bool = False,
    ) -> None:
        self._inner = inner
        self._containers = containers
        self._hosts = frozenset(hosts)
        self._site_origin = site_origin
        self._registry_login = f"Basic {base64.b64encode(f'{registry_user}:{secret}'.encode()).decode()}"
        self._app = app_module

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Serves one ASGI scope."""
        if scope["type"] == "websocket":
            # No platform declares a WebSocket API, and a browser opens a socket to any host.
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        request = Request.of(scope, receive)
        send = self._for_own_pages_only(request, send)
        try:
            self._check_host(request)
            presigned = await self._authenticate(request)
            self._check_page(request, presigned)
        except Refused as refused:
            await self._refuse(request, refused, send)
        except ConnectionAbortedError:
            return
        else:
            await self._inner(scope, request.receive, send)

    def _check_host(self, request: Request) -> None:
        # Protects from DNS rebinding, by which a page makes the browser treat this server as its own.
        if request.headers.get("host", "") not in self._hosts:
            raise Refused("InvalidHost", "This server does not have that name.", HTTPStatus.MISDIRECTED_REQUEST)

    def _check_page(self, request: Request, presigned: bool) -> None:
        """Refuses requests that a browser sends for a page of another origin."""
        origin = request.headers.get("origin")
        if origin is not None and origin != self._site_origin:
            raise Refused("InvalidOrigin", "Pages of that origin may not call the embedded AWS.")
        foreign = origin is None and request.headers.get("sec-fetch-site") == "cross-site"
        if foreign and not (presigned and self._containers):
            # URLs that containers sign name another host than the site's, and no other page knows one.
            raise Refused("InvalidOrigin", "Pages of other sites may not call the embedded AWS.")

    async def _authenticate(self, request: Request) -> bool:
        """Authenticates a request; returns whether it did so by a signature in its URL.

        Raises:
            Refused: the request is not authenticated.
        """
        authorization = request.headers.get("authorization", "")
        if self._app._is_ecr_registry_path(request.path):
            self._check_registry_password(authorization)
        elif not _QUERY_SIGNATURES.isdisjoint(name.lower() for name in request.query):
            if authorization:
                raise Refused("InvalidArgument", "A request is signed in its URL or in a header, not in both.")
            self._check_presigned(request)
            return True
        elif authorization.startswith("AWS"):
            await self._check_signed(request)
        elif self._is_of_an_api(request):
            return False  # APIs check their callers' tokens themselves
        elif authorization:
            # MiniStack treats any other kind of Authorization as the root user's.
            raise Refused("IncompleteSignature", "Requests are signed with Signature Version 4.")
        elif not self._is_served_unsigned(request):
            await self._check_form(request)
        return False

    def _is_of_an_api(self, request: Request) -> bool:
        """Whether MiniStack passes a request to an HTTP API, and to nothing else."""
        return (
            request.path.startswith(_ADMINISTRATION) and self._app._parse_execute_api_url("", request.path) is not None
        )

    @staticmethod
    def _is_served_unsigned(request: Request) -> bool:
        """Whether AWS serves such a request without a signature."""
        if request.method == "OPTIONS":
            return "origin" in request.headers  # a preflight: it changes nothing, and _check_page checks the origin
        if request.raw_query:
            return False
        if request.method == "GET" and (keys := _PUBLIC_KEYS.fullmatch(request.path)):
            return cognito._get_pool_unscoped(keys[1]) is not None
        if request.method == "GET":
            return request.path == _HEALTH
        return request.method == "POST" and request.path == "/" and request.headers.get("x-amz-target") in _SIGN_IN

    def _check_registry_password(self, authorization: str) -> None:
        if not hmac.compare_digest(authorization.encode(), self._registry_login.encode()):
            message = "The registry needs the password from ECR's GetAuthorizationToken."
            raise Refused("UNAUTHORIZED", message, HTTPStatus.UNAUTHORIZED)

    async def _check_signed(self, request: Request) -> None:
        if not request.headers["authorization"].startswith("AWS4-HMAC-SHA256 "):
            raise Refused("UnsupportedSignature", "Requests are signed with Signature Version 4.")
        signature = _parsed(sigv4.parse_header_signature(request.headers))
        _raise(sigv4.request_time_failure(signature))
        body = await request.body()
        named = request.headers.get("x-amz-content-sha256", "")
        if _SHA256.fullmatch(named) and not hmac.compare_digest(named, hashlib.sha256(body).hexdigest()):
            raise Refused("XAmzContentSHA256Mismatch", "The body is not the one that was signed.")
        self._check_signature(request, signature, request.headers.get("x-amz-security-token", ""), body)
        is_root = iam_evaluator.is_root_access_key(signature.access_key_id)
        if request.path.startswith(_ADMINISTRATION) and not is_root and not self._is_of_an_api(request):
            raise Refused("AccessDenied", "Only the session itself may use the emulator's own paths.")

    def _check_presigned(self, request: Request) -> None:
        signature = _parsed(sigv4.parse_query_signature(request.query))
        self._check_is_for_s3(request, signature.service)
        token, expires = (_first(request.query, f"X-Amz-{name}") for name in ("Security-Token", "Expires"))
        if not expires.isascii() or not expires.isdigit() or not 0 < int(expires) <= _MAX_PRESIGNED_SECONDS:
            raise Refused("AuthorizationQueryParametersError", "X-Amz-Expires must be from 1 to 604800 seconds.")
        try:
            expired = sigv4.presigned_request_is_expired(signature.amz_date, expires)
        except ValueError:
            expired = True
        if expired:
            raise Refused("AccessDenied", "Request has expired")
        self._check_signature(request, signature, token, b"", presigned=True)

    async def _check_form(self, request: Request) -> None:
        """Accepts a form whose policy is signed; S3 checks what the policy allows."""
        content_type = request.headers.get("content-type", "")
        is_form = content_type.startswith("multipart/form-data") and _BUCKET.fullmatch(request.path) is not None
        if request.method != "POST" or not is_form or request.raw_query:
            raise Refused("MissingAuthenticationToken", "The request must be signed with the session's credentials.")
        fields = _form_fields(content_type, await request.body())
        scope = fields.get("x-amz-credential", "").split("/")
        if len(scope) != 5:
            raise Refused("AccessDenied", "The form must carry a policy that is signed with Signature Version 4.")
        key, date, region, service, _ = scope
        self._check_is_for_s3(request, service)
        secret = _secret_of(key, fields.get("x-amz-security-token", ""))
        expected = sigv4.calculate_signature(secret, date, region, service, fields.get("policy", ""))
        if not hmac.compare_digest(expected.encode(), fields.get("x-amz-signature", "").encode()):
            raise Refused("SignatureDoesNotMatch", sigv4.SIGNATURE_MISMATCH)

    @staticmethod
    def _check_is_for_s3(request: Request, service: str) -> None:
        """Refuses requests signed for S3 that MiniStack would route to another service, as by X-Amz-Target."""
        routed = router.detect_service(request.method, request.path, request.headers, request.query)
        if service != "s3" or routed != "s3" or request.path.startswith(_ADMINISTRATION):
            raise Refused("SignatureDoesNotMatch", "Credential should be scoped to correct service: 's3'.")

    @staticmethod
    def _check_signature(request: Request, signature: Any, token: str, body: bytes, *, presigned: bool = False) -> None:
        # MiniStack checks no signature for the root user's key, so it must read the same key from the request.
        if router.extract_access_key_id(request.headers, request.query) != signature.access_key_id:
            raise Refused("IncompleteSignature", "The request names more than one access key.")
        secret = _secret_of(signature.access_key_id, token)
        _raise(
            sigv4.header_signature_failure(
                signature,
                secret,
                request.method,
                request.raw_path,
                request.query,
                request.headers,
                body,
                presigned=presigned,
            )
        )

    def _for_own_pages_only(self, request: Request, send: Any) -> Any:
        """Wraps ``send`` so that pages of the site's origin can read answers, and no other page can."""
        own = bool(self._site_origin) and request.headers.get("origin") == self._site_origin

        async def send_for_own_pages(message: Any) -> None:
            if message["type"] == "http.response.start":
                kept: list[tuple[bytes, bytes]] = []
                for name, value in message.get("headers", []):
                    if name.lower() == b"access-control-allow-origin" and value == b"*" and own:
                        kept += [(name, self._site_origin.encode()), (b"vary", b"Origin")]
                    elif own or not name.lower().startswith(b"access-control-"):
                        kept.append((name, value))
                message = {**message, "headers": kept}
            await send(message)

        return send_for_own_pages

    async def _refuse(self, request: Request, refused: Refused, send: Any) -> None:
        service = router.detect_service(request.method, request.path, request.headers, request.query)
        headers: dict[str, str] = {}
        if self._app._is_ecr_registry_path(request.path):
            errors = {"errors": [{"code": refused.code, "message": str(refused)}]}
            status, body = int(refused.status), json.dumps(errors).encode()
            headers = {"Content-Type": "application/json", "WWW-Authenticate": 'Basic realm="The embedded AWS"'}
        else:
            # In the service's own protocol, so that clients know the error by its name.
            failure = iam_evaluator.AuthError(refused.code, str(refused))
            status, headers, body = self._app._credential_failure(
                service, None, str(uuid.uuid4()), failure, request.headers
            )
            status = int(refused.status) if refused.status != HTTPStatus.FORBIDDEN else status
        if request.headers.get("origin") == self._site_origin:
            headers = {**headers, "Access-Control-Allow-Origin": "*"}
        raw = [(name.encode("latin-1"), str(value).encode("latin-1")) for name, value in headers.items()]
        # Without closing, the unread rest of the request would count as the next one.
        own = [(b"content-length", str(len(body)).encode()), (b"connection", b"close")]
        raw = [*((name, value) for name, value in raw if name.lower() != b"content-length"), *own]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else body})


def _secret_of(access_key_id: str, token: str) -> str:
    """MiniStack's secret for a key: the root user's, a user's or a role session's.

    Raises:
        Refused: there is none, or the session token is wrong.
    """
    if not access_key_id:
        raise Refused("MissingAuthenticationToken", "The signature names no access key.")
    try:
        account = (
            iam_evaluator.find_iam_access_key_account(access_key_id)
            or responses._account_from_sts_session(access_key_id)
            or (access_key_id if re.fullmatch(r"\d{12}", access_key_id) else None)
        )
    except iam_evaluator.AmbiguousAccessKeyError:
        raise Refused("InvalidClientTokenId", "The access key is not unique.") from None
    found = iam_evaluator.resolve_credential(access_key_id, account, token)
    if isinstance(found, iam_evaluator.CredentialResolutionError):
        raise Refused(found.code, found.message)
    return found.secret_access_key


def _parsed(signature: Any) -> Any:
    """A signature's parts; MiniStack's parsers return a pair of code and message if there is none."""
    _raise(signature if isinstance(signature, tuple) else None)  # pyright: ignore[reportUnknownArgumentType]
    return signature  # pyright: ignore[reportUnknownVariableType]


def _raise(failure: tuple[str, str] | None) -> None:
    if failure is not None:
        raise Refused(*failure)


def _first(query: dict[str, list[str]], name: str) -> str:
    return (query.get(name) or query.get(name.lower()) or [""])[0]


def _form_fields(content_type: str, body: bytes) -> dict[str, str]:
    """A form's fields, parsed as S3 parses them; names in lower case."""
    parts = [part for part in s3._parse_multipart_form(content_type, body) if part[0] != "file"]
    fields = {name.lower(): value.decode("utf-8", "replace") for name, _, _, value in parts}
    if len(fields) < len(parts):
        raise Refused("InvalidArgument", "The form has two fields of one name.")
    return fields
