"""Each stage is declared once per test process: the program is the same for every test that looks at it."""

from __future__ import annotations

import pytest

from aurora.testing.declared import Declared, declare


@pytest.fixture(scope="session")
def dev() -> Declared:
    return declare("dev")


@pytest.fixture(scope="session")
def staging() -> Declared:
    return declare("staging")


@pytest.fixture(scope="session")
def prod() -> Declared:
    return declare("prod")
