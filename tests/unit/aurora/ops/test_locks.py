"""`lock`: uv.lock and the requirements of images follow pyproject.toml, and what does not is named."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from aurora.errors import CommandError
from aurora.ops import locks
from tests.support.clone import PROJECT

GROUP = "slides"
REQUIREMENTS = f"images/{GROUP}/requirements.txt"


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with this one's locks."""
    for path in ("pyproject.toml", "uv.lock", REQUIREMENTS):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / path, tmp_path / path)
    return tmp_path


def edit(path: Path, pattern: str, replacement: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.search(pattern, text, re.MULTILINE)
    path.write_text(re.sub(pattern, replacement, text, count=1, flags=re.MULTILINE), encoding="utf-8")


def test_what_is_up_to_date_passes(project: Path) -> None:
    locks.check([GROUP], project)


def test_requirements_that_are_stale_are_named_with_the_command_that_renews_them(project: Path) -> None:
    edit(project / REQUIREMENTS, r"^pillow==\S+", "pillow==13.0.0.1")

    with pytest.raises(CommandError) as refused:
        locks.check([GROUP], project)

    assert str(refused.value) == f"These files are out of date: {REQUIREMENTS}. Update them: python3 run.py lock"


def test_requirements_that_are_missing_are_stale(project: Path) -> None:
    (project / REQUIREMENTS).unlink()

    with pytest.raises(CommandError, match=REQUIREMENTS):
        locks.check([GROUP], project)


def test_a_lock_that_is_stale_is_named_with_the_command_that_renews_it(project: Path) -> None:
    edit(project / "pyproject.toml", '"pillow>=13"', '"pillow>=13,<14"')

    with pytest.raises(CommandError, match=re.escape("uv.lock is out of date. Update it: python3 run.py lock")):
        locks.check([GROUP], project)


def test_locking_writes_what_a_check_wants(project: Path) -> None:
    committed = (project / REQUIREMENTS).read_bytes()
    (project / REQUIREMENTS).unlink()

    locks.lock([GROUP], project)

    assert (project / REQUIREMENTS).read_bytes() == committed


def test_a_group_without_a_dependency_group_is_refused_with_what_to_add(project: Path) -> None:
    with pytest.raises(CommandError, match=r"add one under \[dependency-groups\], as in decks = "):
        locks.lock(["decks"], project)
