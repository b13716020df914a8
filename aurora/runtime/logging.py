"""Structured logs of a function: one JSON line each, with the function's name and what the call is about.

A workflow's handler is decorated with `@told(log)`: its lines, and those of what it calls, then carry `course_id`,
`execution` and, within `about_unit`, `unit`. Messages read `key=<value> | sentence`, so that one can grep them. Never
log a token, a prompt or a lesson's text.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from aws_lambda_powertools import Logger

from aurora.runtime.errors import ModelUnavailable, Throttled

Answer = TypeVar("Answer")
Handler = Callable[[dict[str, Any], Any], Answer]


class _About(logging.Filter):
    """Puts on every line what it is about.

    What a call is about is one for the process, as a function serves one call at a time, so that threads know it too;
    the unit is a thread's own, for they may be at work on several.
    """

    def __init__(self) -> None:
        super().__init__()
        self.call: Mapping[str, str] = {}
        self.log: Logger | None = None
        self.unit: ContextVar[str | None] = ContextVar("unit", default=None)

    def filter(self, record: logging.LogRecord) -> bool:
        unit = self.unit.get()
        record.__dict__.update(self.call, **({"unit": unit} if unit else {}))
        return True


_about = _About()


def logger(function: str) -> Logger:
    """The logger of the function named `function` (as in the catalogue, "starter-api")."""
    log = Logger(service=function, utc=True)
    log.addFilter(_about)
    return log


def told(log: Logger) -> Callable[[Handler[Answer]], Handler[Answer]]:
    """Decorates a handler of the workflow: its lines tell course and execution, and an error is told before it leaves.

    The event holds the `CourseEvent` as "course".
    """

    def decorate(handler: Handler[Answer]) -> Handler[Answer]:
        @functools.wraps(handler)
        def telling(event: dict[str, Any], context: Any) -> Answer:
            course = event["course"]
            request_id = getattr(context, "aws_request_id", None)
            _about.call = {
                "course_id": course["course_id"],
                "execution": course["execution"],
                **({"function_request_id": request_id} if request_id else {}),
            }
            _about.log = log
            try:
                return handler(event, context)
            except (Throttled, ModelUnavailable) as error:
                log.warning("error=<%s> | there is more to do, and the workflow calls again", type(error).__name__)
                raise
            except Exception as error:
                # Its type and no more: an error's text may quote what a person wrote. Lambda logs the traceback.
                log.error("error=<%s> | the call failed", type(error).__name__)
                raise
            finally:
                _about.call, _about.log = {}, None

        return telling

    return decorate


@contextmanager
def about_unit(unit: str) -> Generator[None]:
    """Lines written within, in this thread, carry the unit's id ("03-02", "lab-03-02", "slides-03")."""
    token = _about.unit.set(unit)
    try:
        yield
    finally:
        _about.unit.reset(token)


def at_work() -> Logger:
    """The logger of the handler that is at work, for what several functions share; one of its own outside of any."""
    return _about.log or logger("functions")
