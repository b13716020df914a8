"""What the program owes to the Pulumi engine that runs it. Knows nothing of what is deployed."""

from __future__ import annotations

import sys
from types import TracebackType


def end_without_traceback_when_interrupted() -> None:
    """Leaves it to the engine to say what failed.

    When a resource fails, the engine ends the program, which still waits for that resource, by SIGINT; Python would
    put the traceback of a KeyboardInterrupt beside the engine's own message.
    """
    earlier = sys.excepthook

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            earlier(kind, error, trace)

    sys.excepthook = show
