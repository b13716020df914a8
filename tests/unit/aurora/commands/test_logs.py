"""One course's story out of many functions' logs, in the embedded AWS and as its own local platform."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Self

import pytest
from botocore.exceptions import ClientError

from aurora.commands import logs
from aurora.commands.logs import FunctionLog, LogRequest, Story, tell
from aurora.errors import CommandError, InvalidInput
from aurora.local.emulator import Emulator
from aurora.ops import target
from aurora.ops.target import Target
from client.memory import CourseMemory
from functions.courses.paths import new_id
from tests.support.embedded_aws import access_key, client
from tests.unit.aurora.conftest import OUTPUTS

COURSE, OTHER = new_id(), new_id()
REQUEST = str(uuid.uuid4())


def line(second: int, service: str, message: str, course_id: str = COURSE, level: str = "INFO", **more: str) -> str:
    """What a function's logger writes."""
    when = f"2026-11-21 10:00:{second:02d},000+0000"
    about = {"course_id": course_id, "execution": f"{course_id}-1", "function_request_id": REQUEST}
    return json.dumps({"level": level, "message": message, "timestamp": when, "service": service, **about, **more})


STORY = {
    "content-gen": [
        "START RequestId: 1 Version: 1",
        line(3, "content-gen", "a lesson is written", unit="01-02"),
        line(1, "content-gen", "a lesson begins", unit="01-02"),
        line(2, "content-gen", "somebody else's lesson", OTHER),
        f"it is of {COURSE} but no structured line",
        f"2026-11-21T10:00:05Z {REQUEST} Task timed out after 900.00 seconds",
        "2026-11-21T10:00:05Z another-request Task timed out after 900.00 seconds",
    ],
    "batch-expander": [
        line(0, "batch-expander", "batches=<1> | the course begins"),
        line(6, "batch-expander", "quota\x1b[31m used up", level="WARNING", execution=f"{COURSE}-2"),
    ],
    "lab-writer": ["START RequestId: 2 Version: 1"],
}


