"""A platform as commands find it, given by a test."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from aurora.stack.deployed import DeployedStack


class GivenStack(DeployedStack):
    """The deployed stack dev, whose user is known."""

    def __init__(
        self, outputs: Mapping[str, Any], email: str = "", password: str = "", *, temporary: bool = False
    ) -> None:
        super().__init__("dev")
        self._outputs = outputs
        self.email = email
        self.password = password
        self.temporary = temporary
        self.site = "https://site.example.com"

    @property
    def outputs(self) -> Mapping[str, Any]:
        return self._outputs

    def client(self, service: str, region: str = "") -> Any:
        raise AssertionError("AWS was asked")

    def readable_errors(self) -> AbstractContextManager[None]:
        return nullcontext()


def served_at(url: str) -> dict[str, str]:
    """The outputs of a platform whose API and sign-in are at ``url``."""
    return {"api": url, "signInEndpoint": url, "clientId": "client", "userPoolId": "pool"}
