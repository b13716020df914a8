"""The embedded AWS of one running program: clients, names and URLs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session as BotocoreSession

from aurora.local.credentials import Credentials
from aurora.local.emulator import ACCOUNT_ID, HOST

if TYPE_CHECKING:  # what it imports is needed for containers only
    from aurora.local.deploy.images import GroupImages

PARTITION = "aws"
DNS_SUFFIX = "amazonaws.com"


@dataclass
class SiteDelivery:
    """The CDN's settings for the site: its bucket, the page at ``/``, the headers of every answer."""

    bucket: str = ""
    root_object: str = ""
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class LocalFunction:
    """A deployed function: ``handler`` is ``functions.<group>.<module>.<name>``; its aliases follow its newest code."""

    name: str
    handler: str
    # Variables that Lambda sets by a function's logging settings; the emulator does not.
    environment: dict[str, str] = field(default_factory=dict[str, str])
    # All variables of its own that its code finds in the environment.
    variables: dict[str, str] = field(default_factory=dict[str, str])
    aliases: set[str] = field(default_factory=set[str])
    versions: list[str] = field(default_factory=list[str])
    # Identifies its newest code: a digest of its group's source, or the image that it runs.
    sources: str = ""
    # Keeps two quick saves from publishing and moving aliases at the same time.
    updating: threading.Lock = field(default_factory=threading.Lock)

    @property
    def group(self) -> str:
        """The group's folder below ``functions``, e.g. ``content``."""
        parts = self.handler.split(".")
        return parts[1] if len(parts) > 2 else parts[0]


class AwsClients:
    """Clients of one emulator, with its ``credentials``: they never read the user's AWS configuration.

    ``endpoint_when_ready`` returns the emulator's URL once it serves.
    """

    def __init__(self, endpoint_when_ready: Callable[[], str], region: str, credentials: Credentials) -> None:
        self.region = region
        self._endpoint_when_ready = endpoint_when_ready
        self._credentials = credentials
        self._clients: dict[str, Any] = {}
        # Creating clients of one session is not thread-safe; using them is.
        self._creating = threading.Lock()
        self._session: boto3.Session | None = None

    @property
    def endpoint(self) -> str:
        """The emulator's URL; waits until it serves."""
        return self._endpoint_when_ready()

    def client(self, service: str) -> Any:
        """The boto3 client of ``service``, made on first use."""
        with self._creating:
            if service not in self._clients:
                if self._session is None:
                    self._session = _session(self.region, self._credentials)
                make = cast("Callable[..., Any]", self._session.client)  # pyright: ignore[reportUnknownMemberType]
                self._clients[service] = make(
                    service,
                    endpoint_url=self.endpoint,
                    config=Config(
                        # Loopback is never behind a proxy, whatever the environment says.
                        proxies={},
                        max_pool_connections=32,
                        retries={"total_max_attempts": 1},
                        s3={"addressing_style": "path"},
                        # By default boto3 signs URLs of S3 with version 2, which the emulator does not support.
                        signature_version="s3v4" if service == "s3" else None,
                    ),
                )
            return self._clients[service]


class LocalAws(AwsClients):
    """The clients of one emulator, and what the deployed program has put into it.

    ``project`` is the folder of ``__main__.py``; ``site_origin`` is the local site's URL. With ``images``, functions
    run as containers; without, as processes, which write their calls of AWS to ``record_calls``.
    """

    def __init__(
        self,
        *,
        endpoint_when_ready: Callable[[], str],
        credentials: Credentials,
        region: str,
        project: Path,
        bytecode: Path,
        site_origin: str,
        images: GroupImages | None = None,
        record_calls: Path | None = None,
    ) -> None:
        super().__init__(endpoint_when_ready, region, credentials)
        self.account_id = ACCOUNT_ID
        self.project = project
        self.bytecode = bytecode
        self.site_origin = site_origin
        self.images = images
        self.record_calls = record_calls
        self.site = SiteDelivery()
        self.functions: dict[str, LocalFunction] = {}

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of this account and region."""
        return f"arn:{PARTITION}:{service}:{self.region}:{self.account_id}:{resource}"

    def api_url(self, api_id: str, stage: str) -> str:
        """Where the emulator serves an HTTP API's stage."""
        return f"{self.endpoint}/_aws/execute-api/{api_id}/{stage}"

    @property
    def site_host(self) -> str:
        """The local site's host and port."""
        return self.site_origin.partition("://")[2] or HOST


def error_code(error: ClientError) -> str:
    """AWS's code of an error, e.g. ``NoSuchKey``."""
    return error.response.get("Error", {}).get("Code", "")


def _session(region: str, credentials: Credentials) -> boto3.Session:
    # Without the user's files: a profile in AWS_PROFILE must not be looked up.
    core = BotocoreSession(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, "/dev/null", None),
            "credentials_file": (None, None, "/dev/null", None),
        }
    )
    core.set_credentials(  # pyright: ignore[reportUnknownMemberType]
        credentials.access_key_id, credentials.secret_access_key
    )
    return boto3.Session(botocore_session=core, region_name=region)
