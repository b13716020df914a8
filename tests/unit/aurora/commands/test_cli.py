"""What is typed, and what comes of it: help, options, exit codes, sentences; and what systems add to it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Generator

import pytest
from typer.main import get_command

from aurora.commands import declared
from aurora.commands.declared import ENGINE
from aurora.commands.parameters import new_app
from aurora.errors import CommandError, InvalidInput, PlatformLost
from aurora.local.errors import LocalError
from aurora.ops import doctor, logs, new_stack, prune, users, why
from aurora.ops.logs import LogRequest
from aurora.project import load
from aurora.system import Command, LocalRun, Logs, System
from infra import SYSTEMS
from tests.support.command_line import called, imported_by_help

COMMANDS = [
    ["local"],
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
    ["new"],
    ["update"],
    ["lock"],
    ["wheel"],
    ["test"],
]


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


@pytest.mark.parametrize("command", [[], ["local"], ["logs"], ["doctor"], ["idle"]])
def test_help_imports_nothing_heavy(command: list[str]) -> None:
    assert imported_by_help(*command) == set()


def test_the_logs_command_passes_on_what_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[LogRequest] = []
    monkeypatch.setattr(logs, "show_logs", lambda request: asked.append(request) or 0)
    assert called("logs", "dir")[0] == 0
    assert called("logs", "dir", "-s", "dev", "-f", "--execution", "2", "--level", "warning", "--json")[0] == 0
    assert asked == [LogRequest("dir"), LogRequest("dir", "dev", True, 2, "WARNING", True)]


@pytest.mark.parametrize(
    "line",
    [
        ["logs"],
        ["logs", "d", "--level", "loud"],
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
    def fails(stack: str | None) -> int:
        raise error

    monkeypatch.setattr(why, "why", fails)
    ended, out, said = called("why")
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
        (None, {}),
        ("dev", {"--bedrock": "a.model"}),
        (None,),
        ("dev", 5, False),
        ("dev", 3, True),
        ("dev-me", "dev"),
    ]


def shown_help(path: str) -> str:
    """The first line of the help of the command with that import path."""
    command = get_command(load(path))
    return command.get_short_help_str(200)


def test_the_list_of_commands_says_of_each_what_its_own_help_begins_with() -> None:
    systems_own = {command.path: command.help for system in SYSTEMS for command in system.commands}
    for path, line in {**dict(ENGINE.values()), **systems_own}.items():
        assert shown_help(path).removesuffix(".") == line.removesuffix(".")


tales = new_app()


@tales.command()
def tell(name: str) -> int:
    """Tell a tale."""
    if name == "nothing":
        raise InvalidInput("A tale needs a name.")
    print(f"Once there was {name}.")
    return 3


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Generator[Callable[..., None]]:
    """Makes the platform one of these systems."""

    def these(*systems: System) -> None:
        monkeypatch.setattr(declared, "systems", lambda: systems)
        declared.known_systems.cache_clear()

    yield these
    declared.known_systems.cache_clear()


def test_a_platform_has_the_commands_of_its_systems_and_no_others(declare: Callable[..., None]) -> None:
    declare()
    listed = called("--help")[1]
    assert "course" not in listed
    assert called("course")[0] == 2
    declare(System("tales", commands=(Command("tell", f"{__name__}:tales", "Tell a tale."),)))
    assert "\n  tell    Tell a tale.\n  local" in called("--help")[1]
    assert called("tell", "a hare") == (3, "Once there was a hare.\n", "")
    assert called("tell", "nothing") == (2, "", "A tale needs a name.\n")
    assert "Did you mean 'tell'?" in called("tel")[2]


def test_a_command_is_imported_when_it_is_called(declare: Callable[..., None]) -> None:
    declare(System("tales", commands=(Command("tell", "tales.of_nobody:app", "Tell a tale."),)))
    assert "Tell a tale." in called("--help")[1]
    assert called("tell") == (1, "", "A system names 'tales.of_nobody:app', but there is no module tales.\n")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (CommandError("There is no project here."), ""),
        (
            NameError("name 'Rute' is not defined"),
            "infra cannot be imported, so its commands are not listed",
        ),
    ],
)
def test_help_works_without_a_project_and_with_a_broken_one(
    error: Exception, said: str, declare: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> tuple[System, ...]:
        raise error

    declare()
    monkeypatch.setattr(declared, "systems", fails)
    code, out, stderr = called("--help")
    assert (code, "Run the whole platform on this machine" in out) == (0, True)
    assert stderr.startswith(said)
    assert bool(stderr) == bool(said)


def test_what_systems_say_of_the_engine_s_commands_is_in_their_help(declare: Callable[..., None]) -> None:
    declare()
    assert "the id of an execution" in called("logs", "--help")[1]
    declare(System("tales", local=LocalRun(help="Set TALES for more."), logs=Logs("the name of a tale", "tales:logs")))
    assert "Set TALES for more." in called("local", "--help")[1]
    assert "SUBJECT is the name of a tale." in called("logs", "--help")[1]
