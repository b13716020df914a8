"""Data that is kept: objects, tables and users of one session are there in the next, however the first ended."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from aurora.local.errors import DataInUse
from aurora.local.platform import LocalPlatform
from aurora.testing.calls import sign_in
from tests.support.clone import PROJECT

KEY = {"owner": {"S": "a"}, "note": {"S": "b"}}

# A session of its own: it writes, says so, and waits to be ended.
SESSION = """
import json, os, sys
from pathlib import Path
from aurora.local.platform import LocalPlatform
from aurora.testing.calls import sign_in
from tests.local.test_data import write
project, data = map(Path, sys.argv[1:])
with LocalPlatform(data_dir=data, project=project, announce=False, watch=False) as platform:
    write(platform)
    print(json.dumps({"emulator": platform.emulator_pid, "token": sign_in(platform)}), flush=True)
    sys.stdin.read()
"""


def write(platform: LocalPlatform) -> None:
    """One object with its metadata, and one item."""
    platform.client("s3").put_object(
        Bucket=platform.buckets["content"],
        Key="users/a/ñ.md",
        Body=b"text",
        ContentType="text/markdown",
        Metadata={"words": "1"},
    )
    platform.client("dynamodb").put_item(TableName="probe-notes", Item={**KEY, "text": {"S": "kept"}})


def assert_written(platform: LocalPlatform) -> None:
    found = platform.client("s3").get_object(Bucket=platform.buckets["content"], Key="users/a/ñ.md")
    assert (found["Body"].read(), found["ContentType"], found["Metadata"]) == (b"text", "text/markdown", {"words": "1"})
    item = platform.client("dynamodb").get_item(TableName="probe-notes", Key=KEY)["Item"]
    assert item["text"] == {"S": "kept"}


def subject(token: str) -> str:
    part = token.split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["sub"])


def wait_for_end(pid: int) -> None:
    """Returns when a process that is no child of ours has ended."""
    with suppress_absence():
        descriptor = os.pidfd_open(pid)
        try:
            import select

            assert select.select([descriptor], [], [], 30)[0], f"process {pid} did not end"
        finally:
            os.close(descriptor)


@contextmanager
def suppress_absence() -> Generator[None]:
    try:
        yield
    except ProcessLookupError:
        return


def line_of(stream: IO[str] | None) -> dict[str, str]:
    assert stream is not None
    return json.loads(stream.readline())


def test_objects_items_and_users_are_there_in_the_next_session(project: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with LocalPlatform(data_dir=data, project=project, announce=False, watch=False) as first:
        write(first)
        owner, password, pool = subject(sign_in(first)), first.password, first.user_pool_id

    with LocalPlatform(data_dir=data, project=project, announce=False, watch=False) as second:
        assert_written(second)
        assert (second.password, second.user_pool_id) == (password, pool)
        assert subject(sign_in(second)) == owner


def test_without_a_folder_nothing_is_kept(project: Path) -> None:
    for _ in range(2):
        with LocalPlatform(project=project, announce=False, watch=False) as platform:
            assert "Item" not in platform.client("dynamodb").get_item(TableName="probe-notes", Key=KEY)
            write(platform)


@pytest.mark.skipif(sys.platform != "linux", reason="waits for a foreign process by pidfd")
def test_a_killed_session_leaves_no_process_and_loses_no_data(project: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with subprocess.Popen(
        [sys.executable, "-c", SESSION, str(project), str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    ) as session:
        said = line_of(session.stdout)
        session.send_signal(signal.SIGKILL)
        session.wait()
        wait_for_end(int(said["emulator"]))

    with LocalPlatform(data_dir=data, project=project, announce=False, watch=False) as next_session:
        assert_written(next_session)
        assert subject(sign_in(next_session)) == subject(said["token"])


def test_two_platforms_on_the_same_data_are_refused(project: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with (
        LocalPlatform(data_dir=data, project=project, announce=False, watch=False),
        pytest.raises(DataInUse, match=f"keeps its data in {data}"),
    ):
        LocalPlatform(data_dir=data, project=project, announce=False).__enter__()
