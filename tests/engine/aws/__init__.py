"""The tests' own AWS provider: every resource type of the program, with its whole life, on the embedded AWS.

Where the emulator is kinder than AWS (an image that does not exist, a name that is taken), it refuses as AWS would.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.engine.aws import callers, delivery, events, functions, storage
from tests.engine.aws.account import Account
from tests.engine.aws.lifecycle import Kind

KINDS: dict[str, Kind] = {**storage.KINDS, **functions.KINDS, **callers.KINDS, **events.KINDS, **delivery.KINDS}


def _caller(account: Account) -> dict[str, Any]:
    caller = account.caller
    return {"accountId": caller["Account"], "arn": caller["Arn"], "userId": caller["UserId"], "id": caller["Account"]}


# The functions of the provider that the program calls.
ANSWERS: dict[str, Callable[[Account], dict[str, Any]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": functions.authorization_token,
}
