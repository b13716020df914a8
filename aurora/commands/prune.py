"""`prune`: deletes images that nothing can run any more."""

from __future__ import annotations

from typing import Annotated

import typer

from aurora.commands.parameters import NamedStack, new_app

app = new_app()


@app.command(
    epilog="""\b
Examples:
  python3 run.py prune -s dev
  python3 run.py prune -s prod --keep 20
  python3 run.py prune -s dev --yes
"""
)
def prune(
    stack: NamedStack,
    keep: Annotated[
        int, typer.Option(min=1, metavar="N", help="How many images of a group and versions of a function to keep.")
    ] = 5,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Delete without asking.")] = False,
) -> int:
    """Delete images that nothing can run any more, and the function versions that only kept them.

    It keeps, for each function, the newest N published versions and every version that an alias refers to; for each
    group, the newest N images, the one that was deployed last, the one of this checkout, and every image that a kept
    version runs. It lists everything else and deletes it after you confirm; without a terminal it needs --yes.
    """
    from aurora.ops.prune import prune as delete_old

    return delete_old(stack, keep, yes)
