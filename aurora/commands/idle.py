"""`idle`: whether nobody uses a stack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aurora.commands.parameters import NamedStack, folder, new_app

app = new_app()


@app.command(
    epilog="""\b
Examples:
  python3 run.py idle -s dev
  python3 run.py idle -s dev --hours 48 --days 30
  python3 run.py idle -s dev --export work
\b
Exit code 0: it is idle, and `pulumi destroy` would disturb nobody.
Exit code 3: it is in use; each reason is printed.
Exit code 1: the answer is unknown; treat it as in use.
"""
)
def idle(
    stack: NamedStack,
    hours: Annotated[
        int, typer.Option(min=1, max=720, metavar="N", help="Idle if nothing ran or was deployed for N hours.")
    ] = 12,
    days: Annotated[int, typer.Option(min=0, max=3650, metavar="N", help="Work of the last N days counts as use.")] = 7,
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", parser=folder, help="If such work is the only use, save it here; then it no longer counts."
        ),
    ] = None,
) -> int:
    """Say whether a stack is idle, so that it may be destroyed.

    It is idle if no function was invoked or deployed for --hours, no execution runs, and nobody worked on anything in
    it for --days. Requests without a valid sign-in do not count: they reach no function. It destroys nothing.
    """
    from datetime import timedelta

    from aurora.ops.idle import Limits, report_whether_idle

    return report_whether_idle(stack, Limits(timedelta(hours=hours), timedelta(days=days)), export)
