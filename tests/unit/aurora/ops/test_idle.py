"""Whether an environment is idle, asked of the embedded AWS: every kind of use keeps it, and so does not knowing."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from aurora.commands.cli import app
from aurora.errors import CommandError
from aurora.local.emulator import ACCOUNT_ID, Emulator
from aurora.ops.idle import IN_USE, Limits, report_whether_idle
from functions.courses.records import CourseRecord, CourseRecords
from tests.support.courses import run_options
from tests.support.embedded_aws import access_key, client, make_role

REGION = "us-east-1"
SERVICES = ("cloudwatch", "dynamodb", "lambda", "s3", "sfn", "sts")
LIMITS = Limits(quiet=timedelta(hours=12), recent=timedelta(days=7))
# Long after everything below was made, so that only what a test says happened lately.
NOW = datetime.now(UTC) + timedelta(days=30)
OWNER = "3f1c7a52-5b1e-4f0e-9a53-1f6c0d8a7e11"


@dataclass
class Environment:
    """A deployed stack, as far as the question needs it, in an emulator that other tests use as well."""

    stack: str
    emulator: Emulator
    outputs: dict[str, Any]
    folder: Path

    def client(self, service: str) -> Any:
        return client(self.emulator, service)

    @property
    def function(self) -> str:
        return f"aurora-{self.stack}-courses-api"

    def invoked(self, at: datetime, times: int) -> None:
        self.client("cloudwatch").put_metric_data(
            Namespace="AWS/Lambda",
            MetricData=[
                {
                    "MetricName": "Invocations",
                    "Dimensions": [{"Name": "FunctionName", "Value": self.function}],
                    "Timestamp": at,
                    "Value": times,
                }
            ],
        )

    def course(self, created: datetime, started: datetime | None = None) -> str:
        course_id = uuid.uuid4().hex
        record = CourseRecord(
            owner=OWNER,
            course_id=course_id,
            title="A course",
            language="en",
            created_at=created.isoformat(),
            outline_key="k",
            modules=1,
            lessons=1,
            labs=0,
            attempt=1,
            execution=f"{course_id}-1",
            started_at=(started or created).timestamp(),
            request=run_options(),
            units=1,
            launched=True,
        )
        assert CourseRecords(f"aurora-{self.stack}-courses", self.client("dynamodb")).claim(record, 0)
        return course_id

    def put(self, course_id: str, name: str, body: bytes) -> None:
        key = f"users/{OWNER}/courses/{course_id}/{name}"
        self.client("s3").put_object(Bucket=self.outputs["buckets"]["content"], Key=key, Body=body)

    def start_execution(self) -> str:
        return self.client("stepfunctions").start_execution(stateMachineArn=self.outputs["stateMachines"]["courses"])[
            "executionArn"
        ]

    def answer(self, name: str, value: Any) -> None:
        """What `pulumi` answers from now on: `state`, `outputs` or `config`."""
        (self.folder / name).write_text(json.dumps(value))

    def ask(self, export: Path | None = None) -> int:
        return report_whether_idle(self.stack, LIMITS, export, NOW)


@pytest.fixture
def environment(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    stack = f"idle{uuid.uuid4().hex[:8]}"
    function = f"aurora-{stack}-courses-api"
    outputs = {
        "environment": stack,
        "account": ACCOUNT_ID,
        "region": REGION,
        "buckets": {"content": f"aurora-{stack}-content"},
        "stateMachines": {"courses": f"arn:aws:states:{REGION}:{ACCOUNT_ID}:stateMachine:aurora-{stack}-courses"},
        "functions": {"courses-api": f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{function}:live"},
    }
    made = Environment(stack, emulator, outputs, tmp_path)
    made.client("s3").create_bucket(Bucket=outputs["buckets"]["content"])
    made.client("dynamodb").create_table(
        TableName=f"aurora-{stack}-courses",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "owner", "KeyType": "HASH"},
            {"AttributeName": "course_id", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("owner", "course_id")],
    )
    role = make_role(emulator, function)
    made.client("lambda").create_function(
        FunctionName=function, Runtime="provided.al2023", Role=role, Handler="h", Code={"ZipFile": _an_archive()}
    )
    waits = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}
    made.client("stepfunctions").create_state_machine(
        name=f"aurora-{stack}-courses", definition=json.dumps(waits), roleArn=role
    )
    _pulumi_on_path(tmp_path, monkeypatch)
    made.answer("state", {"deployment": {"resources": [{"urn": "urn:pulumi:...", "type": "pulumi:pulumi:Stack"}]}})
    made.answer("outputs", outputs)
    config = {
        "aws:region": REGION,
        **access_key(emulator),
        "aws:endpoints": json.dumps([dict.fromkeys(SERVICES, emulator.endpoint)]),
    }
    made.answer("config", {key: {"value": value, "secret": False} for key, value in config.items()})
    yield made
    machines = made.client("stepfunctions")
    for running in machines.list_executions(stateMachineArn=outputs["stateMachines"]["courses"])["executions"]:
        machines.stop_execution(executionArn=running["executionArn"])
    machines.delete_state_machine(stateMachineArn=outputs["stateMachines"]["courses"])
    made.client("lambda").delete_function(FunctionName=function)
    made.client("dynamodb").delete_table(TableName=f"aurora-{stack}-courses")
    s3 = made.client("s3")
    for stored in s3.list_objects_v2(Bucket=outputs["buckets"]["content"]).get("Contents", []):
        s3.delete_object(Bucket=outputs["buckets"]["content"], Key=stored["Key"])
    s3.delete_bucket(Bucket=outputs["buckets"]["content"])


def _an_archive() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("bootstrap", "#!/bin/sh\n")
    return content.getvalue()


def _pulumi_on_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `pulumi` that knows one stack: its state, outputs and config are files."""
    program = folder / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\n"
        f'case "$1 $2" in "stack export") cat {folder}/state ;; "stack output") cat {folder}/outputs ;; '
        f"config*) cat {folder}/config ;; *) exit 1 ;; esac\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")


