"""An endpoint that speaks OpenAI's protocol, for texts and images alike: how it is asked, and what its faults mean.

Knows no lesson and no AWS. What each fault raises is told in `openai`, whose table holds for every path.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from aurora.runtime.errors import ConfigurationError, Throttled
from functions.models.errors import ModelAnswerInvalid, ModelRefused, ModelTimeout, ModelUnavailable
from functions.models.keys import authorization, without_key

CONNECT_SECONDS: Final = 5.0
"""How long connecting may take; an endpoint that is there answers in much less."""

_GATEWAY_GAVE_UP: Final = frozenset({408, 504, 524})
_HINTS: Final = {
    401: "check the API key",
    403: "the API key may not use this model",
    404: "check the base URL (it usually ends in /v1) and the model's name",
}
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class RequestRejected(ModelRefused):
    """The server answered 400, which nobody pays for; `said` is its complaint."""

    def __init__(self, text: str, said: str) -> None:
        self.said = said
        super().__init__(text)


@dataclass(frozen=True)
class Endpoint:
    """`what` is asked ("text model"), as messages call it; `api_key` "" sends none.

    Raises ConfigurationError for an address or a model name that cannot be one.
    """

    what: str
    base_url: str
    model: str
    api_key: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        try:
            url = httpx.URL(self.base_url)
        except httpx.InvalidURL as error:
            raise ConfigurationError(f"The address of the {self.what} is no URL: {error}.") from None
        if url.scheme not in ("http", "https") or not url.host:
            raise ConfigurationError(f"The address of the {self.what} must begin with http:// or https:// and a host.")
        _ = authorization(self.what, self.api_key)
        if not self.model:
            raise ConfigurationError(f"The endpoint of the {self.what} is set, but no model name.")

    @asynccontextmanager
    async def post(self, path: str, body: dict[str, Any], accept: str) -> AsyncIterator[httpx.Response]:
        """The response of status 200 to `body`, to be read inside; what fails in reading is raised as well."""
        headers = {"Accept": accept, **authorization(self.what, self.api_key)}
        url = f"{self.base_url.rstrip('/')}{path}"
        try:
            async with client(self.base_url) as http, http.stream("POST", url, json=body, headers=headers) as response:
                if response.status_code != httpx.codes.OK:
                    raise self._status_error(response, (await response.aread())[:100_000])
                yield response
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.WriteError, httpx.ProxyError) as error:
            raise ModelUnavailable(self.clean(f"The {self.what} cannot be reached: {reason(error)}.")) from None
        except httpx.RequestError as error:
            lost = f"The connection to the {self.what} was lost after the request was sent: {reason(error)}."
            raise ModelAnswerInvalid(self.clean(lost)) from None

    def clean(self, text: str) -> str:
        """`text` without the API key."""
        return without_key(text, self.api_key)

    def _status_error(self, response: httpx.Response, body: bytes) -> Exception:
        status = response.status_code
        said = _server_message(body)
        text = f"The {self.what}'s server answered {status}" + (f": {said}" if said else "")
        if hint := _HINTS.get(status):
            text = f"{text} ({hint})"
        text = self.clean(text)
        if status == httpx.codes.BAD_REQUEST:
            return RequestRejected(text, said)
        if status in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE):
            wait = self.clean(response.headers.get("retry-after", "")[:40])
            return Throttled(f"{text}; it asks to wait: Retry-After {wait}" if wait else text)
        if status in _GATEWAY_GAVE_UP:
            return ModelTimeout(text)
        if httpx.codes.is_server_error(status):
            return ModelUnavailable(text)
        return ModelRefused(text)


def client(url: str) -> httpx.AsyncClient:
    """A client for one request to `url`; whoever uses it bounds its time."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
        # Idle connections are not kept: a server that closes one just then could not be told from one that
        # broke off after it was paid.
        limits=httpx.Limits(max_keepalive_connections=0),
        trust_env=httpx.URL(url).host not in _LOOPBACK,  # a proxy for the world is not for a model on this machine
    )


def reason(error: Exception) -> str:
    """What an error says, or its name if it says nothing."""
    return str(error) or type(error).__name__


def _server_message(body: bytes) -> str:
    """What a server says of its error: its JSON message, or the beginning of its text."""
    text = body.decode("utf-8", "replace")
    try:
        error = json.loads(text)["error"]
        text = error["message"] if isinstance(error, dict) else error
    except (ValueError, KeyError, TypeError):
        text = re.sub(r"<[^>]*>", " ", text)
    return " ".join(str(text).split())[:300].rstrip(".")
