"""A `pulumi` whose answers a test chooses, and AWS in the emulator as a stack's config describes it."""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from aurora.aws_session import StackSession
from aurora.local.emulator import Emulator
from aurora.ops.doctor import examine
from tests.support.embedded_aws import access_key

_SCRIPT = """#!/bin/sh
cd {folder}
echo "$@" >> calls
name="$1"
case "$1" in stack|plugin) name="$1-$2";; esac
case "$*" in *--show-secrets*) name="$name-secrets";; esac
if [ -e "$name.error" ]; then cat "$name.error" >&2; exit 255; fi
exec cat "$name"
"""
_SERVICES = ("ecr", "sts", "lambda", "bedrockruntime")


@dataclass(frozen=True)
class FakePulumi:
    """A `pulumi` on PATH whose every command prints a file of this folder, or fails with what its error file says.

    The file is named after the command: `whoami`, `config`, `stack-export`; `config-secrets` where they are shown.
    """

    folder: Path
    stack: str

    def answers(self, command: str, answer: Any) -> None:
        (self.folder / command).write_text(answer if isinstance(answer, str) else json.dumps(answer))

    def fails(self, command: str, error: str) -> None:
        (self.folder / f"{command}.error").write_text(f"error: {error}\n")

    def config(self, values: Mapping[str, Any], secrets: Mapping[str, Any] | None = None) -> None:
        """Answers with this config, secrets as the CLI shows them: only where they are asked for."""
        plain = {
            key: {"value": json.dumps(value), "objectValue": value, "secret": False}
            if isinstance(value, list)
            else {"value": value, "secret": False}
            for key, value in values.items()
        }
        hidden = {key: {"secret": True} for key in secrets or {}}
        shown = {key: {"value": value, "secret": True} for key, value in (secrets or {}).items()}
        self.answers("config", {**plain, **hidden})
        self.answers("config-secrets", {**plain, **shown})

    def state(self, resources: list[dict[str, Any]], secrets: str = "service") -> None:
        self.answers(
            "stack-export",
            {"version": 3, "deployment": {"secrets_providers": {"type": secrets}, "resources": resources}},
        )

    @property
    def calls(self) -> list[str]:
        calls = self.folder / "calls"
        return calls.read_text().splitlines() if calls.exists() else []


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakePulumi:
    """A CLI whose user is logged in, with a stack of a name that no other test has, in which nothing is deployed."""
    folder = tmp_path / "pulumi"
    folder.mkdir()
    program = tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text(_SCRIPT.format(folder=folder))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    for name in list(os.environ):
        if name.startswith(("PULUMI_", "AWS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "aws-credentials"))
    fake = FakePulumi(folder, f"t{uuid.uuid4().hex[:8]}")
    fake.answers("version", "v3.200.0\n")
    fake.answers("plugin-ls", [])
    fake.answers("whoami", {"user": "somebody", "url": "https://app.pulumi.com/somebody"})
    fake.config({"aws:region": "eu-west-1"})
    fake.state([])
    return fake


@pytest.fixture
def config(emulator: Emulator, pulumi: FakePulumi) -> dict[str, Any]:
    """The stack's config, which puts the emulator in AWS's place."""
    values = {**in_place_of_aws(emulator.endpoint), **access_key(emulator)}
    pulumi.config(values)
    return values


@pytest.fixture
def session(config: dict[str, Any]) -> StackSession:
    return StackSession(config)


def in_place_of_aws(url: str) -> dict[str, Any]:
    """The config of a stack whose AWS is a server of a test's at ``url``."""
    return {
        "aws:region": "eu-west-1",
        "aws:accessKey": "test",
        "aws:secretKey": "test",
        "aws:endpoints": [dict.fromkeys(_SERVICES, url)],
    }


@pytest.fixture
def refusing() -> Generator[RefusingAws]:
    """AWS as one meets it with credentials that are no good; what it says can be chosen."""
    aws = RefusingAws()
    thread = Thread(target=aws.server.serve_forever, daemon=True)
    thread.start()
    yield aws
    aws.server.shutdown()
    aws.server.server_close()
    thread.join()


class RefusingAws:
    """Answers every call of the services in ``refusals`` (a part of the path each) with that error, others with STS's
    good answer."""

    def __init__(self) -> None:
        self.refusals: dict[str, tuple[str, str]] = {}
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                owner.answer(self)

            do_GET = do_POST

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing: tests read what the command prints."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        found = next((error for path, error in self.refusals.items() if re.search(path, request.path)), None)
        status, headers, body = 200, {"Content-Type": "text/xml"}, _IDENTITY
        if found:
            code, message = found
            status, headers = 400, {"x-amzn-errortype": code, "Content-Type": "application/json"}
            body = json.dumps({"message": message})
            if request.path == "/":  # STS speaks XML
                headers["Content-Type"] = "text/xml"
                body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body.encode())


_IDENTITY = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    "<Arn>arn:aws:iam::111122223333:user/somebody</Arn><UserId>AIDA</UserId><Account>111122223333</Account>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
)


@dataclass(frozen=True)
class Table:
    """What the doctor printed: the exit code, and for each check its state, what it says and its remedy."""

    code: int
    rows: dict[str, tuple[str, str]]
    remedies: dict[str, str]


def doctor(capsys: pytest.CaptureFixture[str], stack: str | None = None, **options: str) -> Table:
    """Runs the doctor and reads its table."""
    capsys.readouterr()
    code = examine(stack, {f"--{name}": value for name, value in options.items()})
    rows: dict[str, tuple[str, str]] = {}
    remedies: dict[str, str] = {}
    check = ""
    for line in capsys.readouterr().out.splitlines():
        found = re.fullmatch(r"(\S.*?)  +(ok|failed|not needed|not checked) +(.*)", line)
        if found:
            check = found[1]
            rows[check] = (found[2], found[3])
        elif line.strip().startswith("-> "):
            remedies[check] = line.strip()[3:]
        elif check in remedies:
            remedies[check] += "\n" + line.strip()
        else:
            rows[check] = (rows[check][0], f"{rows[check][1]}\n{line.strip()}")
    return Table(code, rows, remedies)
