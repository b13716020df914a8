"""`lock`: the versions that are installed here and in each image."""

from __future__ import annotations

from typing import Annotated

import typer

from aurora.commands.parameters import new_app
from aurora.errors import COMPLETE

app = new_app()


@app.command(
    epilog="""\b
Examples:
  python3 run.py lock
  python3 run.py lock --check
"""
)
def lock(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail where something is stale.")] = False,
) -> int:
    """Lock the dependencies in pyproject.toml: uv.lock, and the requirements of each group's image."""
    from aurora.ops import locks
    from aurora.project import systems

    groups = [group for system in systems() for group in system.groups]
    (locks.check if check else locks.lock)(groups)
    return COMPLETE
