"""The one boto3 session of everything that talks to AWS beside Pulumi's own provider.

It reads the stack's ``aws:`` config, so a profile or region there wins over environment variables, and refuses an
account that the stack does not allow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import boto3
from botocore.config import Config
from botocore.session import Session as BotocoreSession

from aurora.settings import endpoints, listed

# Services that Pulumi calls by another name than boto3.
_RENAMED = {"stepfunctions": "sfn"}


class WrongAccount(Exception):
    """The credentials belong to an account that ``aws:allowedAccountIds`` does not list."""


# Optional fields of an entry of aws:assumeRoles, by Pulumi's name and STS's. STS chooses the duration.
_ROLE_OPTIONS = {
    "externalId": "ExternalId",
    "policy": "Policy",
    "sourceIdentity": "SourceIdentity",
    "transitiveTagKeys": "TransitiveTagKeys",
}


class StackSession:
    """AWS as one stack's config describes it.

    ``config`` maps ``aws:region``, ``aws:profile``, ``aws:accessKey``, ``aws:secretKey``, ``aws:token``,
    ``aws:assumeRoles``, ``aws:endpoints`` and ``aws:allowedAccountIds`` to the values of the stack config; lists may
    be JSON text, as Pulumi hands them over. ``seconds`` limits how long a call waits for AWS, without retries; by
    default boto3 waits longer and retries.
    """

    def __init__(self, config: Mapping[str, Any], *, seconds: float | None = None) -> None:
        self._options = (
            Config(connect_timeout=seconds, read_timeout=seconds, retries={"total_max_attempts": 1})
            if seconds
            else Config()
        )
        self._endpoints = endpoints(config)
        self._allowed = [str(account) for account in listed(config, "aws:allowedAccountIds")]
        own = _without_profile() if config.get("aws:accessKey") else BotocoreSession()
        self._session = boto3.Session(
            botocore_session=own,
            profile_name=config.get("aws:profile"),
            region_name=config.get("aws:region"),
            aws_access_key_id=config.get("aws:accessKey"),
            aws_secret_access_key=config.get("aws:secretKey"),
            aws_session_token=config.get("aws:token"),
        )
        # A profile may name the bundle, beside AWS_CA_BUNDLE.
        self._certificates = str(own.get_config_variable("ca_bundle") or "")  # pyright: ignore[reportUnknownMemberType]
        for role in listed(config, "aws:assumeRoles"):
            self._session = self._assume(role)

    def client(self, service: str, region: str = "") -> Any:
        """A boto3 client of ``service``, in the stack's region unless another is named.

        Raises:
            WrongAccount: on the first call, if the stack does not allow the account.
        """
        self._check_account()
        return self._client(service, region)

    def endpoint(self, service: str) -> str | None:
        """The URL that the stack config names for a service in place of AWS's own."""
        # Pulumi names endpoints without hyphens (``cognitoidp``), boto3 with (``cognito-idp``).
        return self._endpoints.get(_RENAMED.get(service, service.replace("-", "")))

    @property
    def certificates(self) -> str:
        """The file with the certificates that AWS is trusted by, as behind a company's proxy; "" for the usual ones."""
        return self._certificates

    def _client(self, service: str, region: str = "") -> Any:
        make = cast("Callable[..., Any]", self._session.client)  # pyright: ignore[reportUnknownMemberType]
        url = self.endpoint(service)
        # Loopback is never behind a proxy, whatever the environment says.
        direct = Config(proxies={}) if url and url.startswith("http://127.") else Config()
        return make(
            service,
            region_name=region or None,
            endpoint_url=url,
            verify=self._certificates or None,
            config=self._options.merge(direct),
        )

    def _check_account(self) -> None:
        if not self._allowed:
            return
        account = self._client("sts").get_caller_identity()["Account"]
        if account not in self._allowed:
            raise WrongAccount(
                f"these credentials belong to account {account}, but the stack may only be deployed to "
                f"{', '.join(self._allowed)} (aws:allowedAccountIds): choose another profile (aws:profile)"
            )
        self._allowed = []

    def _assume(self, role: Mapping[str, Any]) -> boto3.Session:
        options = {api: role[key] for key, api in _ROLE_OPTIONS.items() if role.get(key)}
        if role.get("tags"):
            options["Tags"] = [{"Key": key, "Value": value} for key, value in role["tags"].items()]
        if role.get("policyArns"):
            options["PolicyArns"] = [{"arn": arn} for arn in role["policyArns"]]
        credentials = self._client("sts").assume_role(
            RoleArn=role["roleArn"], RoleSessionName=role.get("sessionName", "aurora"), **options
        )["Credentials"]
        session = _without_profile()
        session.set_credentials(  # pyright: ignore[reportUnknownMemberType]
            credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]
        )
        return boto3.Session(botocore_session=session, region_name=self._session.region_name)


def _without_profile() -> BotocoreSession:
    """A session without a profile, even if the environment names one: the stack's keys and a role's need none."""
    return BotocoreSession({"profile": (None, None, None, None)})
