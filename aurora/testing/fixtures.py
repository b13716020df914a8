"""A pytest plugin: ``pytest_plugins = ["aurora.testing.fixtures"]`` in a project's tests/conftest.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # few tests need them
    import httpx

    from aurora.local.platform import LocalPlatform


def pytest_configure(config: pytest.Config) -> None:
    """Ignores the AWS provider's warnings about its own deprecated classes, which appear when it is imported."""
    config.addinivalue_line("filterwarnings", "ignore::DeprecationWarning:pulumi_aws.*")


@pytest.fixture(scope="session")
def platform() -> Iterator[LocalPlatform]:
    """The whole platform on this machine, as ``python3 run.py local`` runs it; tests of one process share it."""
    from aurora.local.platform import LocalPlatform

    # Not announced, so that another platform of the project may run, and without a watcher.
    with LocalPlatform(announce=False, watch=False) as running:
        yield running


@pytest.fixture(scope="session")
def api(platform: LocalPlatform) -> Iterator[httpx.Client]:
    """A client of the local platform's API, signed in as its user."""
    import httpx

    from aurora.testing.calls import sign_in

    with httpx.Client(base_url=platform.api, headers={"Authorization": f"Bearer {sign_in(platform)}"}) as client:
        yield client
