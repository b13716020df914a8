"""What holds for the whole suite: the embedded AWS, started once for each test process that asks for it; and parts
whose tools this machine lacks skip, and the run says so."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from botocore.loaders import create_loader

from aurora.local.emulator import MINISTACK_VARIABLE, Emulator, find_python
from tests.support.clone import PROJECT
from tests.support.parts import PARTS, Part

TESTS = Path(__file__).parent


def _absent_parts() -> list[Part]:
    return [part for part in PARTS if any((TESTS / part.folder).glob("**/test_*.py")) and not part.present()]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for part in _absent_parts():
        folder = TESTS / part.folder
        for item in items:
            if folder in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=f"needs {part.needs}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for part in _absent_parts():
        terminalreporter.write_line(f"Skipped: tests/{part.folder} needs {part.needs}, which this machine lacks.")


@pytest.fixture(scope="session", autouse=True)
def libraries_read_their_files_once() -> Iterator[None]:
    """Each session of boto3 reads megabytes of descriptions of AWS anew, each client of httpx all known authorities."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", functools.cache(create_loader))
        patch.setattr("httpx._transports.default.create_ssl_context", functools.cache(httpx.create_ssl_context))
        yield


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
    if os.name == "nt":
        pytest.skip("the embedded AWS runs on Linux and macOS, and on Windows in WSL2")
    directory = tmp_path_factory.mktemp("emulator")
    with Emulator(
        python=find_python(PROJECT),
        region="us-east-1",
        log=directory / "emulator.log",
        scratch=directory / "scratch",
        bytecode=PROJECT / ".aurora" / "bytecode",
    ) as running:
        yield running
