"""Events of an HTTP API with a JWT authorizer (payload format 2.0), and functions' answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

OWNER = "7c1f0a52-8f0e-4f5b-9d3c-2b6a1e4d9f10"
OTHER_OWNER = "0b9d8c7e-1111-4a2b-8c3d-5e6f7a8b9c0d"


@dataclass(frozen=True)
class Context:
    """The parts of Lambda's context that functions read."""

    function_name: str = "aurora-test-function"
    aws_request_id: str = "5a1d9a3e-4c2b-4c58-9a55-7f3f1f0f6f51"


@dataclass(frozen=True)
class Answer:
    """An API function's answer; `json` is its body."""

    status: int
    content_type: str
    headers: dict[str, str]
    json: Any


def http_event(method: str, path: str, body: object = None, *, sub: str | None = OWNER) -> dict[str, Any]:
    """A request of the user `sub` (None: not signed in), for `path`, such as `/items?limit=1`.

    A `body` that is a string is sent unchanged, others as JSON.
    """
    path, _, query = path.partition("?")
    context: dict[str, Any] = {
        "accountId": "123456789012",
        "apiId": "a1b2c3d4e5",
        "domainName": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
        "domainPrefix": "a1b2c3d4e5",
        "http": {
            "method": method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": "192.0.2.17",
            "userAgent": "Mozilla/5.0",
        },
        "requestId": "JKJaXmPLvHcESHA=",
        "routeKey": f"{method} {path}",
        "stage": "$default",
        "time": "10/Mar/2026:05:16:23 +0000",
        "timeEpoch": 1773119783338,
    }
    if sub is not None:
        context["authorizer"] = {
            "jwt": {
                "claims": {
                    "auth_time": "1773119700",
                    "client_id": "3k5example9client",
                    "exp": "1773123300",
                    "iat": "1773119700",
                    "iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_EXAMPLE",
                    "sub": sub,
                    "token_use": "access",
                    "username": sub,
                },
                "scopes": None,
            }
        }
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {
            "accept": "*/*",
            "content-type": "application/json",
            "host": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
            "x-forwarded-proto": "https",
        },
        "requestContext": context,
        "isBase64Encoded": False,
    }
    if query:
        event["queryStringParameters"] = dict(parse_qsl(query, keep_blank_values=True))
    if body is not None:
        event["body"] = body if isinstance(body, str) else json.dumps(body)
    return event


def answer(response: dict[str, Any]) -> Answer:
    """The response of an API function as a client sees it."""
    headers = {name.lower(): value for name, value in response["headers"].items()}
    return Answer(response["statusCode"], headers["content-type"], headers, json.loads(response["body"]))
