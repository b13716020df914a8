"""`logs`: what functions logged about one subject."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from aurora.commands.declared import known_systems
from aurora.commands.parameters import Stack, new_app, non_empty

app = new_app()


class Level(StrEnum):
    """How severe a line of a log is."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class _Logs(TyperCommand):
    """Adds to the help what the argument can be."""

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        super().format_help_text(ctx, formatter)
        arguments = [system.logs.argument for system in known_systems() if system.logs is not None]
        formatter.write_paragraph()
        with formatter.indentation():
            meaning = "; or ".join(arguments) or "a text that its lines hold, such as the id of an execution"
            formatter.write_text(f"SUBJECT is {meaning}.")


@app.command(
    cls=_Logs,
    epilog="""\b
Examples:
  python3 run.py logs SUBJECT
  python3 run.py logs SUBJECT -s dev --follow
  python3 run.py logs SUBJECT -s dev --execution 2 --level warning
  python3 run.py logs SUBJECT -s dev --json
""",
)
def logs(
    subject: Annotated[
        str, typer.Argument(metavar="SUBJECT", help="What the lines are about; see above.", show_default=False)
    ],
    stack: Stack = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Keep printing new lines until Ctrl-C.")] = False,
    execution: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only the subject's Nth execution, 1 the first.")
    ] = None,
    level: Annotated[Level, typer.Option(help="Minimum severity.")] = Level.DEBUG,
    as_json: Annotated[bool, typer.Option("--json", help="Print the lines as the functions wrote them.")] = False,
) -> int:
    """Show what every function logged about one subject, in order.

    Reads the functions' logs in CloudWatch Logs with the stack's own AWS credentials, or those of the local platform
    that runs here, and merges them by time. A line shows when, which function, which part of the work, and what.
    """
    from aurora.ops.logs import LogRequest, show_logs

    return show_logs(LogRequest(non_empty(subject), stack, follow, execution, level.value.upper(), as_json))
