"""A platform to talk to, and an outline to send it."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.fake_api import EMAIL, PASSWORD, FakePlatform, serving
from tests.support.stacks import GivenStack, served_at

OUTLINE = """\
title: A short course
language: en
modules:
  - title: Beginnings
    number: 1
    lessons:
      - title: First
        number: 1
        duration_minutes: 20
      - title: Second
        number: 2
        duration_minutes: 20
"""

# What a deployed stack exports, as far as commands read it.
OUTPUTS = {
    "api": "https://api.example.com",
    "region": "eu-west-1",
    "signInEndpoint": "https://cognito-idp.eu-west-1.amazonaws.com/",
    "clientId": "client",
    "userPoolId": "pool",
    "buckets": {"content": "aurora-dev-content-111122223333"},
}


@pytest.fixture
def platform() -> Generator[FakePlatform]:
    with serving(FakePlatform()) as served:
        yield served


@pytest.fixture
def place(platform: FakePlatform) -> GivenStack:
    """The platform as a deployed stack whose user is known."""
    return GivenStack(served_at(platform.url), EMAIL, PASSWORD)


@pytest.fixture
def outline(tmp_path: Path) -> Path:
    path = tmp_path / "outline.yaml"
    path.write_text(OUTLINE, encoding="utf-8")
    return path


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `pulumi` on PATH: `stack ...` prints the file `stack` of this folder, `config ...` the file `config`.

    Where there is a file `error` it prints that and fails. The last arguments are in the file `arguments`.
    """
    program = tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\ncd {tmp_path}\necho "$@" > arguments\n'
        'if [ -e error ]; then cat error >&2; exit 255; fi\ncat "$1"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return tmp_path
