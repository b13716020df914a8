"""A stack as commands find it: its config, settings, account, recorded state, and the images that its source needs.

Each part is read when it is first asked for, so that a command without credentials still says what it can. Changes
nothing, prints nothing.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from aurora.aws_session import StackSession
from aurora.components.group import image_requests
from aurora.declaration import Declaration
from aurora.errors import CommandError, DeclarationError
from aurora.image.ensure import ImageError, ImageRequest
from aurora.naming import Naming
from aurora.project import ROOT, service, systems
from aurora.settings import Settings
from aurora.stack import pulumi_cli as pulumi_stack
from aurora.stack.faults import AWS_ERRORS, as_command_error

ENSURED_IMAGE: Final = "EnsuredImage"
# Digests and repository names do not contain the account: where nobody may ask for it, this stands in its place.
_SOME_ACCOUNT: Final = "0" * 12


@dataclass(frozen=True)
class Identity:
    """Whose credentials the stack's are."""

    account: str
    arn: str

    @property
    def partition(self) -> str:
        return self.arn.split(":")[1]


class Ground:
    """The stack ``name``. ``seconds`` bounds each call of the Pulumi CLI and of AWS, which is then tried once."""

    def __init__(self, name: str, *, seconds: float | None = None) -> None:
        self.name = name
        self.stage = name.rpartition("/")[2]  # Pulumi's own service calls a stack organization/project/stage, too
        self._seconds = seconds

    @cached_property
    def config(self) -> dict[str, Any]:
        """The stack's config; raises CommandError."""
        return pulumi_stack.config(self.name, seconds=self._seconds or pulumi_stack.SECONDS)

    @cached_property
    def settings(self) -> Settings:
        """The stack's settings; raises CommandError, SettingsError."""
        return Settings.read(service(), self.stage, self.config, systems())

    @cached_property
    def state(self) -> dict[str, Any]:
        """What the last deployment recorded; raises CommandError."""
        return pulumi_stack.state(self.name, seconds=self._seconds or pulumi_stack.SECONDS)

    @property
    def secrets_provider(self) -> str:
        """What encrypts the stack's secrets, such as ``passphrase`` or ``service``; raises CommandError."""
        providers: dict[str, Any] = self.state.get("secrets_providers") or {}
        return str(providers.get("type", "nothing yet"))

    @cached_property
    def session(self) -> StackSession:
        """AWS as the stack's config says; raises CommandError, and AWS's own errors."""
        return self._session(self.config)

    @cached_property
    def identity(self) -> Identity:
        """Whose the credentials are, even if the stack does not allow that account; raises AWS's errors."""
        found = self._session({**self.config, "aws:allowedAccountIds": []}).client("sts").get_caller_identity()
        return Identity(found["Account"], found["Arn"])

    @cached_property
    def naming(self) -> Naming:
        """The stack's names in its account; raises InvalidStageName, SettingsError, AWS's errors."""
        who = self.identity
        return Naming(self.settings.service, self.stage, self.settings.region, who.account, who.partition)

    def names_anywhere(self) -> Naming:
        """The stack's names but for the account, which nobody is asked for."""
        return Naming(self.settings.service, self.stage, self.settings.region, _SOME_ACCOUNT)

    @cached_property
    def declaration(self) -> Declaration:
        """What the project's systems declare for the stack; raises DeclarationError."""
        return Declaration(systems(), self.settings, self.names_anywhere(), ROOT)

    @cached_property
    def requests(self) -> dict[str, ImageRequest]:
        """The image that each group's source needs now, by group; raises DeclarationError."""
        return image_requests(self.declaration)

    def resources(self, kind: str) -> list[Mapping[str, Any]]:
        """The recorded resources whose type ends in ``kind``."""
        return [resource for resource in self.state["resources"] if str(resource["type"]).endswith(kind)]

    @contextmanager
    def in_sentences(self) -> Generator[None]:
        """Lets whatever goes wrong while the stack is read end the command as a sentence."""
        try:
            yield
        except AWS_ERRORS as error:
            raise as_command_error(error, self.name, self.config) from error
        except (DeclarationError, ImageError) as error:
            raise CommandError(str(error)) from error

    def _session(self, config: Mapping[str, Any]) -> StackSession:
        return StackSession(config, seconds=self._seconds)
