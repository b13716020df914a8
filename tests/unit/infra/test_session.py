"""What the environment says of AWS has no part in a stack that says it itself."""

from __future__ import annotations

import json

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
