"""Shared by commands: their Typer, their parameters for folders and stacks, and the layout of their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand


def new_app() -> typer.Typer:
    """The Typer of a command or, with a callback, of a family of commands.

    Its commands are functions that return their exit code; a CommandError that they raise is shown as its message, and
    ends with its exit code.
    """
    return typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def non_empty(text: str) -> str:
    """Refuses the empty value that an unset shell variable leaves: as a folder it would be the current one."""
    if not text:
        raise typer.BadParameter("it is empty: is a variable not set?")
    return text


def folder(text: str) -> Path:
    """A folder's path, which is not empty."""
    return Path(non_empty(text))


Stack = Annotated[
    str | None,
    typer.Option("--stack", "-s", metavar="STACK", help="A deployed stack, as in dev.", parser=non_empty),
]
"""The stack, or this machine."""

NamedStack = Annotated[
    str,
    typer.Option("--stack", "-s", metavar="STACK", help="The stack, as in dev.", parser=non_empty, show_default=False),
]
"""The stack, which must be named."""


class GroupedCommand(TyperCommand):
    """A command whose help lists its options under the headings of their panels."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Writes the arguments, the plain options, then each panel's, in the order of the parameters."""
        sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        for parameter in self.get_params(ctx):
            row = parameter.get_help_record(ctx)
            if row is not None:
                kind = "Arguments" if parameter.param_type_name == "argument" else "Options"
                sections.setdefault(getattr(parameter, "rich_help_panel", None) or kind, []).append(row)
        for heading, rows in sections.items():
            with formatter.section(heading):
                formatter.write_dl(rows)
