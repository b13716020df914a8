"""A deployed platform, in AWS or on this machine: its stack's outputs and boto3 clients."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Final

from aurora.errors import CommandError
from aurora.naming import name_in
from aurora.project import service

LOCAL: Final = "local"
"""The stack name that commands take for the platform on this machine."""


class DeployedStack(ABC):
    """A platform that a command works with. Each part is read on first use.

    ``temporary`` ones end with the command that started them. ``email`` and ``password`` are those of the user that a
    local platform creates; "" for a stack in AWS.

    Raises:
        CommandError: the stack cannot be read, or lacks an output.
    """

    local = False
    temporary = False
    email = ""
    password = ""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    @abstractmethod
    def outputs(self) -> Mapping[str, Any]:
        """What the program exports, by name."""

    @abstractmethod
    def client(self, service: str, region: str = "") -> Any:
        """A boto3 client of the stack's AWS, in its own region unless another is named; raises AWS's own errors."""

    @abstractmethod
    def readable_errors(self) -> AbstractContextManager[None]:
        """Turns the stack's errors inside the block into a CommandError that says what to do."""

    def ended(self) -> bool:
        """Whether the platform has ended, so that waiting for an answer is pointless."""
        return False

    def output(self, name: str) -> Any:
        """One of the outputs."""
        try:
            return self.outputs[name]
        except KeyError:
            raise CommandError(
                f"The stack {self.name} has no output '{name}': update it: pulumi up -s {self.name}"
            ) from None

    @property
    def api(self) -> str:
        """The URL of the HTTP API."""
        return str(self.output("api"))

    @property
    def sign_in_endpoint(self) -> str:
        """The URL of Cognito, where users sign in."""
        return str(self.output("signInEndpoint"))

    @property
    def client_id(self) -> str:
        """The sign-in client of site and commands."""
        return str(self.output("clientId"))

    @property
    def user_pool_id(self) -> str:
        return str(self.output("userPoolId"))

    @property
    def key(self) -> str:
        """Identifies this platform. A local one's URLs change from run to run."""
        return LOCAL if self.local else self.api

    @property
    def functions(self) -> dict[str, str]:
        """The names of the functions in AWS, by their declared ones."""
        return {name: str(arn).split(":")[6] for name, arn in self.output("functions").items()}

    @property
    def state_machines(self) -> dict[str, str]:
        """The ARNs of the workflows' state machines, by key."""
        return dict(self.output("stateMachines"))

    def bucket(self, key: str) -> str:
        """The name of a bucket."""
        return str(self.output("buckets")[key])

    def table(self, key: str) -> str:
        """The name of a table."""
        return name_in(service(), str(self.output("environment")), key)
