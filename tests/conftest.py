"""Fixtures of every kind of test: the embedded AWS, started once for each test process that asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aurora.local.emulator import Emulator, find_python

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A running embedded AWS with nothing in it; tests share it, so they name what they create uniquely."""
    directory = tmp_path_factory.mktemp("emulator")
    with Emulator(
        python=find_python(PROJECT),
        region="us-east-1",
        log=directory / "emulator.log",
        scratch=directory / "scratch",
        bytecode=PROJECT / ".aurora" / "bytecode",
    ) as running:
        yield running
