"""Structured logs of a function: one JSON line each, with the function's name and what the call is about.

`@log_invocation(log, fields)` decorates a handler: its lines, and those of what it calls, carry the fields that
`fields` reads from the event; within `log_context` they carry more. Messages read `key=<value> | sentence`, so that
one can grep them. Never log a token, a prompt or what a user wrote.
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
    """Puts on every line the fields of the invocation and those of the thread.

    The invocation's are the process's, as a function serves one call at a time, so that threads know them too; those
    of `log_context` are a thread's own, for several may be at work.
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
    """The logger of the function of that name, as its system declares it ("starter-api")."""
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
                # Its type and no more: an error's text may quote what a person wrote. Lambda logs the traceback.
                log.error("error=<%s> | the call failed", type(error).__name__)
                raise
            finally:
                _context.invocation, _context.log = _NO_FIELDS, None

        return logged

    return decorate


@contextmanager
def log_context(**fields: str) -> Generator[None]:
    """Lines written within, in this thread, carry these fields too."""
    token = _context.thread.set({**_context.thread.get(), **fields})
    try:
        yield
    finally:
        _context.thread.reset(token)


def current_logger() -> Logger:
    """The logger of the handler that is running, for what several functions share; one of its own outside of any."""
    return _context.log or logger("functions")
