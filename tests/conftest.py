"""What holds for the whole suite: parts whose tools this machine lacks skip, and the run says so."""

from __future__ import annotations

from pathlib import Path

import pytest

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
