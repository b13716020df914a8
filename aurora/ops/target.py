"""A platform that a command talks to: the local one of this project, or a deployed stack.

Says where its API and its sign-in are; knows nothing of courses and does not sign in itself.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from aurora.errors import CommandError
from aurora.project import ROOT
from aurora.stack import pulumi_cli as pulumi_stack

LOCAL = "local"


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Target:
    """One platform.

    ``sign_in`` is the URL of its Cognito endpoint. ``email``, ``password``, ``site`` and the access key of its embedded
    AWS are known for a local platform only.
    ``own`` tells that it ends with the command that started it.
    ``lost`` tells whether it has ended for good, so that waiting for an answer is pointless; nobody knows that of a
    deployed one.
    """

    stack: str
    api: str
    region: str
    sign_in: str
    client_id: str
    user_pool_id: str
    email: str = ""
    password: str = ""
    site: str = ""
    access_key_id: str = ""
    secret_access_key: str = field(default="", repr=False)
    local: bool = False
    own: bool = False
    lost: Callable[[], bool] = field(default=_never, compare=False, repr=False)

    @property
    def key(self) -> str:
        """What tells its courses from another platform's; a local one's addresses change from run to run."""
        return LOCAL if self.local else self.api

    def client(self, service: str) -> Any:
        """A boto3 client of a local platform's embedded AWS."""
        from aurora.local.aws import AwsClients  # not on Windows, where no platform runs
        from aurora.local.credentials import Credentials

        credentials = Credentials(self.access_key_id, self.secret_access_key)
        return AwsClients(lambda: self.sign_in, self.region, credentials).client(service)

    @classmethod
    def of_local(cls, state: Mapping[str, Any], lost: Callable[[], bool], *, own: bool = False) -> Self:
        """A local platform as it describes itself."""
        return cls(
            stack=state["stack"],
            api=state["api"],
            region=state["region"],
            sign_in=state["endpoint"],
            client_id=state["client_id"],
            user_pool_id=state["user_pool_id"],
            email=state["email"],
            password=state["password"],
            site=state["site"],
            access_key_id=state["access_key_id"],
            secret_access_key=state["secret_access_key"],
            local=True,
            own=own,
            lost=lost,
        )

    @classmethod
    def of_stack(cls, name: str) -> Self:
        """A deployed stack, from its outputs.

        Raises:
            CommandError: the stack is unknown or its outputs are not those of this program.
        """
        found = pulumi_stack.outputs(name)
        try:
            return cls(
                stack=name,
                api=found["api"],
                region=found["region"],
                sign_in=found["signInEndpoint"],
                client_id=found["clientId"],
                user_pool_id=found["userPoolId"],
            )
        except KeyError as missing:
            raise CommandError(
                f"The stack {name} has no output {missing}: bring it up to date with pulumi up -s {name}"
            ) from None


def running_local() -> Target | None:
    """This project's running local platform, or None."""
    from aurora.local.state import find_running  # not on Windows, where no platform runs

    state = find_running(ROOT)
    if state is None or not _listens(state["endpoint"]):
        return None
    pid = state["pid"]

    def lost() -> bool:
        found = find_running(ROOT)
        return found is None or found["pid"] != pid

    return Target.of_local(state, lost)


def _listens(url: str) -> bool:
    address = urlsplit(url)
    try:
        with socket.create_connection((address.hostname or "", address.port or 443), timeout=2):
            return True
    except OSError:
        return False
