"""Calling what a local platform serves, as a client would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from aurora.local.platform import LocalPlatform


@dataclass(frozen=True)
class Answer:
    """What a function answered; ``error`` is empty, or says that it failed."""

    payload: Any
    error: str


def invoke(platform: LocalPlatform, function: str, event: Any) -> Answer:
    """Calls a function's alias ``live`` with an event, and waits."""
    answer = platform.client("lambda").invoke(
        FunctionName=function, Qualifier="live", Payload=json.dumps(event).encode()
    )
    return Answer(json.loads(answer["Payload"].read()), answer.get("FunctionError", ""))


def sign_in(platform: LocalPlatform) -> str:
    """The local author's id token."""
    answer = platform.client("cognito-idp").initiate_auth(
        ClientId=platform.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": platform.email, "PASSWORD": platform.password},
    )
    return str(answer["AuthenticationResult"]["IdToken"])
