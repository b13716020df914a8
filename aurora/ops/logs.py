"""What a platform's functions logged about one subject, merged by time.

Reads CloudWatch Logs of a deployed stack, with the stack's credentials, or of the local platform. Systems declare what
a subject can be, and the field of log lines that names it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast

from botocore.exceptions import ClientError

from aurora import console
from aurora.errors import COMPLETE, CommandError, InvalidInput
from aurora.local.stack import stack_named
from aurora.project import load, systems
from aurora.retries import retried
from aurora.stack.aws_errors import code
from aurora.stack.deployed import DeployedStack

_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# Lambda's own log lines about calls that it ended: they hold nothing but the request's id.
_ENDED_BY_LAMBDA: Final = ("Task timed out", "Runtime exited")
_AT_ONCE: Final = 4
# FilterLogEvents allows an account five requests a second in most regions, and others make some as well.
_PAUSES: Final = (3.0,) * 4
_POLL_SECONDS: Final = 2.0
_LATE_MILLISECONDS: Final = 30_000  # lines reach CloudWatch Logs out of order, by some seconds


@dataclass(frozen=True)
class LogRequest:
    """The options of `logs`: the lines about what ``argument`` names, in ``stack`` (None: the local platform).

    ``execution`` is the number of one of its executions; ``level`` is the minimum severity.
    """

    argument: str
    stack: str | None = None
    follow: bool = False
    execution: int | None = None
    level: str = "DEBUG"
    as_json: bool = False


@dataclass(frozen=True)
class LogSubject:
    """Selects lines whose ``field`` is ``value``; messages call the subject ``name``.

    Without a field, it selects every line that holds the value. ``exists`` is called if no line is found.
    """

    name: str
    field: str
    value: str
    exists: Callable[[], bool] = lambda: True

    @property
    def pattern(self) -> str:
        """A filter pattern that matches every line about it: a plain text, which the local platform supports too."""
        return '"' + self.value.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def has(self, record: Mapping[str, Any]) -> bool:
        """Whether a structured line is about it."""
        return not self.field or record.get(self.field) == self.value


@dataclass(frozen=True)
class Line:
    """A line of a function's log.

    ``raw`` is the line as the function wrote it, ``columns`` the fields to show, ``request`` the id of its call.
    """

    at: datetime
    function: str
    raw: str
    level: str
    message: str
    columns: tuple[str, ...] = ()
    request: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The columns before the message."""
        return (self.at.astimezone().strftime("%Y-%m-%d %H:%M:%S"), self.function, *self.columns)

    @property
    def text(self) -> str:
        severity = f"{self.level}: " if self.level not in ("DEBUG", "INFO") else ""
        # A message may hold user input, which must not send control characters to the terminal.
        return severity + "".join(each if each.isprintable() else " " for each in self.message)


