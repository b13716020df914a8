"""Amazon Bedrock's runtime, for texts and images alike: how it is asked, and what its faults mean.

The rule is that of `openai`: a request that may have been paid for is never sent again. So boto3 retries nothing, no
idle connection is used again, and what Bedrock says decides what is raised:

| what happens                                                             | raised                             |
|--------------------------------------------------------------------------|------------------------------------|
| no connection (refused, unknown host, TLS)                               | ModelUnavailable: nothing was paid |
| throttled, a quota used up, model not ready, service unavailable         | Throttled: nothing was paid        |
| a fault of the service or of the model before any text                   | ModelUnavailable: no text was made |
| access, validation, unknown model, credentials                           | ModelRefused, with what to do      |
| the model timed out; our own time is up                                  | ModelTimeout: may have been paid   |
| any error after the first text; connection lost; not the protocol        | ModelAnswerInvalid: perhaps paid   |
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import boto3
from botocore import UNSIGNED
from botocore import exceptions as boto
from botocore.config import Config
from botocore.eventstream import ParserError
from urllib3.exceptions import HTTPError

from aurora.runtime.errors import AuroraError, ConfigurationError, Throttled
from functions.models.errors import ModelAnswerInvalid, ModelRefused, ModelTimeout, ModelUnavailable
from functions.models.keys import authorization, without_key

CONNECT_SECONDS: Final = 5.0
"""How long connecting may take; Bedrock answers in much less."""

Made = TypeVar("Made")

_FAULTS: Final = (boto.BotoCoreError, boto.ClientError, HTTPError, ParserError, OSError)
_NOT_CONNECTED: Final = (
    boto.EndpointConnectionError,
    boto.ConnectTimeoutError,
    boto.ProxyConnectionError,
    boto.SSLError,
)
_SET_UP_WRONGLY: Final = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.TokenRetrievalError,
    boto.NoAuthTokenError,
    boto.ParamValidationError,
)
# Exceptions are compared in lower case: an event stream writes throttlingException, a response ThrottlingException.
_THROTTLED: Final = frozenset(
    {
        "throttlingexception",
        "toomanyrequestsexception",
        "servicequotaexceededexception",
        "modelnotreadyexception",
        "serviceunavailableexception",
    }
)
_FAILED: Final = frozenset({"internalserverexception", "modelerrorexception", "modelstreamerrorexception"})
_TIMED_OUT: Final = frozenset({"modeltimeoutexception"})
_DAILY: Final = re.compile(r"\bper day\b|\bdaily\b", re.IGNORECASE)
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})

_ACCESS: Final = (
    "request access to the model in the Bedrock console, and see that the function's role, or the identity behind the "
    "API key, may call bedrock:InvokeModel and bedrock:InvokeModelWithResponseStream on it"
)
_UNKNOWN: Final = "check the model's id, and that its region has this model"
_HINTS: Final = (
    (r"on-demand throughput", "give as id an inference profile that has the model, as eu.<model id> or us.<model id>"),
    (r"use case", "submit the use case form of the model's provider in the Bedrock console; it takes some minutes"),
    (r"legacy|end of its life", "this version of the model is retired: choose a newer one"),
    (
        r"API key|bearer token",
        "check Bedrock's API key: it may have expired, and a short-term one is of one region alone",
    ),
    (r"security token|signature|UnrecognizedClient|ExpiredToken", "check the AWS credentials"),
    (r"AccessDenied", _ACCESS),
    (r"ResourceNotFound|model identifier is invalid", _UNKNOWN),
)


@dataclass(frozen=True)
class BedrockRuntime:
    """`what` is asked ("text model"), as messages call it. `region` and `endpoint` "" are those of the environment.

    `api_key` goes with requests instead of a signature; "" lets the environment's credentials sign.
    Raises ConfigurationError where neither says a region, the endpoint is no address, or the key cannot be one.
    """

    what: str
    region: str = ""
    endpoint: str = ""
    api_key: str = field(default="", repr=False)
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._client(1.0).close()

    def within(self, seconds: float, call: Callable[[Any], Made], begun: Callable[[], bool] = lambda: False) -> Made:
        """What `call` makes with a client, within `seconds`; `begun` tells whether any of the answer has arrived.

        boto3 cannot be interrupted, so it works in a thread that is left behind when the time is up: it ends with the
        answer, or when nothing comes for as long again. Raises what the module tells.
        """
        if seconds <= 0:
            raise ModelTimeout(f"No time was left to ask the {self.what}.")
        client = self._client(seconds)
        made: Future[Made] = Future()

        def work() -> None:
            try:
                made.set_result(call(client))
            except BaseException as error:  # noqa: BLE001 (it is raised where the result is waited for)
                made.set_exception(error)
            finally:
                client.close()

        threading.Thread(target=work, name="bedrock", daemon=True).start()
        wait([made], seconds)
        if not made.done():
            raise ModelTimeout(f"The {self.what} did not finish within {seconds:.0f} s.")
        try:
            return made.result()
        except _FAULTS as error:
            raise self._fault(error, begun()) from None

    def _client(self, seconds: float) -> Any:
        """A client for one request: its connection has never been idle."""
        config = Config(
            connect_timeout=min(CONNECT_SECONDS, seconds),
            read_timeout=seconds + 1,
            retries={"mode": "standard", "total_max_attempts": 1},
            # A proxy for the world is not for a service on this machine.
            proxies={} if urlsplit(self.endpoint).hostname in _LOOPBACK else None,
        )
        header = authorization(self.what, self.api_key)
        if header:
            config = config.merge(Config(signature_version=UNSIGNED))

        def add_header(request: Any, **_: Any) -> None:
            for name, value in header.items():
                request.headers[name] = value

        try:
            client = boto3.client(
                "bedrock-runtime",
                region_name=self.region or None,
                endpoint_url=self.endpoint or None,
                config=config,
            )
        except (boto.BotoCoreError, ValueError) as error:
            raise ConfigurationError(f"The {self.what} cannot be reached through Bedrock: {error}.") from None
        client.meta.events.register("request-created.bedrock-runtime", add_header)
        return client

    def _fault(self, error: Exception, begun: bool) -> AuroraError:
        if isinstance(error, boto.ClientError):
            return self._told(error, begun)
        said = without_key(str(error) or type(error).__name__, self.api_key)
        if isinstance(error, _SET_UP_WRONGLY):
            return ConfigurationError(f"The {self.what} cannot be asked through Bedrock: {said}")
        if isinstance(error, _NOT_CONNECTED):
            return ModelUnavailable(f"The {self.what} cannot be reached: {said}")
        if isinstance(error, boto.ReadTimeoutError):
            return ModelTimeout(f"The {self.what} did not answer in time.")
        return ModelAnswerInvalid(f"The connection to the {self.what} was lost after the request was sent: {said}")

    def _told(self, error: boto.ClientError, begun: bool) -> AuroraError:
        """What Bedrock itself says is wrong."""
        response: Any = error.response
        # Before anything is cut off: a part of the key must not be left either.
        code, message = (
            without_key(str(response["Error"].get(part) or ""), self.api_key) for part in ("Code", "Message")
        )
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        text = f"Bedrock answered {code}" + (f": {' '.join(message.split())[:300]}" if message else "")
        kind = code.lower()
        if begun:
            return ModelAnswerInvalid(f"{text} (after part of the answer, which is paid for)")
        if kind in _TIMED_OUT or status in (408, 504):
            return ModelTimeout(text)
        if kind in _THROTTLED or status in (429, 503):
            if _DAILY.search(message):
                return Throttled(f"{text} The quota of a day is used up: start again tomorrow, what is there stays.")
            return Throttled(text)
        if kind in _FAILED or status >= 500:
            return ModelUnavailable(text)
        hint = next((hint for pattern, hint in _HINTS if re.search(pattern, f"{code} {message}", re.IGNORECASE)), "")
        return ModelRefused(f"{text.rstrip('.')} ({hint})" if hint else text)
