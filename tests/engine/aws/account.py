"""The account that a provider's configuration leads to, read as the real AWS provider reads it.

Nothing here may reach AWS itself: a service that the configuration gives no endpoint for is an error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.session import Session as BotocoreSession

from aurora.local.aws import LocalAws
from aurora.local.credentials import Credentials

# boto3's names of services whose endpoint has another name in the provider's configuration.
_ENDPOINT_NAMES = {"cognito-idp": "cognitoidp", "stepfunctions": "sfn"}


class NotAllowed(Exception):
    """The credentials lead to an account that the configuration does not allow."""


class Account(LocalAws):
    """Clients for one embedded AWS, with the region, credentials and endpoints of a provider's configuration."""

    def __init__(self, config: Mapping[str, str]) -> None:
        """``config`` holds the stack's ``aws:`` settings without their prefix; lists are JSON text.

        Raises:
            NotAllowed: see there; nothing was written.
        """
        self._endpoints = {
            service: url for entry in _listed(config, "endpoints") for service, url in entry.items() if url
        }
        super().__init__(
            endpoint_when_ready=lambda: self._endpoints["ecr"],
            # This class makes its clients itself, with whatever credentials the config and the environment name.
            credentials=Credentials("", ""),
            region=config.get("region", ""),
            project=Path.cwd(),
            bytecode=Path(),
            site_origin="",
        )
        self._session = boto3.Session(
            profile_name=config.get("profile"),
            region_name=self.region,
            aws_access_key_id=config.get("accessKey"),
            aws_secret_access_key=config.get("secretKey"),
            aws_session_token=config.get("token"),
        )
        for role in _listed(config, "assumeRoles"):
            self._session = self._assumed(role)
        self.caller: dict[str, str] = self._make("sts").get_caller_identity()
        self.account_id = self.caller["Account"]
        allowed = [str(account) for account in _listed(config, "allowedAccountIds")]
        if allowed and self.account_id not in allowed:
            raise NotAllowed(f"AWS account ID not allowed: {self.account_id}")

    def client(self, service: str) -> Any:
        with self._creating:
            if service not in self._clients:
                self._clients[service] = self._make(service)
            return self._clients[service]

    def _make(self, service: str) -> Any:
        name = _ENDPOINT_NAMES.get(service, service)
        if name not in self._endpoints:
            raise KeyError(f"the stack's aws:endpoints name no {name}, and tests never reach AWS itself")
        assert self._session is not None
        make: Any = self._session.client
        # Answers that are lost are not asked for again: a second attempt would hide what the first one did.
        settings = Config(max_pool_connections=32, retries={"total_max_attempts": 1})
        return make(service, endpoint_url=self._endpoints[name], config=settings)

    def _assumed(self, role: Mapping[str, Any]) -> boto3.Session:
        assumed = self._make("sts").assume_role(RoleArn=role["roleArn"], RoleSessionName=role.get("sessionName", "up"))
        keys = assumed["Credentials"]
        session = BotocoreSession()
        session.set_credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        return boto3.Session(botocore_session=session, region_name=self.region)


def _listed(config: Mapping[str, str], key: str) -> list[Any]:
    return json.loads(config.get(key) or "[]")
