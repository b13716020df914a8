"""Structured logs of a function: one JSON line each, with the function's name and fields of the call.

`@log_invocation(log, fields)` decorates a handler: all lines of the call carry the fields that `fields` reads from the
event; within `log_context` they carry more. Messages have the form `key=<value> | sentence`, which is easy to grep.
Never log tokens, prompts or user input.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, Final, TypeVar

from aws_lambda_powertools import Logger

from aurora.runtime.errors import TryLater

Answer = TypeVar("Answer")
Handler = Callable[[dict[str, Any], Any], Answer]
Fields = Mapping[str, str]

_NO_FIELDS: Final[Fields] = MappingProxyType({})


class _Context(logging.Filter):
    """Adds the fields of the invocation and of the thread to every line.

    The whole process shares the invocation's, as a function serves one call at a time; each thread has its own fields
    of `log_context`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.invocation: Fields = _NO_FIELDS
        self.log: Logger | None = None
        self.thread: ContextVar[Fields] = ContextVar("log_fields", default=_NO_FIELDS)

    def filter(self, record: logging.LogRecord) -> bool:
        record.__dict__.update(self.invocation, **self.thread.get())
        return True


_context = _Context()


def logger(function: str) -> Logger:
    """The logger of a function, by its declared name ("greet")."""
    log = Logger(service=function, utc=True)
    log.addFilter(_context)
    return log


def log_invocation(
    log: Logger, fields: Callable[[Mapping[str, Any]], Fields] = lambda _event: _NO_FIELDS
) -> Callable[[Handler[Answer]], Handler[Answer]]:
    """Decorates a handler: its lines carry the event's `fields` and the request id, and an error is logged and raised.

    `fields` gets the event and must not fail.
    """

    def decorate(handler: Handler[Answer]) -> Handler[Answer]:
        @functools.wraps(handler)
        def logged(event: dict[str, Any], context: Any) -> Answer:
            request_id = getattr(context, "aws_request_id", None)
            _context.invocation = {**fields(event), **({"function_request_id": request_id} if request_id else {})}
            _context.log = log
            try:
                return handler(event, context)
            except TryLater as error:
                log.warning("error=<%s> | there is more to do, and the caller tries again", type(error).__name__)
                raise
            except Exception as error:
                # Only its type: an error's text may quote user input. Lambda logs the traceback.
                log.error("error=<%s> | the call failed", type(error).__name__)
                raise
            finally:
                _context.invocation, _context.log = _NO_FIELDS, None

        return logged

    return decorate


@contextmanager
def log_context(**fields: str) -> Generator[None]:
    """Adds fields to the lines that this thread writes within the block."""
    token = _context.thread.set({**_context.thread.get(), **fields})
    try:
        yield
    finally:
        _context.thread.reset(token)


def current_logger() -> Logger:
    """The logger of the running handler, for code that functions share; a general one outside of handlers."""
    return _context.log or logger("functions")
