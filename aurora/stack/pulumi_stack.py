"""A stack of the Pulumi CLI: its config, settings, account, recorded state, and the images that its source needs.

Each part is read on first use, so that commands that need no credentials work without them. Nothing here changes a
stack.
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
from aurora.stack import pulumi_cli
from aurora.stack.aws_errors import AWS_ERRORS, as_command_error
from aurora.stack.deployed import DeployedStack

ENSURED_IMAGE: Final = "EnsuredImage"
# For names without the account, as of repositories and tables: they can be computed without credentials.
UNKNOWN_ACCOUNT: Final = "0" * 12


@dataclass(frozen=True)
class Identity:
    """The caller's identity that the stack's credentials give."""

    account: str
    arn: str


class PulumiStack(DeployedStack):
    """The stack ``name``, deployed or not yet.

    ``seconds`` limits each call of the Pulumi CLI and of AWS; AWS is then not tried again.
    """

    def __init__(self, name: str, *, seconds: float | None = None) -> None:
        super().__init__(name)
        self.stage = name.rpartition("/")[2]  # Pulumi's own service calls a stack organization/project/stage, too
        self._seconds = seconds

    @cached_property
    def config(self) -> dict[str, Any]:
        """The stack's config by full key, without its secrets; raises CommandError."""
        return pulumi_cli.config(self.name, seconds=self._cli_seconds)

    @cached_property
    def secret_keys(self) -> list[str]:
        """The full keys of the stack's secrets; raises CommandError."""
        return pulumi_cli.secret_keys(self.name, seconds=self._cli_seconds)

    @cached_property
    def settings(self) -> Settings:
        """The stack's settings; raises CommandError, SettingsError."""
        return Settings.read(service(), self.stage, self.config, systems())

    @property
    def outputs(self) -> Mapping[str, Any]:
        return self._outputs

    @cached_property
    def _outputs(self) -> dict[str, Any]:
        return pulumi_cli.outputs(self.name)

    @cached_property
    def state(self) -> dict[str, Any]:
        """The state that the last deployment recorded; raises CommandError."""
        return pulumi_cli.state(self.name, seconds=self._cli_seconds)

    def resources(self, kind: str) -> list[Mapping[str, Any]]:
        """The recorded resources whose type ends in ``kind``; raises CommandError."""
        return [resource for resource in self.state["resources"] if str(resource["type"]).endswith(kind)]

    @property
    def secrets_provider(self) -> str:
        """What encrypts the stack's secrets, such as ``passphrase`` or ``service``; raises CommandError."""
        providers: dict[str, Any] = self.state.get("secrets_providers") or {}
        return str(providers.get("type", "nothing yet"))

    @cached_property
    def session(self) -> StackSession:
        """AWS with the stack's config; raises CommandError, and AWS's own errors."""
        return StackSession(self.config, seconds=self._seconds)

    def client(self, service: str, region: str = "") -> Any:
        return self.session.client(service, region)

    @cached_property
    def identity(self) -> Identity:
        """The caller's identity, even if the stack does not allow that account; raises AWS's errors."""
        anywhere = StackSession({**self.config, "aws:allowedAccountIds": []}, seconds=self._seconds)
        found = anywhere.client("sts").get_caller_identity()
        return Identity(found["Account"], found["Arn"])

    @cached_property
    def naming(self) -> Naming:
        """The stack's names, computed without the account; raises InvalidStageName, SettingsError."""
        return Naming(self.settings.service, self.stage, self.settings.region, UNKNOWN_ACCOUNT)

    @cached_property
    def declaration(self) -> Declaration:
        """The declaration of the project's systems for the stack; raises DeclarationError."""
        return Declaration(systems(), self.settings, self.naming, ROOT)

    @cached_property
    def image_requests(self) -> dict[str, ImageRequest]:
        """The image that each group's source needs now, by group; raises DeclarationError, UnreadableSource."""
        return image_requests(self.declaration)

    @contextmanager
    def readable_errors(self) -> Generator[None]:
        try:
            yield
        except AWS_ERRORS as error:
            raise as_command_error(error, self.name, self.config) from error
        except (DeclarationError, ImageError) as error:
            raise CommandError(str(error)) from error

    @property
    def _cli_seconds(self) -> float:
        return self._seconds or pulumi_cli.SECONDS
