"""`update`: changes the version of the engine."""

from __future__ import annotations

from typing import Annotated

import typer

from aurora.commands.parameters import new_app, non_empty

app = new_app()


@app.command(
    epilog="""\b
Examples:
  python3 run.py update --engine ../engine/dist/aurora_engine-0.3.0+g4f1c2aa-py3-none-any.whl
  python3 run.py update --engine git+https://example.com/platform/engine@v0.3.0
"""
)
def update(
    engine: Annotated[
        str,
        typer.Option(metavar="WHEEL|GIT", parser=non_empty, help="The engine to depend on.", show_default=False),
    ],
) -> int:
    """Change to another version of the engine: its package, run.py and the lock.

    If the new dependencies cannot be locked, nothing changes. Undo an update with `git checkout .`, as any edit.
    """
    from aurora.ops.engine import Engine
    from aurora.ops.update_engine import update_project

    return update_project(Engine.parse(engine))