class FunctionLog:
    """The log of one function: first all lines, then new ones."""

    def __init__(
        self,
        client: Any,
        group: str,
        function: str,
        subject: LogSubject,
        columns: Sequence[str] = (),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._sleep = sleep
        self._group = group
        self._function = function
        self._subject = subject
        self._columns = columns
        self._seen: set[tuple[str, int, str]] = set()
        self._requests: set[str] = set()
        self._newest = 0

    def more(self) -> list[Line]:
        """The lines about the subject that earlier calls did not return. Raises AWS's errors."""
        since = max(self._newest - _LATE_MILLISECONDS, 0)
        lines = [line for event in self._events(self._subject.pattern, since) if (line := self._structured(event))]
        found = [line for record, line in lines if self._subject.has(record)]
        self._requests |= {line.request for line in found if line.request}
        if self._requests:
            for text in _ENDED_BY_LAMBDA:
                found += [line for event in self._events(f'"{text}"', since) if (line := self._from_lambda(event))]
        return found

    def _events(self, pattern: str, since: int) -> Iterator[Mapping[str, Any]]:
        """The matching events that earlier calls did not return."""

        def read() -> list[Mapping[str, Any]]:
            pages = self._client.get_paginator("filter_log_events").paginate(
                logGroupName=self._group, filterPattern=pattern, startTime=since
            )
            return [event for page in pages for event in page["events"]]

        try:
            events = retried(read, lambda error: code(error) == "ThrottlingException", _PAUSES, self._sleep)
        except ClientError as error:
            if code(error) == "ResourceNotFoundException":
                return  # a running deployment is adding this function to the stack
            raise
        for event in events:
            self._newest = max(self._newest, event["timestamp"])
            key = (event["logStreamName"], event["timestamp"], event["message"])
            if key not in self._seen:
                self._seen.add(key)
                yield event

    def _structured(self, event: Mapping[str, Any]) -> tuple[Mapping[str, Any], Line] | None:
        """Parses a line that a function wrote with its logger."""
        try:
            found: Any = json.loads(event["message"])
        except ValueError:
            return None
        if not isinstance(found, dict) or "message" not in found:
            return None
        record = cast("dict[str, Any]", found)
        error = f" ({record['exception_name']})" if record.get("exception_name") else ""
        return record, Line(
            at=_time(record.get("timestamp"), event["timestamp"]),
            function=str(record.get("service") or self._function),
            raw=event["message"].rstrip(),
            level=str(record.get("level") or "INFO"),
            message=f"{record['message']}{error}",
            columns=tuple(str(record.get(name) or "") for name in self._columns),
            request=str(record.get("function_request_id") or ""),
        )

    def _from_lambda(self, event: Mapping[str, Any]) -> Line | None:
        """Parses a line that Lambda wrote about one of the subject's requests."""
        text = event["message"].strip()
        if not any(request in text for request in self._requests):
            return None
        return Line(
            at=_time(None, event["timestamp"]),
            function=self._function,
            raw=text,
            level="ERROR",
            message=text,
            columns=("",) * len(self._columns),
        )


def show_logs(request: LogRequest, sleep: Callable[[float], None] = time.sleep) -> int:
    """Prints the lines of a subject in the order in which they were written; returns the exit code.

    Raises:
        InvalidInput: no system recognises the argument.
        CommandError: the subject does not exist, nothing was logged about it, or its logs cannot be read.
    """
    stack = stack_named(request.stack)
    with stack.readable_errors():
        subject, columns = _subject(request, stack)
        logs = _logs(stack, subject, columns)
        printer = _Printer(request)
        printed = printer.print(_read(logs))
        if not printed and not subject.exists():
            raise CommandError(f"There is no {subject.name} in {stack.name}.")
        if request.follow:
            console.say("Waiting for new lines. Ctrl-C ends this.")
        elif not printed:
            raise CommandError(_nothing(request, subject))
        while request.follow:
            sleep(_POLL_SECONDS)
            printer.print(_read(logs))
    return COMPLETE


def _subject(request: LogRequest, stack: DeployedStack) -> tuple[LogSubject, tuple[str, ...]]:
    """The subject that the argument names, and the fields to show: a system's, or else any line with that text."""
    declared = [system.logs for system in systems() if system.logs is not None]
    for each in declared:
        subject: LogSubject | None = load(each.path)(request.argument, request.execution, stack)
        if subject is not None:
            return subject, each.columns
    if declared:
        raise InvalidInput(f"{request.argument!r} is not {', nor '.join(each.argument for each in declared)}.")
    return LogSubject(repr(request.argument), "", request.argument), ()


def _logs(stack: DeployedStack, subject: LogSubject, columns: Sequence[str]) -> list[FunctionLog]:
    client = stack.client("logs")
    return [
        FunctionLog(client, f"/aws/lambda/{name}", function, subject, columns)
        for function, name in stack.functions.items()
    ]


def _read(logs: Sequence[FunctionLog]) -> list[Line]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        # Lines that a function wrote at the same time stay in order.
        return sorted((line for lines in pool.map(FunctionLog.more, logs) for line in lines), key=lambda line: line.at)


class _Printer:
    """Prints lines in columns as wide as their longest cell so far."""

    def __init__(self, request: LogRequest) -> None:
        self._as_json = request.as_json
        self._minimum = _LEVELS.index(request.level)
        self._widths: list[int] = []

    def print(self, lines: Sequence[Line]) -> int:
        """Prints the lines of the minimum severity or higher; returns their number."""
        wanted = [line for line in lines if line.level not in _LEVELS or _LEVELS.index(line.level) >= self._minimum]
        for line in wanted:
            widths = [len(cell) for cell in line.cells]
            self._widths = [max(pair) for pair in zip(widths, self._widths or widths, strict=True)]
        for line in wanted:
            cells = [f"{cell:{width}}" for cell, width in zip(line.cells, self._widths, strict=True)]
            console.result(line.raw if self._as_json else "  ".join([*cells, line.text]))
        return len(wanted)


def _nothing(request: LogRequest, subject: LogSubject) -> str:
    what = subject.name + (f", execution {request.execution}" if request.execution else "")
    if request.level != _LEVELS[0]:
        return f"Nothing of severity {request.level.lower()} or higher was logged about {what}."
    return (
        f"The logs hold nothing about {what}: nothing was logged yet, or it is older than the stack's "
        "aurora:logRetentionDays."
    )


def _time(written: Any, received: int) -> datetime:
    """When a line was written: the local platform receives all lines of a call at its end."""
    try:
        return datetime.fromisoformat(str(written)).astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(received / 1000, UTC)
