"""What a group's code imports is locked for the group, or refused before anything is deployed."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.image.packages import check_imports
from aurora.image.source import UnresolvedImport

LOCKED = """\
# uv export writes comments,
PyYAML==6.0.3 \\
    --hash=sha256:00
markdown_it-py==4.3.0 ; sys_platform == 'linux'
not.installed-here==1.0
    # via somebody==2
direct @ https://example.com/direct-1.0-py3-none-any.whl
"""
REMEDY = "to the dependency group content in pyproject.toml, or to one that it includes, then run `python3 run.py lock`"


def refusal(root: Path, source: str, locked: str | None = LOCKED) -> list[str]:
    """The faults of a group with one module, which imports a room with another."""
    files = {
        "functions/__init__.py": "",
        "functions/content/a.py": source,
        "functions/text/words.py": "import yaml\n",
        "infra/systems.py": "",
        "helpers.py": "",
    }
    if locked is not None:
        files["images/content/requirements.txt"] = locked
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    try:
        check_imports(root, "content")
    except UnresolvedImport as error:
        return str(error).split("\n")
    return []


@pytest.mark.parametrize(
    "source",
    [
        "import json, os.path, __future__",
        "import yaml\nfrom yaml import nodes",  # of PyYAML
        "from markdown_it.token import Token",
        "import not_installed_here",
        "import direct.module",
        "import functions.text.words, aurora",
        "try:\n    import pandas\nexcept ImportError:\n    pandas = None",
        "if TYPE_CHECKING:\n    import pandas",
    ],
)
def test_what_is_locked_or_of_the_standard_library_or_optional_may_be_imported(tmp_path: Path, source: str) -> None:
    assert refusal(tmp_path, source) == []


@pytest.mark.parametrize(
    "source",
    ["import pandas", "from pandas.io import parsers", "def lazy():\n    import pandas", "import pandas, pandas.io"],
)
def test_what_is_not_locked_is_named_once_with_the_place_and_the_commands_that_lock_it(
    tmp_path: Path, source: str
) -> None:
    line = source.count("\n") + 1
    assert refusal(tmp_path, source) == [
        f"functions/content/a.py, line {line} imports pandas, which is not locked for the group content: "
        f"add it {REMEDY}"
    ]


def test_a_package_that_is_installed_here_and_not_locked_is_named_as_one_installs_it(tmp_path: Path) -> None:
    (tmp_path / "functions/text").mkdir(parents=True)
    assert refusal(tmp_path, "from functions.text import words\nimport PIL.Image", "") == [
        f"functions/content/a.py, line 2 imports PIL, which is not locked for the group content: add pillow {REMEDY}",
        f"functions/text/words.py, line 1 imports yaml, which is not locked for the group content: add PyYAML {REMEDY}",
    ]


@pytest.mark.parametrize("module", ["infra.systems", "helpers"])
def test_another_part_of_the_project_is_no_package(tmp_path: Path, module: str) -> None:
    assert refusal(tmp_path, f"import {module}") == [
        f"functions/content/a.py, line 1 imports {module.partition('.')[0]}: images hold aurora.runtime and folders of "
        "functions/, and nothing else of the project"
    ]


def test_a_module_that_does_not_exist_is_named_besides(tmp_path: Path) -> None:
    assert [fault.partition(",")[2] for fault in refusal(tmp_path, "import functions.text.wrods\nimport helpers")] == [
        " line 1 imports functions.text.wrods, which does not exist: did you mean 'words'?",
        " line 2 imports helpers: images hold aurora.runtime and folders of functions/, and nothing else of the "
        "project",
    ]


def test_a_lock_that_is_missing_is_named_with_what_writes_it(tmp_path: Path) -> None:
    assert refusal(tmp_path, "", None) == [
        "images/content/requirements.txt does not exist: add a dependency group content to pyproject.toml, then run "
        "`python3 run.py lock`, which writes it"
    ]
