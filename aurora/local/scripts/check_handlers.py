"""Imports handlers as their workers do, and reports those that cannot be imported.

``check_handlers.py ROOT`` reads ``[[handler, {variable: value}], ...]`` from its standard input and writes a line of
JSON for each: null, or the fault. A missing line means that the handler ended the process. Standard library only and
run as a script, as `worker` is.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any


def fault_of(handler: str, root: str, worker: Any) -> str | None:
    """Why a handler cannot be imported, beginning with the place (functions/a/b.py, line 3); None if it can."""
    try:
        worker.load(handler)
    except BaseException as error:  # noqa: BLE001 - a module may raise anything, SystemExit too
        cause = error.__cause__ or error
        if getattr(error, "kind", "") == "Runtime.HandlerNotFound":
            return str(error)
        return f"{_place(cause, root) or handler}: {_described(cause)}"
    return None


def _place(error: BaseException, root: str) -> str:
    """The place of an error in the project: the innermost line of its code."""
    if isinstance(error, SyntaxError) and error.filename:
        places = [(error.filename, error.lineno)]
    else:
        places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    own = [(Path(file).relative_to(root).as_posix(), line) for file, line in places if Path(file).is_relative_to(root)]
    return "{}, line {}".format(*own[-1]) if own else ""


def _described(error: BaseException) -> str:
    """The kind and message of an error, in one line."""
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    return " ".join(f"{type(error).__name__}: {said}".split())


def _worker() -> Any:
    """The module ``worker``, which is not on the import path."""
    specification = importlib.util.spec_from_file_location("worker", Path(__file__).with_name("worker.py"))
    assert specification is not None
    assert specification.loader is not None
    module = sys.modules["worker"] = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def main() -> None:
    """Reads, imports and answers."""
    [root] = sys.argv[1:]
    handlers: list[tuple[str, dict[str, str]]] = json.load(sys.stdin)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # output of modules during their import must not mix with the answers
    worker, inherited = _worker(), dict(os.environ)
    worker.import_from(root)
    for handler, variables in handlers:
        os.environ.clear()
        os.environ.update({**inherited, **variables})
        print(json.dumps(fault_of(handler, root, worker)), file=answers, flush=True)
    os._exit(0)  # even if modules started threads


if __name__ == "__main__":
    main()
