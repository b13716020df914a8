"""The engine's commands and those that the project's systems declare, each imported when it is called."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from aurora.console import say
from aurora.errors import INTERRUPTED, CommandError
from aurora.project import load, systems

if TYPE_CHECKING:
    from aurora.system import System

ENGINE: Final[Mapping[str, tuple[str, str]]] = {
    "local": ("aurora.commands.local:app", "Run the whole platform on this machine until Ctrl-C."),
    "logs": ("aurora.commands.logs:app", "Show what every function logged about one subject, in order."),
    "doctor": ("aurora.commands.doctor:app", "Check this machine and a stack, before anything is changed."),
    "why": ("aurora.commands.why:app", "Say what `pulumi up` would do with each group's image, and why."),
    "prune": (
        "aurora.commands.prune:app",
        "Delete images that nothing can run any more, and the function versions that only kept them.",
    ),
    "idle": ("aurora.commands.idle:app", "Say whether a stack is idle, so that it may be destroyed."),
    "test": ("aurora.commands.tests:app", "Run the project's tests."),
    "user": ("aurora.commands.user:app", "Add users, who may sign in."),
    "stack": ("aurora.commands.stack:app", "Make environments of your own."),
    "base": ("aurora.commands.base:app", "The base image that all images are built on."),
    "lock": (
        "aurora.commands.lock:app",
        "Lock the dependencies in pyproject.toml: uv.lock, and the requirements of each group's image.",
    ),
    "new": ("aurora.commands.new:app", "Make a platform of your own: a project that depends on the engine."),
    "update": (
        "aurora.commands.update:app",
        "Change to another version of the engine: its package, run.py and the lock.",
    ),
    "wheel": ("aurora.commands.wheel:app", "Build the engine as a package, from its own checkout."),
}
"""The engine's commands: the import path of each one's Typer, and its line in the list of commands."""


@functools.cache
def known_systems() -> tuple[System, ...]:
    """The project's systems; none if there is no project or, with a message, if its code cannot be imported.

    Help, and commands that need no system, then still work.
    """
    try:
        return systems()
    except CommandError:
        return ()
    except Exception as error:  # noqa: BLE001 - the project's own code may fail in any way
        say(f"infra cannot be imported, so its commands are not listed: {type(error).__name__}: {error}")
        return ()


class CommandGroup(TyperGroup):
    """The engine's commands and those of the systems; turns their results and errors into exit codes."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {name: LazyCommand(name, path, help) for name, (path, help) in ENGINE.items()}

    def list_commands(self, ctx: Any) -> list[str]:
        self._add_declared()
        return super().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        found = super().get_command(ctx, cmd_name)
        if found is None:
            self._add_declared()
            found = super().get_command(ctx, cmd_name)
        return found

    def invoke(self, ctx: Any) -> Any:
        try:
            code = super().invoke(ctx)
        except CommandError as error:
            say(str(error))
            code = error.exit_code
        except KeyboardInterrupt:
            say("Interrupted.")
            code = INTERRUPTED
        ctx.exit(code)

    def _add_declared(self) -> None:
        declared = [command for system in known_systems() for command in system.commands]
        # Systems' come first: they are what the platform is for. The engine's own keep their names.
        self.commands = {
            **{command.name: LazyCommand(command.name, command.path, command.help) for command in declared},
            **self.commands,
        }


class LazyCommand(TyperCommand):
    """A command that is listed by its name and one line, and imported when it is called."""

    def __init__(self, name: str, path: str, help: str) -> None:
        super().__init__(name, short_help=help)
        self._path = path

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        return get_command(load(self._path)).make_context(info_name, args, parent, **extra)
