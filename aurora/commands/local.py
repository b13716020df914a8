"""`local`: the whole platform on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from aurora.commands.declared import known_systems
from aurora.commands.parameters import folder, new_app, non_empty

app = new_app()


class _Local(TyperCommand):
    """Adds to the help what systems say about the environment variables that they read."""

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        super().format_help_text(ctx, formatter)
        for system in known_systems():
            if system.local is not None and system.local.help:
                formatter.write_paragraph()
                with formatter.indentation():
                    formatter.write_text(system.local.help)


@app.command(
    cls=_Local,
    epilog="""\b
Examples:
  python3 run.py local
  python3 run.py local --data ~/platform --port 8080
  python3 run.py local --containers
""",
)
def local(
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", parser=folder, help="Keep objects, tables and users here between runs."),
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, metavar="N", help="The site's port; a free one otherwise.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="When ready, print one line of JSON: site, api, stack, buckets.")
    ] = False,
    containers: Annotated[
        bool, typer.Option("--containers", help="Run functions as their images, which Docker builds.")
    ] = False,
    base_image: Annotated[
        str | None,
        typer.Option(
            metavar="REF", parser=non_empty, help="With --containers: build on this, not on images/base-image."
        ),
    ] = None,
) -> int:
    """Run the whole platform on this machine until Ctrl-C.

    The very program that deploys to AWS runs in an embedded AWS on loopback: no account, no Docker, and no network
    once installed. Edits to functions take effect at once.
    """
    from aurora.ops.local_run import serve

    return serve(data, port, as_json, containers, base_image)
