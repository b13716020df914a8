"""What is typed, and what comes of it: help, options, exit codes, sentences."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aurora.commands import logs as logs_module
from aurora.commands import users
from aurora.commands.cli import app
from aurora.commands.logs import LogRequest
from aurora.errors import INCOMPLETE, PlatformLost
from aurora.local.errors import LocalError
from aurora.ops import doctor, new_stack, prune, why
from client import course as course_module
from client.api import Wish
from client.course import CourseRequest

RUNNER = CliRunner()
COMMANDS = [
    ["local"],
    ["course"],
    ["logs"],
    ["user", "add"],
    ["doctor"],
    ["why"],
    ["prune"],
    ["idle"],
    ["stack", "new"],
    ["base", "update"],
    ["test"],
]


def called(*arguments: str) -> tuple[int, str, str]:
    """The exit code, stdout and stderr of a command line."""
    result = RUNNER.invoke(app, arguments)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: list[str]) -> None:
    if command == ["test"]:  # its options are pytest's
        code, out, _ = called("--help")
    else:
        code, out, _ = called(*command, "--help")
        assert "Example" in out
        assert f"python3 run.py {' '.join(command)}" in out
    assert code == 0
    assert command[-1] in out


def test_help_imports_nothing_heavy() -> None:
    heavy = "['boto3', 'botocore', 'httpx', 'pulumi', 'rich', 'yaml']"
    program = f"""
import sys
from aurora.commands.cli import app
try:
    app(["course", "--help"])
except SystemExit:
    print([name for name in {heavy} if name in sys.modules], file=sys.stderr)
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stderr == "[]\n"


def test_the_course_command_passes_on_what_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[CourseRequest] = []
    monkeypatch.setattr(course_module, "make_course", lambda request: asked.append(request) or INCOMPLETE)
    line = ["course", "o.yaml", "--out", "dir", "--modules", "3, 1,3", "--model", "any-name", "--force", "-s", "dev"]
    assert called(*line, "--content", "both", "--slides", "--budget", "2.5", "--max-words", "900")[0] == 3
    wish = Wish(content="both", slides=True, modules=(1, 3), force=True, model="any-name", max_words=900, budget=2.5)
    assert called("course", "o.yaml", "--out", "dir", "--only", "lab-1-2, 03-02,slides-3")[0] == 3
    assert asked == [
        CourseRequest(Path("o.yaml"), Path("dir"), wish, "dev"),
        CourseRequest(Path("o.yaml"), Path("dir"), Wish(only=("03-02", "lab-01-02", "slides-03"))),
    ]


def test_cancelling_a_course_is_asked_for_by_its_outline_and_folder_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[CourseRequest] = []
    monkeypatch.setattr(course_module, "cancel_course", lambda request: asked.append(request) or 0)
    assert called("course", "o.yaml", "--out", "dir", "--cancel", "-s", "dev")[0] == 0
    code, _, error = called("course", "o.yaml", "--out", "dir", "--cancel", "--force")
    assert (code, error.startswith("--cancel ends the run as a whole")) == (2, True)
    assert asked == [CourseRequest(Path("o.yaml"), Path("dir"), Wish(), "dev")]


def test_the_first_options_of_the_course_command_are_those_that_everybody_needs() -> None:
    first, models, writing = called("course", "--help")[1].partition("Options:\n")[2].split("\n\n")[:3]
    assert [line.split()[0] for line in first.splitlines() if line.startswith("  -")] == [
        *("--out", "--content", "--slides", "--modules", "--only", "--force", "--cancel", "-s,", "-h,")
    ]
    assert "--model NAME" in models
    assert "--budget USD" in models
    assert "--max-concurrency N" in writing


def test_the_logs_command_passes_on_what_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[LogRequest] = []
    monkeypatch.setattr(logs_module, "tell", lambda request: asked.append(request) or 0)
    assert called("logs", "dir")[0] == 0
    assert called("logs", "dir", "-s", "dev", "-f", "--execution", "2", "--level", "warning", "--json")[0] == 0
    assert asked == [LogRequest("dir"), LogRequest("dir", "dev", True, 2, "WARNING", True)]


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
    assert "as in 03-02,lab-03-01,slides-03" in error


@pytest.mark.parametrize(
    "line",
    [
        ["course"],
        ["course", "o.yaml"],
        ["course", "o.yaml", "--out", "d", "--content", "everything"],
        ["course", "o.yaml", "--out", "d", "--model", ""],
        ["course", "o.yaml", "--out", "d", "--max-words", "7"],
        ["logs"],
        ["logs", "d", "--level", "loud"],
        ["course", "o.yaml", "--out", ""],
        ["course", "o.yaml", "--out", "d", "-s", ""],
        ["local", "--port", "0"],
        ["local", "--data", ""],
        ["doctor", "-s", ""],
        ["prune"],
        ["prune", "-s", "dev", "--keep", "0"],
        ["stack", "new", "dev-me"],
        ["x"],
    ],
)
def test_a_wrong_command_line_ends_in_2_and_says_what_is_wrong(line: list[str]) -> None:
    code, out, error = called(*line)
    assert code == 2
    assert out == ""
    assert "Error: " in error or "Error" in error


def test_an_unreadable_outline_ends_in_2(tmp_path: Path) -> None:
    code, out, error = called("course", str(tmp_path / "absent.yaml"), "--out", str(tmp_path / "out"))
    assert (code, out) == (2, "")
    assert error == f"{tmp_path}/absent.yaml cannot be read: No such file or directory.\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [(PlatformLost("It is gone."), 1), (LocalError("It is gone."), 1), (KeyboardInterrupt(), 130)],
)
def test_what_goes_wrong_is_a_sentence_not_a_traceback(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(request: CourseRequest) -> int:
        raise error

    monkeypatch.setattr(course_module, "make_course", fails)
    ended, out, said = called("course", "o.yaml", "--out", "dir")
    assert (ended, out) == (code, "")
    assert said in ("It is gone.\n", "Interrupted.\n")


def test_a_user_is_added_to_the_stack_that_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str, str | None]] = []
    monkeypatch.setattr(users, "add_user", lambda *given: asked.append(given) or 0)
    assert called("user", "add", "a@example.com", "-s", "dev")[0] == 0
    assert asked == [("a@example.com", "dev", None)]
    assert called("user", "add", "a@example.com")[0] == 2


def test_ctrl_c_while_the_command_is_still_being_loaded_ends_without_a_traceback() -> None:
    program = """
import os, runpy, signal, sys
class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == "aurora.commands.cli":
            os.kill(os.getpid(), signal.SIGINT)
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupts())
runpy.run_module("aurora", run_name="__main__")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, "")


def test_what_looks_after_stacks_gets_what_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []
    for module, name in ((doctor, "examine"), (why, "why"), (prune, "prune"), (new_stack, "make_stack")):
        monkeypatch.setattr(module, name, lambda *given: asked.append(given) or 0)
    assert called("doctor")[0] == 0
    assert called("doctor", "-s", "dev", "--bedrock", "a.model")[0] == 0
    assert called("why")[0] == 0
    assert called("prune", "-s", "dev")[0] == 0
    assert called("prune", "-s", "dev", "--keep", "3", "--yes")[0] == 0
    assert called("stack", "new", "dev-me", "--from", "dev")[0] == 0
    assert asked == [
        (None, None),
        ("dev", "a.model"),
        (None,),
        ("dev", 5, False),
        ("dev", 3, True),
        ("dev-me", "dev"),
    ]
