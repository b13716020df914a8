"""One course's story: what every function of an environment logged of it, merged by time.

Reads CloudWatch Logs, of a deployed stack or of the local platform, with the credentials of whoever asks. Knows the
keys that functions put into their lines (aurora.runtime.logging) and nothing of what they do.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

from botocore.exceptions import ClientError

from aurora import console, project
from aurora.aws_session import StackSession
from aurora.errors import COMPLETE, CommandError, InvalidInput
from aurora.naming import name_in
from aurora.ops import target
from aurora.ops.target import Target
from aurora.stack import pulumi_cli as pulumi_stack
from aurora.stack.faults import AWS_ERRORS, as_command_error, code, denied
from client.memory import CourseMemory
from functions.courses.records import CourseRecords

_COURSE: Final = re.compile(r"([0-9a-f]{32})(?:-([1-9][0-9]*))?")
_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# What Lambda itself logs of a call that could not say anything any more: such a line knows the request alone.
_ENDED_BY_LAMBDA: Final = ("Task timed out", "Runtime exited")
_AT_ONCE: Final = 4
# An account may ask five times a second in most regions (FilterLogEvents), and others ask as well.
_ROUNDS: Final = 5
_SECONDS_OF_PATIENCE: Final = 3.0
_SECONDS_BETWEEN_LOOKS: Final = 2.0
_LATE_MILLISECONDS: Final = 30_000  # lines reach CloudWatch Logs out of order, by some seconds
_WIDTH_OF_FUNCTION: Final = len("lab-batch-expander")
_WIDTH_OF_UNIT: Final = len("slides-03")


@dataclass(frozen=True)
class LogRequest:
    """What was asked for: ``course`` is a folder, or the id of a course or of an execution; ``stack`` None is local.

    ``execution`` is the number of one of the course's executions; lines below ``level`` are left out.
    """

    course: str
    stack: str | None = None
    follow: bool = False
    execution: int | None = None
    level: str = "DEBUG"
    as_json: bool = False


@dataclass(frozen=True)
class Line:
    """A line of a function's log. ``raw`` is what the function wrote, ``request`` the id of its call."""

    at: datetime
    function: str
    raw: str
    level: str
    message: str
    unit: str = ""
    request: str = ""

    def __str__(self) -> str:
        grave = f"{self.level}: " if self.level not in ("DEBUG", "INFO") else ""
        when = self.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        # A message may hold what a person typed: nothing of it may steer the terminal.
        text = "".join(each if each.isprintable() else " " for each in self.message)
        return f"{when}  {self.function:{_WIDTH_OF_FUNCTION}}  {self.unit:{_WIDTH_OF_UNIT}}  {grave}{text}"


@dataclass(frozen=True)
class Story:
    """Whose lines are wanted: those of a course, or of its execution of that number alone."""

    course_id: str
    execution: int | None = None

    @property
    def pattern(self) -> str:
        """A filter that every line of it passes: a text, which the local platform understands too."""
        return f'"{self.course_id}"' if self.execution is None else f'"{self._name}"'

    def has(self, record: Mapping[str, Any]) -> bool:
        """Whether a structured line belongs to it."""
        if self.execution is None:
            return record.get("course_id") == self.course_id
        return record.get("execution") == self._name

    @property
    def _name(self) -> str:
        return f"{self.course_id}-{self.execution}"


