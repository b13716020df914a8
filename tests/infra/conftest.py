"""Each stage is declared once per test process: the program is the same for every test that looks at it."""

from __future__ import annotations

import pytest

from aurora.testing.declared import Declared, declare
from tests.support import sampler


@pytest.fixture(scope="session")
def dev() -> Declared:
    return declare("dev")


@pytest.fixture(scope="session")
def staging() -> Declared:
    return declare("staging")


@pytest.fixture(scope="session")
def prod() -> Declared:
    return declare("prod")


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Declared:
    """A platform that declares one of everything, with every setting that adds resources."""
    return sampler.declared(sampler.copy_to(tmp_path_factory.mktemp("everything")), "dev", sampler.EVERY_SETTING)
