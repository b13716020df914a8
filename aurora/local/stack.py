"""The local platform as a stack for commands, and the choice of a command's stack.

boto3 and Pulumi are slow to import: they are imported where they are used.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, cast
from urllib.parse import urlsplit

from aurora.errors import CommandError
from aurora.project import ROOT
from aurora.stack.deployed import LOCAL, DeployedStack


class LocalStack(DeployedStack):
    """A platform that runs on this machine, made of its description (`LocalPlatform.described`)."""

    local = True

    def __init__(self, described: Mapping[str, Any], ended: Callable[[], bool], *, temporary: bool = False) -> None:
        super().__init__(LOCAL)
        self._described = described
        self._ended = ended
        self.temporary = temporary
        self.email = str(described["email"])
        self.password = str(described["password"])
        self.site = str(described["site"])

    @property
    def outputs(self) -> Mapping[str, Any]:
        return cast("Mapping[str, Any]", self._described["outputs"])

    @property
    def endpoint(self) -> str:
        """The URL of the embedded AWS."""
        return str(self._described["endpoint"])

    def client(self, service: str, region: str = "") -> Any:  # noqa: ARG002 - there is one region
        return self._clients.client(service)

    @contextmanager
    def readable_errors(self) -> Generator[None]:
        from aurora.stack.aws_errors import AWS_ERRORS

        try:
            yield
        except AWS_ERRORS as error:
            raise CommandError(f"The local platform no longer answers: {error}") from error

    def ended(self) -> bool:
        return self._ended()

    @cached_property
    def _clients(self) -> Any:
        from aurora.local.aws import AwsClients  # not on Windows, where no platform runs
        from aurora.local.credentials import Credentials

        found = self._described
        credentials = Credentials(found["access_key_id"], found["secret_access_key"])
        return AwsClients(lambda: self.endpoint, found["region"], credentials)


def running() -> LocalStack | None:
    """This project's running local platform, or None."""
    from aurora.local.state import find_running  # not on Windows, where no platform runs

    described = find_running(ROOT)
    if described is None or not _listens(described["endpoint"]):
        return None
    pid = described["pid"]

    def ended() -> bool:
        found = find_running(ROOT)
        return found is None or found["pid"] != pid

    return LocalStack(described, ended)


def stack_named(name: str | None) -> DeployedStack:
    """The stack of that name in AWS; the local platform that runs here for None and ``local``.

    Raises:
        CommandError: no local platform runs here.
    """
    if name not in (None, LOCAL):
        from aurora.stack.pulumi_stack import PulumiStack  # imports Pulumi

        return PulumiStack(name)
    found = running()
    if found is None:
        raise CommandError(
            "No local platform is running: start one with python3 run.py local, or name a deployed stack with -s STACK."
        )
    return found


def _listens(url: str) -> bool:
    address = urlsplit(url)
    try:
        with socket.create_connection((address.hostname or "", address.port or 443), timeout=2):
            return True
    except OSError:
        return False
