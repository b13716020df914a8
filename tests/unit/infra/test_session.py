"""What the environment says of AWS has no part in a stack that says it itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aurora.local.emulator import ACCOUNT_ID, Emulator
from infra.session import StackSession


def test_a_stack_with_keys_and_endpoints_of_its_own_asks_neither_a_profile_nor_a_proxy(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody-has-this-profile")
    for proxy in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    session = StackSession(
        {
            "aws:region": "eu-west-1",
            "aws:accessKey": "test",
            "aws:secretKey": "test",
            "aws:endpoints": json.dumps([{"sts": emulator.endpoint}]),
        }
    )
    assert session.client("sts").get_caller_identity()["Account"] == ACCOUNT_ID


def test_a_role_that_is_assumed_asks_no_profile_of_the_environment(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody-has-this-profile")
    session = StackSession(
        {
            "aws:region": "eu-west-1",
            "aws:accessKey": "test",
            "aws:secretKey": "test",
            "aws:endpoints": json.dumps([{"sts": emulator.endpoint}]),
            "aws:assumeRoles": json.dumps([{"roleArn": "arn:aws:iam::000000000000:role/deployer"}]),
        }
    )
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
