"""`base`: what the images are built on."""

from __future__ import annotations

from aurora.commands.parameters import new_app

app = new_app()


@app.callback(no_args_is_help=True)
def base() -> None:
    """The base image that all images are built on."""


@app.command(
    epilog="""\b
Examples:
  python3 run.py base update
"""
)
def update() -> int:
    """Take the newest base image of the same Python.

    Asks the registry that images/base-image names for the newest dated tag, and writes it there with its digest.
    Every group's image changes with it: commit the file, then deploy. Docker is not needed.
    """
    from aurora.ops.base_image import update as update_base

    return update_base()
