"""What is typed of the command `course`, and what comes of it: options of a run, exit codes, sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.errors import INCOMPLETE
from client import writing
from client.writing import CourseRequest
from tests.support.command_line import called, imported_by_help


def test_the_course_command_passes_on_what_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[CourseRequest] = []
    monkeypatch.setattr(writing, "make_course", lambda request: asked.append(request) or INCOMPLETE)
    line = ["course", "o.yaml", "--out", "dir", "--modules", "3, 1,3", "--model", "any-name", "--force", "-s", "dev"]
    assert called(*line, "--content", "both", "--slides", "--budget", "2.5", "--max-words", "900")[0] == 3
    options = {
        "content": "both",
        "slides": True,
        "modules": [1, 3],
        "force": True,
        "model": "any-name",
        "max_words": 900,
        "budget": 2.5,
    }
    assert called("course", "o.yaml", "--out", "dir", "--only", "lab-1-2, 03-02,slides-3")[0] == 3
    assert asked == [
        CourseRequest(Path("o.yaml"), Path("dir"), options, "dev"),
        CourseRequest(Path("o.yaml"), Path("dir"), {"only": ["03-02", "lab-01-02", "slides-03"]}),
    ]


def test_cancelling_a_course_is_asked_for_by_its_outline_and_folder_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[CourseRequest] = []
    monkeypatch.setattr(writing, "cancel_course", lambda request: asked.append(request) or 0)
    assert called("course", "o.yaml", "--out", "dir", "--cancel", "-s", "dev")[0] == 0
    code, _, error = called("course", "o.yaml", "--out", "dir", "--cancel", "--force")
    assert (code, error.startswith("--cancel ends the run as a whole")) == (2, True)
    assert asked == [CourseRequest(Path("o.yaml"), Path("dir"), {}, "dev")]


def test_the_first_options_of_the_course_command_are_those_that_everybody_needs() -> None:
    first, models, writing = called("course", "--help")[1].partition("Options:\n")[2].split("\n\n")[:3]
    assert [line.split()[0] for line in first.splitlines() if line.startswith("  -")] == [
        *("--out", "--content", "--slides", "--modules", "--only", "--force", "--cancel", "-s,", "-h,")
    ]
    assert "--model NAME" in models
    assert "--budget USD" in models
    assert "--max-concurrency N" in writing


@pytest.mark.parametrize("modules", ["", "a", "1;2", "-1", "1,,2", "1,"])
def test_modules_that_are_no_numbers_end_in_2(modules: str) -> None:
    code, _, error = called("course", "o.yaml", "--out", "dir", f"--modules={modules}")
    assert code == 2
    assert "as in 1,3" in error


@pytest.mark.parametrize("budget", ["0", "-1", "1000001", "nan"])
def test_a_budget_that_is_none_ends_in_2(budget: str) -> None:
    code, _, error = called("course", "o.yaml", "--out", "dir", f"--budget={budget}")
    assert code == 2
    assert "more than 0" in error


@pytest.mark.parametrize("units", ["", "3", "03-02;03-03", "03-02,", "lab-03", "slides-03-01", "all"])
def test_units_that_are_none_end_in_2(units: str) -> None:
    code, _, error = called("course", "o.yaml", "--out", "dir", f"--only={units}")
    assert code == 2
    assert "as in 03-02,lab-03-02,slides-03" in error


def test_an_unreadable_outline_ends_in_2(tmp_path: Path) -> None:
    code, out, error = called("course", str(tmp_path / "absent.yaml"), "--out", str(tmp_path / "out"))
    assert (code, out) == (2, "")
    assert error == f"{tmp_path}/absent.yaml cannot be read: No such file or directory.\n"


def test_its_help_imports_nothing_heavy() -> None:
    assert imported_by_help("course") == set()
