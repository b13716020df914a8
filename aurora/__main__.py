"""``python -m aurora``."""

import signal

# Ctrl-C before there is anything to tidy up just ends: no traceback from the midst of an import. Where it is ignored,
# as in the background of a script, it stays ignored.
_HEEDED = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if _HEEDED:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from aurora.commands.cli import app  # noqa: E402 - Ctrl-C comes first

if __name__ == "__main__":
    if _HEEDED:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    app(prog_name="run.py")
