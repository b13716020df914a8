"""A platform that declares one of everything (tests/everything), in processes of its own.

Its rooms are called as those of this platform, which the tests' own process has imported.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aurora.local.aws import AwsClients
from aurora.local.credentials import Credentials
from aurora.local.emulator import find_python
from aurora.testing.declared import Declared
from tests.support.clone import PROJECT

SERVICE = "sampler"
_SECONDS_UNTIL_SCHEDULE = 2
GROUPS = ("notes", "tools")

EVERY_SETTING = {
    "aws:region": "eu-west-1",
    "aurora:alarms": "true",
    "aurora:alarmEmail": "team@example.com",
    "aurora:copiedBy": '["999999999999"]',
    "aurora:keepHistory": "true",
    f"{SERVICE}:apiKey": "secret",
}
"""Config of a stack that has all that only some stacks have."""

_DECLARE = """
import json, pickle, sys
from pathlib import Path
from aurora.testing.declared import declare
stage, config = json.load(sys.stdin)
pickle.dump(declare(stage, config, Path.cwd()), sys.stdout.buffer)
"""
_SERVE = """
import json, sys
from pathlib import Path
from aurora.local.platform import LocalPlatform
config, calls = json.loads(sys.argv[1]), Path.cwd() / "calls.jsonl"
with LocalPlatform(
    project=Path.cwd(), announce=False, watch=False, stack_config=config, record_calls=calls
) as platform:
    print(json.dumps(platform.described()), flush=True)
    sys.stdin.read()
"""


def copy_to(folder: Path) -> Path:
    """The project in a folder of its own, with images made as this platform's are."""
    ignored = shutil.ignore_patterns("__pycache__", ".aurora")
    project = Path(shutil.copytree(PROJECT / "tests" / "everything", folder / SERVICE, ignore=ignored))
    (project / "images").mkdir()
    shutil.copy(PROJECT / "images" / "base-image", project / "images")
    for group in GROUPS:
        shutil.copytree(PROJECT / "images" / "content", project / "images" / group)
    return project


def declared(project: Path, stage: str, config: Mapping[str, str]) -> Declared:
    """What the program of a copy declares for a stage. Raises AssertionError with what it says if it fails."""
    ran = subprocess.run(
        [sys.executable, "-c", _DECLARE],
        input=json.dumps([stage, config]).encode(),
        capture_output=True,
        cwd=project,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return pickle.loads(ran.stdout)


@dataclass(frozen=True)
class Served:
    """A copy that runs on the embedded AWS; ``calls`` are what its functions asked of AWS, as they are recorded."""

    calls: Path
    described: Mapping[str, Any]
    clients: AwsClients

    @property
    def outputs(self) -> Mapping[str, Any]:
        """What the program exports."""
        return self.described["outputs"]

    def client(self, service: str) -> Any:
        return self.clients.client(service)

    def name(self, resource: str) -> str:
        return f"{SERVICE}-local-{resource}"

    def token(self) -> str:
        """The local author's id token."""
        answer = self.client("cognito-idp").initiate_auth(
            ClientId=self.outputs["clientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": self.described["email"], "PASSWORD": self.described["password"]},
        )
        return str(answer["AuthenticationResult"]["IdToken"])


@contextmanager
def served(project: Path, config: Mapping[str, str]) -> Generator[Served]:
    """Runs a copy on the embedded AWS for as long as the block lasts; the time of its schedule `soon` is now."""
    ministack = find_python(PROJECT).parent / "ministack"
    soon = datetime.now(UTC) + timedelta(seconds=_SECONDS_UNTIL_SCHEDULE)
    with subprocess.Popen(
        [sys.executable, "-c", _SERVE, json.dumps(config)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=project,
        env={**os.environ, "AURORA_MINISTACK": str(ministack), "SAMPLER_SOON": soon.strftime("%Y-%m-%dT%H:%M:%S")},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the platform in {project} did not start"
        described = json.loads(line)
        credentials = Credentials(described["access_key_id"], described["secret_access_key"])
        try:
            yield Served(
                project / "calls.jsonl",
                described,
                AwsClients(lambda: described["endpoint"], described["region"], credentials),
            )
        finally:
            process.stdin.close()
