"""What new projects begin with is what this one has: one run.py, one pin of uv, one program, one set of overrides."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from aurora.ops.engine import TEMPLATE
from tests.support.clone import PROJECT

SAME = ("run.py", "uv-requirements.txt", "__main__.py", "policy/PulumiPolicy.yaml", "policy/__main__.py")


@pytest.mark.parametrize("name", SAME)
def test_a_file_that_every_project_has_is_the_same_here(name: str) -> None:
    assert (TEMPLATE / name).read_bytes() == (PROJECT / name).read_bytes(), f"cp {name} {TEMPLATE / name}"


def test_projects_get_the_overrides_that_the_engine_needs() -> None:
    def overrides(folder: Path) -> Any:
        return tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["tool"]["uv"]["override-dependencies"]

    assert overrides(TEMPLATE) == overrides(PROJECT)


def test_projects_use_the_actions_that_are_pinned_here() -> None:
    def pins(folder: Path) -> set[str]:
        return {
            pin
            for path in (folder / ".github").rglob("*.yml")
            for pin in re.findall(r"uses: (\S+@.*)", path.read_text())
        }

    assert pins(TEMPLATE)
    assert pins(TEMPLATE) <= pins(PROJECT)
