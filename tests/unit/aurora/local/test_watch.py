"""Which groups a saved file is part of."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.local.watch import changed_groups

PROJECT = Path("/project")
PLACES = {
    "content": {"functions/__init__.py", "functions/content", "functions/text", "aurora/runtime", "images/content"},
    "slides": {"functions/__init__.py", "functions/slides", "functions/text", "aurora/runtime", "images/slides"},
    "labs": {"functions/__init__.py", "functions/labs"},
}


@pytest.mark.parametrize(
    ("saved", "changed"),
    [
        ("functions/content/book/pdf.py", {"content"}),
        ("images/slides/requirements.txt", {"slides"}),
        ("functions/text/words.py", {"content", "slides"}),
        ("aurora/runtime/env.py", {"content", "slides"}),
        ("functions/__init__.py", set(PLACES)),
        ("functions/labs", {"labs"}),
        ("functions/labs2/a.py", set()),
        ("functions/book/a.py", set()),
        ("aurora/settings.py", set()),
        ("images/base-image", set()),
        ("functions", set()),
    ],
)
def test_a_saved_file_changes_the_groups_that_it_is_part_of(saved: str, changed: set[str]) -> None:
    assert changed_groups(PROJECT, PLACES, [PROJECT / saved]) == changed


def test_files_that_are_saved_together_change_all_their_groups() -> None:
    saved = [PROJECT / "functions/labs/a.py", PROJECT / "functions/slides/b.py", Path("/elsewhere/functions/content")]
    assert changed_groups(PROJECT, PLACES, saved) == {"labs", "slides"}
