"""A platform that a command talks to: the local one of this project, or a deployed stack.

Says where its API and its sign-in are; knows nothing of courses and does not sign in itself.
"""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from aurora import stack as pulumi_stack
from aurora.errors import CommandError
from aurora.project import LOCAL_STATE

LOCAL = "local"


@dataclass(frozen=True)
class Target:
    """One platform.

    ``sign_in`` is the URL of its Cognito endpoint. ``email`` and ``password`` are known for a local platform only.
    ``pid`` is the process that runs a local platform, 0 for a deployed one.
    """

    stack: str
    api: str
    region: str
    sign_in: str
    client_id: str
    user_pool_id: str
    email: str = ""
    password: str = ""
    pid: int = 0

    @property
    def local(self) -> bool:
        """Whether it runs on this machine, so that it ends with a process."""
        return self.pid != 0

    @property
    def key(self) -> str:
        """What tells its courses from another platform's; a local one's addresses change from run to run."""
        return LOCAL if self.local else self.api

    def ended(self) -> bool:
        """Whether the process that ran it is gone; always False for a deployed one."""
        return self.local and not _alive(self.pid)

    @classmethod
    def of_state(cls, state: dict[str, Any]) -> Self:
        """The local platform that a ``local.json`` describes. Raises KeyError for one that lacks an entry."""
        return cls(
            stack=state["stack"],
            api=state["api"],
            region=state["region"],
            sign_in=state["endpoint"],
            client_id=state["client_id"],
            user_pool_id=state["user_pool_id"],
            email=state["email"],
            password=state["password"],
            pid=int(state["pid"]),
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


def running_local(state: Path = LOCAL_STATE) -> Target | None:
    """This project's running local platform, or None: a state file may be left by one that was killed."""
    try:
        target = Target.of_state(json.loads(state.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError):
        return None
    return target if not target.ended() and _listens(target.api) else None


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _listens(url: str) -> bool:
    address = urlsplit(url)
    try:
        with socket.create_connection((address.hostname or "", address.port or 443), timeout=2):
            return True
    except OSError:
        return False
