"""Calls of a local platform's functions and sign-in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from aurora.local.platform import LocalPlatform


@dataclass(frozen=True)
class Answer:
    """A function's answer; ``error`` is empty if it succeeded."""

    payload: Any
    error: str


def invoke(platform: LocalPlatform, function: str, event: Any) -> Answer:
    """Invokes a function's alias ``live`` with an event, and waits for the answer."""
    answer = platform.client("lambda").invoke(
        FunctionName=function, Qualifier="live", Payload=json.dumps(event).encode()
    )
    return Answer(json.loads(answer["Payload"].read()), answer.get("FunctionError", ""))


def sign_in(platform: LocalPlatform) -> str:
    """The local user's ID token."""
    answer = platform.client("cognito-idp").initiate_auth(
        ClientId=platform.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": platform.email, "PASSWORD": platform.password},
    )
    return str(answer["AuthenticationResult"]["IdToken"])
