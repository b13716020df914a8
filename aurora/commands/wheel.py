"""`wheel`: the engine as a package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands.parameters import folder, new_app
from aurora.errors import COMPLETE

app = new_app()


@app.command(
    epilog="""\b
Examples:
  python3 run.py wheel --out dist
"""
)
def wheel(
    out: Annotated[Path, typer.Option(metavar="DIR", parser=folder, help="Where it goes.")] = Path("dist"),
) -> int:
    """Build the engine as a package, from its own checkout.

    Other projects take it by `update --engine`.
    """
    from aurora.console import result
    from aurora.ops.engine import build

    result(str(build(out.resolve())))
    return COMPLETE