def test_a_quiet_environment_without_courses_is_idle(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert environment.ask() == 0
    assert capsys.readouterr().out == f"The stack {environment.stack} is idle.\n"


def test_an_invocation_within_the_hours_is_use(environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    environment.invoked(NOW - timedelta(hours=11), 2)
    environment.invoked(NOW - timedelta(hours=3), 1)
    assert environment.ask() == IN_USE
    assert f"{environment.function} ran 3 times since" in capsys.readouterr().out


def test_an_invocation_before_them_is_not(environment: Environment) -> None:
    environment.invoked(NOW - timedelta(hours=13, minutes=1), 5)
    assert environment.ask() == 0


def test_a_deployment_within_the_hours_is_use(environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    assert report_whether_idle(environment.stack, LIMITS, None) == IN_USE
    assert f"{environment.function} was deployed on" in capsys.readouterr().out


def test_a_running_execution_is_use(environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    execution = environment.start_execution()
    assert environment.ask() == IN_USE
    assert "an execution runs since" in capsys.readouterr().out
    environment.client("stepfunctions").stop_execution(executionArn=execution)
    assert environment.ask() == 0


def test_a_young_course_keeps_it_alive(environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    environment.course(NOW - timedelta(days=6, hours=23))
    environment.course(NOW - timedelta(days=8))
    assert environment.ask() == IN_USE
    assert "authors worked on 1 course lately, last on" in capsys.readouterr().out


def test_an_old_course_that_was_gone_on_with_lately_keeps_it_alive(environment: Environment) -> None:
    environment.course(NOW - timedelta(days=90), started=NOW - timedelta(days=2))
    assert environment.ask() == IN_USE


def test_old_courses_do_not_keep_it_alive(environment: Environment) -> None:
    environment.course(NOW - timedelta(days=7, minutes=1))
    assert environment.ask() == 0


def test_a_course_that_is_exported_no_longer_keeps_it_alive(environment: Environment, tmp_path: Path) -> None:
    young, old = environment.course(NOW - timedelta(days=1)), environment.course(NOW - timedelta(days=70))
    environment.put(young, "book/book.md", b"# A course\n")
    environment.put(young, "lessons/module-01-lesson-01-first.md", b"text")
    environment.put(old, "book/book.md", b"# Old\n")
    assert environment.ask(export=tmp_path / "out") == 0
    exported = {
        path.relative_to(tmp_path / "out").as_posix(): path.read_bytes()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    assert exported == {
        f"{young}/book/book.md": b"# A course\n",
        f"{young}/lessons/module-01-lesson-01-first.md": b"text",
    }


def test_nothing_is_exported_from_an_environment_that_is_in_use_anyway(
    environment: Environment, tmp_path: Path
) -> None:
    environment.put(environment.course(NOW - timedelta(days=1)), "book/book.md", b"# A course\n")
    environment.start_execution()
    assert environment.ask(export=tmp_path / "out") == IN_USE
    assert not (tmp_path / "out").exists()


def test_an_export_that_cannot_be_written_is_no_idleness(environment: Environment, tmp_path: Path) -> None:
    environment.put(environment.course(NOW - timedelta(days=1)), "book/book.md", b"# A course\n")
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(CommandError, match="cannot be written: "):
        environment.ask(export=tmp_path / "out")


def test_an_object_that_would_leave_the_folder_is_refused(environment: Environment, tmp_path: Path) -> None:
    environment.put(environment.course(NOW - timedelta(days=1)), "lessons/../../../else.md", b"x")
    with pytest.raises(CommandError, match="holds an object that no course has"):
        environment.ask(export=tmp_path / "out")


def test_a_stack_with_nothing_deployed_has_nothing_to_end(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.answer("state", {"deployment": {"resources": []}})
    assert environment.ask() == 0
    assert capsys.readouterr().out == f"Nothing is deployed in the stack {environment.stack}.\n"


def test_a_first_deployment_that_failed_is_an_error(environment: Environment) -> None:
    environment.answer("outputs", {})
    with pytest.raises(CommandError, match="Nothing is deployed in the stack"):
        environment.ask()


@pytest.mark.parametrize("output", ["functions", "stateMachines", "buckets", "environment"])
def test_a_stack_of_another_program_is_an_error(environment: Environment, output: str) -> None:
    environment.answer("outputs", {key: value for key, value in environment.outputs.items() if key != output})
    with pytest.raises(CommandError, match=f"has no output '{output}': update it: pulumi up"):
        environment.ask()


@pytest.mark.parametrize("service", ["cloudwatch", "dynamodb", "lambda", "sfn"])
def test_a_look_that_fails_is_no_idleness(environment: Environment, service: str) -> None:
    """Each question goes to a service of its own: whichever does not answer, the command fails."""
    endpoints = {**dict.fromkeys(SERVICES, environment.emulator.endpoint), service: "http://127.0.0.1:9"}
    config = json.loads((environment.folder / "config").read_text())
    config["aws:endpoints"]["value"] = json.dumps([endpoints])
    environment.answer("config", config)
    with pytest.raises(CommandError, match="cannot be reached"):
        environment.ask()


def test_a_function_that_somebody_deleted_is_an_error(environment: Environment) -> None:
    functions = {"gone": f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:aurora-{environment.stack}-gone:live"}
    environment.answer("outputs", {**environment.outputs, "functions": functions})
    with pytest.raises(CommandError, match="AWS"):
        environment.ask()


def test_the_command_ends_with_the_exit_code_and_takes_its_limits(environment: Environment) -> None:
    run = CliRunner().invoke(app, ["idle", "-s", environment.stack, "--hours", "1"])
    assert run.exit_code == IN_USE
    assert "is in use" in run.stdout
    assert CliRunner().invoke(app, ["idle", "-s", environment.stack, "--hours", "0"]).exit_code == 2
    assert CliRunner().invoke(app, ["idle"]).exit_code == 2
