"""The command line as a whole: its help, its exit codes, its commands."""

from __future__ import annotations

from aurora.commands.declared import CommandGroup
from aurora.commands.parameters import new_app

_EXIT_CODES = """\b
Exit codes:
  0    done
  1    the platform, the network or this machine cannot do it; the message says what to do
  2    the command line, or a file that it names, is wrong; nothing was started, nothing overwritten
  3    not everything is done yet; the help of a command that can end like this says what it means
  130  interrupted
"""

app = new_app()


@app.callback(cls=CommandGroup, no_args_is_help=True, epilog=_EXIT_CODES)
def aurora() -> None:
    """Run the platform of this project on this machine, and look after its deployments to AWS."""
