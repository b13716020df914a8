"""Which groups a saved file belongs to."""

from __future__ import annotations

from pathlib import Path

from aurora.local.watch import changed_groups

FUNCTIONS, IMAGES = Path("/project/functions"), Path("/project/images")
FOLDERS = [FUNCTIONS, IMAGES]
GROUPS = {"content", "slides"}


def test_a_file_of_a_group_changes_that_group() -> None:
    assert changed_groups(FOLDERS, GROUPS, [FUNCTIONS / "content" / "book" / "pdf.py"]) == {"content"}


def test_what_a_group_s_image_is_made_of_changes_that_group() -> None:
    assert changed_groups(FOLDERS, GROUPS, [IMAGES / "slides" / "requirements.txt"]) == {"slides"}


def test_a_shared_file_changes_every_group() -> None:
    assert changed_groups(FOLDERS, GROUPS, [FUNCTIONS / "text" / "words.py"]) == GROUPS


def test_a_folder_that_no_deployed_group_runs_changes_none() -> None:
    assert changed_groups(FOLDERS, GROUPS, [FUNCTIONS / "labs" / "a.py", IMAGES / "base-image", FUNCTIONS]) == set()
