"""A platform to talk to, and an outline to send it."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from aurora.target import Target
from tests.support.fake_api import EMAIL, PASSWORD, FakePlatform, serving

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


@pytest.fixture
def platform() -> Generator[FakePlatform]:
    with serving(FakePlatform()) as served:
        yield served


@pytest.fixture
def place(platform: FakePlatform) -> Target:
    """The platform as a deployed stack whose user is known."""
    return Target("dev", platform.url, "eu-west-1", platform.url, "client", "pool", EMAIL, PASSWORD)


@pytest.fixture
def outline(tmp_path: Path) -> Path:
    path = tmp_path / "outline.yaml"
    path.write_text(OUTLINE, encoding="utf-8")
    return path
