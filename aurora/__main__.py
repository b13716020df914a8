"""``python -m aurora``."""

import signal

# Until there is anything to clean up, Ctrl-C ends the process without a traceback from an import. If the parent process
# ignores Ctrl-C, as a script does for background jobs, it stays ignored.
_HANDLES_CTRL_C = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if _HANDLES_CTRL_C:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from aurora.commands.cli import app  # noqa: E402 - Ctrl-C comes first

if __name__ == "__main__":
    if _HANDLES_CTRL_C:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    app(prog_name="run.py")
