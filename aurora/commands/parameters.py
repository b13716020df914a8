"""What commands share on the command line: how they take folders and stacks, and how their help is laid out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand


class GroupedCommand(TyperCommand):
    """A command whose options stand in its help under the headings of their panels: many would be a wall of text."""

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


def non_empty(text: str) -> str:
    """Refuses the empty value that an unset shell variable leaves: as a folder it would be where one stands."""
    if not text:
        raise typer.BadParameter("it is empty; is a variable unset?")
    return text


def folder(text: str) -> Path:
    """A folder's path; an empty one is refused."""
    return Path(non_empty(text))


Stack = Annotated[
    str | None,
    typer.Option("--stack", "-s", metavar="STACK", help="A deployed stack, as in dev.", parser=non_empty),
]
NamedStack = Annotated[
    str,
    typer.Option("--stack", "-s", metavar="STACK", help="The stack, as in dev.", parser=non_empty, show_default=False),
]
