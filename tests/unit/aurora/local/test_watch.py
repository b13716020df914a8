"""Which groups a saved file belongs to."""

from __future__ import annotations

from pathlib import Path

from aurora.local.watch import changed_groups

FUNCTIONS = Path("/project/functions")
GROUPS = {"content", "slides"}


def test_a_file_of_a_group_changes_that_group() -> None:
    assert changed_groups(FUNCTIONS, GROUPS, [FUNCTIONS / "content" / "book" / "pdf.py"]) == {"content"}


def test_a_shared_file_changes_every_group() -> None:
    assert changed_groups(FUNCTIONS, GROUPS, [FUNCTIONS / "common" / "errors.py"]) == GROUPS


def test_a_folder_that_no_deployed_group_runs_changes_none() -> None:
    assert changed_groups(FUNCTIONS, GROUPS, [FUNCTIONS / "labs" / "a.py", FUNCTIONS / "__init__.py"]) == set()
