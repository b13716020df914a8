"""What is typed, and what comes of it: help, options, exit codes, sentences."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from aurora.commands import logs as logs_module
from aurora.commands import users
from aurora.commands.cli import app
from aurora.commands.logs import LogRequest
from aurora.errors import PlatformLost
from aurora.local.errors import LocalError
from aurora.ops import doctor, new_stack, prune, why
from client import writing
from client.writing import CourseRequest

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
    ["new"],
    ["update"],
    ["lock"],
    ["wheel"],
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


def test_the_logs_command_passes_on_what_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[LogRequest] = []
    monkeypatch.setattr(logs_module, "tell", lambda request: asked.append(request) or 0)
    assert called("logs", "dir")[0] == 0
    assert called("logs", "dir", "-s", "dev", "-f", "--execution", "2", "--level", "warning", "--json")[0] == 0
    assert asked == [LogRequest("dir"), LogRequest("dir", "dev", True, 2, "WARNING", True)]


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


@pytest.mark.parametrize(
    ("error", "code"),
    [(PlatformLost("It is gone."), 1), (LocalError("It is gone."), 1), (KeyboardInterrupt(), 130)],
)
def test_what_goes_wrong_is_a_sentence_not_a_traceback(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(request: CourseRequest) -> int:
        raise error

    monkeypatch.setattr(writing, "make_course", fails)
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
