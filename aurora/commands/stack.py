"""`stack`: makes environments."""

from __future__ import annotations

from typing import Annotated

import typer

from aurora.commands.parameters import new_app, non_empty

app = new_app()


@app.callback(no_args_is_help=True)
def stack() -> None:
    """Make environments of your own."""


@app.command(
    epilog="""\b
Examples:
  python3 run.py stack new dev-sandbox --from dev
"""
)
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new stack, as in dev-sandbox.", show_default=False)],
    source: Annotated[
        str,
        typer.Option("--from", metavar="STACK", parser=non_empty, help="The stack to begin with.", show_default=False),
    ],
) -> int:
    """Make an environment of your own from another stack's settings.

    It is a stack and its Pulumi.NAME.yaml, nothing in AWS yet: `pulumi up -s NAME` deploys it. Its images are copied
    from the other stack rather than built. It is not protected and has no alarms; its secrets are encrypted again, and
    those of a protected stack are not copied.
    """
    from aurora.ops.new_stack import make_stack

    return make_stack(name, source)