class Logged:
    """A local platform whose functions have logged the story."""

    def __init__(self, emulator: Emulator) -> None:
        self.place = Target(
            stack="local",
            api="http://api",
            region=emulator.region,
            sign_in=emulator.endpoint,
            client_id="c",
            user_pool_id="p",
            access_key_id=emulator.credentials.access_key_id,
            secret_access_key=emulator.credentials.secret_access_key,
            local=True,
        )
        self.access_key = access_key(emulator)
        self._dynamodb = client(emulator, "dynamodb")
        self._logs = client(emulator, "logs")
        self._dynamodb.create_table(
            TableName="aurora-local-courses",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("owner", "course_id")],
            KeySchema=[
                {"AttributeName": "owner", "KeyType": "HASH"},
                {"AttributeName": "course_id", "KeyType": "RANGE"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        for function, lines in STORY.items():
            self._logs.create_log_group(logGroupName=f"/aws/lambda/aurora-local-{function}")
            self.log(function, lines)

    def log(self, function: str, lines: list[str]) -> None:
        """As Lambda does it: a stream of the function gets its lines, some while after they were written."""
        group, stream = f"/aws/lambda/aurora-local-{function}", uuid.uuid4().hex
        self._logs.create_log_stream(logGroupName=group, logStreamName=stream)
        events = [{"timestamp": 1_795_255_300_000, "message": each} for each in lines]
        self._logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)

    def end(self) -> None:
        self._dynamodb.delete_table(TableName="aurora-local-courses")
        for function in STORY:
            self._logs.delete_log_group(logGroupName=f"/aws/lambda/aurora-local-{function}")


@pytest.fixture(scope="module")
def logged(emulator: Emulator) -> Generator[Logged]:
    made = Logged(emulator)
    yield made
    made.end()


@pytest.fixture
def told(
    logged: Logged, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[LogRequest], list[str]]:
    """Tells a request's lines."""
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setattr(target, "running_local", lambda: logged.place)

    def tell_it(request: LogRequest) -> list[str]:
        assert tell(request) == 0
        return capsys.readouterr().out.splitlines()

    return tell_it


def messages(lines: list[str]) -> list[str]:
    return [each.rpartition("  ")[2] for each in lines]


def test_a_course_s_lines_of_every_function_come_in_the_order_in_which_they_were_written(
    told: Callable[[LogRequest], list[str]],
) -> None:
    lines = told(LogRequest(COURSE))
    assert messages(lines) == [
        "batches=<1> | the course begins",
        "a lesson begins",
        "a lesson is written",
        "WARNING: quota [31m used up",
        f"ERROR: 2026-11-21T10:00:05Z {REQUEST} Task timed out after 900.00 seconds",
    ]
    assert lines[1].split()[2:4] == ["content-gen", "01-02"]


def test_one_attempt_one_level_and_the_raw_lines_can_be_asked_for(told: Callable[[LogRequest], list[str]]) -> None:
    second = ["WARNING: quota [31m used up"]
    assert messages(told(LogRequest(COURSE, execution=2))) == second
    assert messages(told(LogRequest(f"{COURSE}-2"))) == second
    assert len(told(LogRequest(COURSE, level="WARNING"))) == 2
    assert json.loads(told(LogRequest(OTHER, as_json=True))[0]) == json.loads(STORY["content-gen"][3])


def test_a_folder_tells_its_newest_course_of_the_platform(
    told: Callable[[LogRequest], list[str]], tmp_path: Path
) -> None:
    for platform, course_id in (("local", OTHER), ("local", COURSE), ("https://api.example.com", new_id())):
        CourseMemory(tmp_path).remember(platform, course_id, "A course", tmp_path / "outline.yaml")
    assert len(told(LogRequest(str(tmp_path)))) == 5


def test_new_lines_follow_and_none_is_told_twice(
    told: Callable[[LogRequest], list[str]],
    logged: Logged,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(logs.Environment, "has", lambda *_: True)
    course_id, looks = new_id(), iter(["the labs begin", "a lab is written"])

    def meanwhile(_: float) -> None:
        message = next(looks, None)
        if message is None:
            raise KeyboardInterrupt
        logged.log("lab-writer", [line(30, "lab-writer", message, course_id)])

    with pytest.raises(KeyboardInterrupt):
        tell(LogRequest(course_id, follow=True), meanwhile)
    assert messages(capsys.readouterr().out.splitlines()) == ["the labs begin", "a lab is written"]


@pytest.mark.parametrize(
    ("request_", "error", "sentence"),
    [
        (LogRequest(new_id()), CommandError, "There is no course .* at local"),
        (LogRequest("no-such-folder"), InvalidInput, "neither a folder that `course --out` made nor the id"),
        (LogRequest(f"{COURSE}-2", execution=1), InvalidInput, "is an execution already"),
    ],
)
def test_what_is_no_course_is_a_sentence(
    told: Callable[[LogRequest], list[str]], request_: LogRequest, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        told(request_)


def test_a_course_of_which_nothing_is_logged_yet_is_another_sentence(
    told: Callable[[LogRequest], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs.Environment, "has", lambda *_: True)
    with pytest.raises(CommandError, match="Nothing is logged of this course yet"):
        told(LogRequest(new_id()))
    with pytest.raises(CommandError, match="Nothing of its execution 9 as grave as error was logged"):
        told(LogRequest(COURSE, execution=9, level="ERROR"))


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
        return [{"events": [{"logStreamName": "s", "timestamp": 0, "message": line(1, "content-gen", "there")}]}]


def test_a_busy_account_is_waited_for_but_not_for_ever() -> None:
    pauses: list[float] = []
    log = FunctionLog(Throttling(2), "group", "content-gen", Story(COURSE), pauses.append)
    assert [each.message for each in log.more()] == ["there"]
    assert len(pauses) == 2
    with pytest.raises(ClientError):
        FunctionLog(Throttling(99), "group", "content-gen", Story(COURSE), pauses.append).more()


def test_without_a_local_platform_it_says_how_to_read_a_stack_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "running_local", lambda: None)
    with pytest.raises(CommandError, match="-s STACK reads the logs of a deployed one"):
        tell(LogRequest(COURSE))


def deployed(pulumi: Path, **config: Any) -> None:
    """The stack dev, whose config is that."""
    functions = {name: f"arn:aws:lambda:us-east-1:0:function:aurora-local-{name}:live" for name in STORY}
    (pulumi / "stack").write_text(json.dumps({**OUTPUTS, "environment": "local", "functions": functions}))
    values = {"aws:region": "us-east-1", **config}
    shown = {key: {"value": value, "objectValue": value, "secret": False} for key, value in values.items()}
    (pulumi / "config").write_text(json.dumps(shown))


def test_a_deployed_stack_s_functions_are_known_from_its_outputs(
    logged: Logged, pulumi: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = logged.place.sign_in
    deployed(pulumi, **logged.access_key, **{"aws:endpoints": [{"logs": url, "dynamodb": url}]})
    assert tell(LogRequest(COURSE, "dev")) == 0
    assert len(capsys.readouterr().out.splitlines()) == 5
    with pytest.raises(CommandError, match="There is no course"):
        tell(LogRequest(new_id(), "dev"))


def test_who_is_not_signed_in_to_aws_is_told_how_to(pulumi: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(pulumi / "absent"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    deployed(pulumi)
    with pytest.raises(CommandError, match=r"there are no credentials.*\naws sso login"):
        tell(LogRequest(COURSE, "dev"))
