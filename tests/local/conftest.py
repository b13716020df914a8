"""A platform of a small program, on the embedded AWS of this project."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from aurora.local.platform import LocalPlatform
from tests.support.clone import share_bytecode

PROBE = Path(__file__).parent / "project"


@pytest.fixture(scope="module", autouse=True)  # no longer than these tests: others share the process
def somebody_s_own_profile() -> Generator[None]:
    """Somebody's own AWS configuration must make no difference; a profile that does not exist would raise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_PROFILE", "nobody-has-this-profile")
        yield


def copy_of_probe(folder: Path) -> Path:
    """The small program in a folder of its own."""
    ignored = shutil.ignore_patterns("__pycache__", ".aurora")
    project = Path(shutil.copytree(PROBE, folder / "project", ignore=ignored))
    share_bytecode(project)
    return project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the small program that a test may change."""
    return copy_of_probe(tmp_path)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Generator[LocalPlatform]:
    """A platform that a module's tests share; they must not change its functions."""
    project = copy_of_probe(tmp_path_factory.mktemp("platform"))
    with LocalPlatform(project=project, watch=False, announce=False, stack_config={"aurora:key": "secret"}) as running:
        yield running
