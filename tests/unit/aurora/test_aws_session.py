"""AWS as a stack's config describes it: what the environment says has no part in what the stack says itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient

from aurora.aws_session import StackSession, WrongAccount
from aurora.local.emulator import ACCOUNT_ID, Emulator
from tests.support.embedded_aws import client, make_role
from tests.unit.aurora.image.conftest import stack_config


def test_a_stack_with_keys_and_endpoints_of_its_own_asks_neither_a_profile_nor_a_proxy(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody-has-this-profile")
    for proxy in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    session = StackSession(stack_config(emulator))
    assert session.client("sts").get_caller_identity()["Account"] == ACCOUNT_ID


def test_a_role_that_is_assumed_asks_no_profile_of_the_environment(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody-has-this-profile")
    roles = json.dumps([{"roleArn": make_role(emulator, "deployer")}])
    session = StackSession({**stack_config(emulator), "aws:assumeRoles": roles})
    assert "assumed-role/deployer/" in session.client("sts").get_caller_identity()["Arn"]


def test_the_certificates_to_trust_are_those_of_the_environment_or_of_the_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text("[profile team]\nca_bundle = /of/the/profile.pem\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    for name in ("AWS_CA_BUNDLE", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    assert StackSession({"aws:region": "eu-west-1"}).certificates == ""
    assert StackSession({"aws:region": "eu-west-1", "aws:profile": "team"}).certificates == "/of/the/profile.pem"
    monkeypatch.setenv("AWS_CA_BUNDLE", "/of/the/environment.pem")
    assert StackSession({"aws:region": "eu-west-1"}).certificates == "/of/the/environment.pem"


def test_an_account_that_the_stack_does_not_allow_is_refused(emulator: Emulator) -> None:
    session = StackSession({**stack_config(emulator), "aws:allowedAccountIds": '["111122223333"]'})
    with pytest.raises(WrongAccount, match=r"account 000000000000.*111122223333"):
        session.client("ecr")


def test_an_account_that_the_stack_allows_is_used(emulator: Emulator) -> None:
    session = StackSession({**stack_config(emulator), "aws:allowedAccountIds": '["000000000000"]'})
    assert session.client("sts").get_caller_identity()["Account"] == "000000000000"


def test_the_stack_s_region_wins_over_the_environment(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    assert StackSession(stack_config(emulator)).client("ecr").meta.region_name == "eu-west-1"


def test_a_role_of_the_stack_is_assumed(emulator: Emulator) -> None:
    roles = json.dumps([{"roleArn": make_role(emulator, "deployer"), "sessionName": "up"}])
    session = StackSession({**stack_config(emulator), "aws:assumeRoles": roles})
    assert "assumed-role/deployer/up" in session.client("sts").get_caller_identity()["Arn"]


def test_a_role_is_assumed_with_all_that_it_demands_and_restricts(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    make_call: Any = getattr(BaseClient, "_make_api_call")  # noqa: B009 - botocore's one place for every call

    def noting(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        sent.append({"operation": operation, **arguments})
        return make_call(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", noting)
    role = {"roleArn": make_role(emulator, "lent"), "externalId": "agreed", "tags": {"team": "platform"}}
    StackSession({**stack_config(emulator), "aws:assumeRoles": [{**role, "policyArns": ["arn:aws:iam::aws:policy/X"]}]})
    (assumed,) = [call for call in sent if call["operation"] == "AssumeRole"]
    assert assumed["ExternalId"] == "agreed"
    assert assumed["Tags"] == [{"Key": "team", "Value": "platform"}]
    assert assumed["PolicyArns"] == [{"arn": "arn:aws:iam::aws:policy/X"}]


def test_temporary_credentials_of_the_stack_are_used_whole(emulator: Emulator) -> None:
    lent = client(emulator, "sts").assume_role(RoleArn=make_role(emulator, "lent"), RoleSessionName="test")[
        "Credentials"
    ]
    temporary = {
        "aws:accessKey": lent["AccessKeyId"],
        "aws:secretKey": lent["SecretAccessKey"],
        "aws:token": lent["SessionToken"],
    }
    sts = StackSession({**stack_config(emulator), **temporary}).client("sts")
    sent: list[Any] = []
    sts.meta.events.register("before-send.sts", lambda request, **_: sent.append(request.headers))
    sts.get_caller_identity()
    (headers,) = sent
    assert headers["X-Amz-Security-Token"] in (lent["SessionToken"], lent["SessionToken"].encode())
