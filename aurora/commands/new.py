"""`new`: makes a project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands.parameters import folder, new_app, non_empty

app = new_app()


@app.command(
    epilog="""\b
Examples:
  python3 run.py new ../tales --name tales
"""
)
def new(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", parser=folder, help="A folder that is new or empty.", show_default=False)
    ],
    name: Annotated[
        str,
        typer.Option(
            metavar="SERVICE",
            parser=non_empty,
            help="The service's name, with which names in AWS begin.",
            show_default=False,
        ),
    ],
) -> int:
    """Make a platform of your own: a project that depends on the engine.

    It depends on nothing else here. It has one system with one function, a page, tests and its Pulumi files, and
    passes its own tests at once.
    """
    from aurora.ops.new_project import make_project

    return make_project(directory, name)
