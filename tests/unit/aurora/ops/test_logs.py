"""Reading functions' logs: of any subject, and from an account that is busy. Whole stories are in tests/unit/client."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Self

import pytest
from botocore.exceptions import ClientError

from aurora.errors import CommandError
from aurora.ops import logs
from aurora.ops.logs import FunctionLog, LogRequest, LogSubject, show_logs
from tests.support.stacks import GivenStack

ORDER = LogSubject("order 7", "order", "7")


def line(message: str, **fields: str) -> str:
    return json.dumps({"level": "INFO", "message": message, "service": "shop", **fields})


class Throttling:
    """A client whose first answers are that too much is asked."""

    def __init__(self, times: int) -> None:
        self.left = times

    def get_paginator(self, _: str) -> Self:
        return self

    def paginate(self, **_: object) -> list[dict[str, Any]]:
        if self.left:
            self.left -= 1
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "FilterLogEvents")
        return [{"events": [{"logStreamName": "s", "timestamp": 0, "message": line("there", order="7")}]}]


def test_a_busy_account_is_waited_for_but_not_for_ever() -> None:
    pauses: list[float] = []
    log = FunctionLog(Throttling(2), "group", "shop", ORDER, sleep=pauses.append)
    assert [each.message for each in log.more()] == ["there"]
    assert len(pauses) == 2
    with pytest.raises(ClientError):
        FunctionLog(Throttling(99), "group", "shop", ORDER, sleep=pauses.append).more()


class LogsOf(GivenStack):
    """A stack whose one function wrote these lines."""

    def __init__(self, *lines: str) -> None:
        super().__init__({"functions": {"shop": "arn:aws:lambda:eu-west-1:0:function:tales-dev-shop:live"}})
        self._lines = lines
        self.asked: list[Mapping[str, Any]] = []

    def client(self, service: str, region: str = "") -> Any:
        assert service == "logs"
        return self

    def get_paginator(self, _: str) -> Self:
        return self

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:
        self.asked.append(asked)
        wanted = json.loads(asked["filterPattern"])
        events = [{"logStreamName": "s", "timestamp": 0, "message": each} for each in self._lines if wanted in each]
        return [{"events": events}]


def test_where_no_system_says_otherwise_a_subject_is_a_text_that_lines_hold(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = LogsOf(line("an order comes", order="o-7"), line("another comes", order="o-8"), "START RequestId: o-7")
    monkeypatch.setattr(logs, "systems", lambda: ())
    monkeypatch.setattr(logs, "stack_named", lambda _: stack)
    assert show_logs(LogRequest("o-7", "dev")) == 0
    (shown,) = capsys.readouterr().out.splitlines()
    assert shown.endswith("  shop  an order comes")
    assert stack.asked[0]["logGroupName"] == "/aws/lambda/tales-dev-shop"
    with pytest.raises(CommandError, match="The logs hold nothing about 'o-9'"):
        show_logs(LogRequest("o-9", "dev"))
