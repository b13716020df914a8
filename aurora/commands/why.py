"""`why`: what a deployment would do with each group's image."""

from __future__ import annotations

from aurora.commands.parameters import Stack, new_app

app = new_app()


@app.command(
    epilog="""\b
Examples:
  python3 run.py why
  python3 run.py why -s dev
"""
)
def why(stack: Stack = None) -> int:
    """Say what `pulumi up` would do with each group's image, and why.

    For each group: unchanged, or the files that changed since the last deployment; and whether the image is there,
    will be copied and from where, or must be built. Without -s STACK it takes the selected stack. It changes
    nothing.
    """
    from aurora.ops.why import why as explain

    return explain(stack)