class FunctionLog:
    """The log of one function, read from its beginning and on from there."""

    def __init__(
        self, client: Any, group: str, function: str, story: Story, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._sleep = sleep
        self._group = group
        self._function = function
        self._story = story
        self._seen: set[tuple[str, int, str]] = set()
        self._requests: set[str] = set()
        self._newest = 0

    def more(self) -> list[Line]:
        """The lines of the story that were not handed out before. Raises AWS's errors."""
        since = max(self._newest - _LATE_MILLISECONDS, 0)
        lines = [
            line for event in self._events(self._story.pattern, since) if (line := _structured(event, self._function))
        ]
        found = [line for record, line in lines if self._story.has(record)]
        self._requests |= {line.request for line in found if line.request}
        if self._requests:
            for sign in _ENDED_BY_LAMBDA:
                found += [
                    line
                    for event in self._events(f'"{sign}"', since)
                    if (line := _said_by_lambda(event, self._function, self._requests))
                ]
        return found

    def _events(self, pattern: str, since: int) -> Iterator[Mapping[str, Any]]:
        """The events that match and were not seen before."""
        for asked in range(1, _ROUNDS + 1):
            try:
                pages = self._client.get_paginator("filter_log_events").paginate(
                    logGroupName=self._group, filterPattern=pattern, startTime=since
                )
                for event in (event for page in pages for event in page["events"]):
                    self._newest = max(self._newest, event["timestamp"])
                    key = (event["logStreamName"], event["timestamp"], event["message"])
                    if key not in self._seen:
                        self._seen.add(key)
                        yield event
                return
            except ClientError as error:
                if code(error) == "ResourceNotFoundException":
                    return  # a function that a deployment under way is adding to the stack
                if code(error) != "ThrottlingException" or asked == _ROUNDS:
                    raise
                self._sleep(_SECONDS_OF_PATIENCE)


class Environment:
    """The logs and the courses of one platform."""

    def __init__(self, place: Target | None, stack: str) -> None:
        """The local platform ``place``, or else the deployed ``stack``.

        Raises:
            CommandError: the stack is unknown, or nothing is deployed in it.
        """
        self._place = place
        self._stack = stack
        self._config: dict[str, Any] = {}
        if place is None:
            outputs = pulumi_stack.outputs(stack)
            missing = [name for name in ("api", "environment", "functions") if name not in outputs]
            if missing:
                raise CommandError(
                    f"The stack {stack} has no output '{missing[0]}': bring it up to date with pulumi up -s {stack}"
                )
            self.key = str(outputs["api"])
            self._names = [str(arn).split(":")[6] for arn in outputs["functions"].values()]
            self._environment = str(outputs["environment"])
            self._config = pulumi_stack.config(stack)
        else:
            self.key, self._names, self._environment = place.key, [], target.LOCAL

    def client(self, service: str) -> Any:
        """A boto3 client of it."""
        if self._place is None:
            return StackSession(self._config).client(service)
        return self._place.client(service)

    def logs(self, story: Story) -> list[FunctionLog]:
        """The log of every function."""
        client = self.client("logs")
        prefix = f"/aws/lambda/{name_in(project.service(), self._environment, '')}"
        groups = [f"/aws/lambda/{name}" for name in self._names]
        if self._place is not None:
            # There is one environment alone: no other's names can begin like these.
            pages = client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
            groups = [group["logGroupName"] for page in pages for group in page["logGroups"]]
        return [FunctionLog(client, group, group.removeprefix(prefix), story) for group in groups]

    def has(self, course_id: str) -> bool:
        """Whether somebody has a course of this id here."""
        table = name_in(project.service(), self._environment, "courses")
        try:
            courses = CourseRecords(table, self.client("dynamodb")).every()
        except ClientError as error:
            if denied(error):
                return True  # who may read logs alone is not told the difference
            raise
        return any(course.course_id == course_id for course in courses)

    @contextmanager
    def in_sentences(self) -> Generator[None]:
        """Lets what goes wrong with AWS end the command as a sentence."""
        try:
            yield
        except AWS_ERRORS as error:
            if self._place is not None:
                raise CommandError(f"The local platform does not answer any more: {error}") from error
            raise as_command_error(error, self._stack, self._config) from error


def tell(request: LogRequest, sleep: Callable[[float], None] = time.sleep) -> int:
    """Prints the lines of a course in the order in which they were written; returns the exit code.

    Raises:
        InvalidInput: that is no course and no folder of one.
        CommandError: the platform has no such course, nothing was logged of it, or its logs cannot be read.
    """
    local = request.stack in (None, target.LOCAL)
    place = target.running_local() if local else None
    if local and place is None:
        raise CommandError(
            "No local platform is running here, and what one logged goes with it: start one with python3 run.py local "
            "and make the course there. -s STACK reads the logs of a deployed one."
        )
    if not local and _COURSE.fullmatch(request.course) is None:
        _check_folder(request.course)  # before the stack is asked, which takes a while
    environment = Environment(place, request.stack or target.LOCAL)
    story = _story(request, environment.key, request.stack or target.LOCAL)
    with environment.in_sentences():
        logs = environment.logs(story)
        told = _print(request, _read(logs))
        if not told and not environment.has(story.course_id):
            raise CommandError(f"There is no course {story.course_id} at {request.stack or target.LOCAL}.")
        if request.follow:
            console.say("Waiting for more: Ctrl-C ends this.")
        elif not told:
            raise CommandError(_nothing(request))
        while request.follow:
            sleep(_SECONDS_BETWEEN_LOOKS)
            _print(request, _read(logs))
    return COMPLETE


def _story(request: LogRequest, platform: str, stack: str) -> Story:
    named = _COURSE.fullmatch(request.course)
    if named is None:
        course_id = CourseMemory(_check_folder(request.course)).newest(platform)
        if course_id is None:
            raise CommandError(f"{request.course} holds no course that was made at {stack}. -s STACK names another.")
        return Story(course_id, request.execution)
    if named[2] and request.execution not in (None, int(named[2])):
        raise InvalidInput(f"{request.course} is an execution already: leave --execution {request.execution} out.")
    return Story(named[1], int(named[2]) if named[2] else request.execution)


def _check_folder(text: str) -> Path:
    folder = Path(text)
    if not (folder / ".aurora" / "course.json").is_file():
        raise InvalidInput(
            f"{text!r} is neither a folder that `course --out` made nor the id of a course or execution."
        )
    return folder


def _read(logs: Sequence[FunctionLog]) -> list[Line]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        # What a function wrote at one moment stays in its order.
        return sorted((line for lines in pool.map(FunctionLog.more, logs) for line in lines), key=lambda line: line.at)


def _print(request: LogRequest, lines: Sequence[Line]) -> int:
    """Prints the lines that are grave enough; returns how many there are."""
    least = _LEVELS.index(request.level)
    wanted = [line for line in lines if line.level not in _LEVELS or _LEVELS.index(line.level) >= least]
    for line in wanted:
        console.result(line.raw if request.as_json else str(line))
    return len(wanted)


def _nothing(request: LogRequest) -> str:
    narrowed = [
        *([f"of its execution {request.execution}"] if request.execution else []),
        *([f"as grave as {request.level.lower()}"] if request.level != _LEVELS[0] else []),
    ]
    if narrowed:
        return f"Nothing {' '.join(narrowed)} was logged of this course."
    return (
        "Nothing is logged of this course yet, or no longer: logs are kept for as many days as the stack's "
        "aurora:logRetentionDays says."
    )


def _structured(event: Mapping[str, Any], function: str) -> tuple[Mapping[str, Any], Line] | None:
    """A line that a function wrote with its logger, as the record that it is."""
    try:
        found: Any = json.loads(event["message"])
    except ValueError:
        return None
    if not isinstance(found, dict) or "message" not in found:
        return None
    record = cast("dict[str, Any]", found)
    error = f" ({record['exception_name']})" if record.get("exception_name") else ""
    return record, Line(
        at=_moment(record.get("timestamp"), event["timestamp"]),
        function=str(record.get("service") or function),
        raw=event["message"].rstrip(),
        level=str(record.get("level") or "INFO"),
        message=f"{record['message']}{error}",
        unit=str(record.get("unit") or ""),
        request=str(record.get("function_request_id") or ""),
    )


def _said_by_lambda(event: Mapping[str, Any], function: str, requests: set[str]) -> Line | None:
    """A line of Lambda's own on one of these requests."""
    text = event["message"].strip()
    if not any(request in text for request in requests):
        return None
    return Line(_moment(None, event["timestamp"]), function, text, level="ERROR", message=text)


def _moment(written: Any, received: int) -> datetime:
    """When a line was written: the local platform receives all lines of a call at its end."""
    try:
        return datetime.fromisoformat(str(written)).astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(received / 1000, UTC)
