"""One course's story out of many functions' logs, in the embedded AWS and as its own local platform."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from aurora.errors import CommandError, InvalidInput
from aurora.local import stack as stacks
from aurora.local.emulator import Emulator
from aurora.local.stack import LocalStack
from aurora.ops.logs import LogRequest, show_logs
from client import course_logs
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
        functions = {name: f"arn:aws:lambda:us-east-1:0:function:aurora-local-{name}:live" for name in STORY}
        self.stack = LocalStack(
            {
                "endpoint": emulator.endpoint,
                "region": emulator.region,
                "access_key_id": emulator.credentials.access_key_id,
                "secret_access_key": emulator.credentials.secret_access_key,
                "email": "author@aurora.local",
                "password": "password",
                "site": "http://127.0.0.1:1",
                "outputs": {"environment": "local", "functions": functions},
            },
            ended=lambda: False,
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
def shown(
    logged: Logged, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[LogRequest], list[str]]:
    """Shows a request's lines."""
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setattr(stacks, "running", lambda: logged.stack)

    def show(request: LogRequest) -> list[str]:
        assert show_logs(request) == 0
        return capsys.readouterr().out.splitlines()

    return show


def messages(lines: list[str]) -> list[str]:
    return [each.rpartition("  ")[2] for each in lines]


def test_a_course_s_lines_of_every_function_come_in_the_order_in_which_they_were_written(
    shown: Callable[[LogRequest], list[str]],
) -> None:
    lines = shown(LogRequest(COURSE))
    assert messages(lines) == [
        "batches=<1> | the course begins",
        "a lesson begins",
        "a lesson is written",
        "WARNING: quota [31m used up",
        f"ERROR: 2026-11-21T10:00:05Z {REQUEST} Task timed out after 900.00 seconds",
    ]
    assert lines[1].split()[2:4] == ["content-gen", "01-02"]


def test_one_attempt_one_level_and_the_raw_lines_can_be_asked_for(shown: Callable[[LogRequest], list[str]]) -> None:
    second = ["WARNING: quota [31m used up"]
    assert messages(shown(LogRequest(COURSE, execution=2))) == second
    assert messages(shown(LogRequest(f"{COURSE}-2"))) == second
    assert len(shown(LogRequest(COURSE, level="WARNING"))) == 2
    assert json.loads(shown(LogRequest(OTHER, as_json=True))[0]) == json.loads(STORY["content-gen"][3])


def test_a_folder_means_its_newest_course_of_the_platform(
    shown: Callable[[LogRequest], list[str]], tmp_path: Path
) -> None:
    for platform, course_id in (("local", OTHER), ("local", COURSE), ("https://api.example.com", new_id())):
        CourseMemory(tmp_path).remember(platform, course_id, "A course", tmp_path / "outline.yaml")
    assert len(shown(LogRequest(str(tmp_path)))) == 5


def test_new_lines_follow_and_none_is_shown_twice(
    shown: Callable[[LogRequest], list[str]],
    logged: Logged,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(course_logs, "_exists", lambda *_: True)
    course_id, looks = new_id(), iter(["the labs begin", "a lab is written"])

    def meanwhile(_: float) -> None:
        message = next(looks, None)
        if message is None:
            raise KeyboardInterrupt
        logged.log("lab-writer", [line(30, "lab-writer", message, course_id)])

    with pytest.raises(KeyboardInterrupt):
        show_logs(LogRequest(course_id, follow=True), meanwhile)
    assert messages(capsys.readouterr().out.splitlines()) == ["the labs begin", "a lab is written"]


@pytest.mark.parametrize(
    ("request_", "error", "sentence"),
    [
        (LogRequest(new_id()), CommandError, "There is no course .* in local"),
        (LogRequest("no-such-folder"), InvalidInput, "not a folder that `course --out` made, or the id"),
        (LogRequest(f"{COURSE}-2", execution=1), InvalidInput, "is an execution already"),
    ],
)
def test_what_is_no_course_is_a_sentence(
    shown: Callable[[LogRequest], list[str]], request_: LogRequest, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        shown(request_)


def test_a_course_of_which_nothing_is_logged_yet_is_another_sentence(
    shown: Callable[[LogRequest], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course_logs, "_exists", lambda *_: True)
    with pytest.raises(CommandError, match=r"The logs hold nothing about course [0-9a-f]+:"):
        shown(LogRequest(new_id()))
    with pytest.raises(
        CommandError, match=r"Nothing of severity error or higher was logged about course [0-9a-f]+, execution 9"
    ):
        shown(LogRequest(COURSE, execution=9, level="ERROR"))


def test_without_a_local_platform_it_says_how_to_read_a_stack_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "running", lambda: None)
    with pytest.raises(CommandError, match="or name a deployed stack with -s STACK"):
        show_logs(LogRequest(COURSE))


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
    url = logged.stack.endpoint
    deployed(pulumi, **logged.access_key, **{"aws:endpoints": [{"logs": url, "dynamodb": url}]})
    assert show_logs(LogRequest(COURSE, "dev")) == 0
    assert len(capsys.readouterr().out.splitlines()) == 5
    with pytest.raises(CommandError, match="There is no course"):
        show_logs(LogRequest(new_id(), "dev"))


def test_who_is_not_signed_in_to_aws_is_shown_how_to(pulumi: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(pulumi / "absent"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    deployed(pulumi)
    with pytest.raises(CommandError, match=r"there are no credentials.*\naws sso login"):
        show_logs(LogRequest(COURSE, "dev"))
