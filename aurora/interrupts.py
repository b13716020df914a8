"""How the Pulumi program ends when the engine interrupts it."""

from __future__ import annotations

import sys
from types import TracebackType


def end_without_traceback_when_interrupted() -> None:
    """Suppresses the traceback of a KeyboardInterrupt, so that only the engine's own message is shown.

    When a resource fails, the engine sends SIGINT to the program, which still waits for that resource.
    """
    earlier = sys.excepthook

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            earlier(kind, error, trace)

    sys.excepthook = show
