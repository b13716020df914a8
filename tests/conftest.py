"""Fixtures of every kind of test: the embedded AWS, started once for each test process that asks for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from aurora.local.emulator import MINISTACK_VARIABLE, Emulator, find_python

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="session", autouse=True)
def installed_emulator() -> Iterator[None]:
    """The embedded AWS that this project installed serves projects in temporary folders as well."""
    installed = PROJECT / ".aurora" / "emulator" / "bin" / "ministack"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MINISTACK_VARIABLE, os.environ.get(MINISTACK_VARIABLE, str(installed)))
        yield


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
