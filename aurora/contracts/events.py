"""Checks of what starts functions besides calls: messages of queues, events of buckets, schedules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import combinations
from typing import Final

from aurora.contracts.resources import no_function
from aurora.declaration import Declaration
from aurora.errors import DeclarationError
from aurora.naming import dead_letter
from aurora.suggestions import did_you_mean
from aurora.system import BucketEvent

# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html: more than ten take a batching window.
_BATCH_SIZE: Final = range(1, 10 + 1)
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
_ATTEMPTS: Final = range(1, 1000 + 1)

# https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
_RATE: Final = re.compile(r"rate\([1-9]\d* (minute|hour|day)s?\)", re.ASCII)
_CRON: Final = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_AT: Final = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)", re.ASCII)
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# Fields of cron: name, values, names of values from the first on, and what else the field may be.
_FIELDS: Final = (
    ("minutes", range(60), (), ""),
    ("hours", range(24), (), ""),
    ("day of the month", range(1, 32), (), r"\?|L|LW|(?P<value>\d{1,2})W"),
    ("month", range(1, 13), _MONTHS, ""),
    ("day of the week", range(1, 8), _DAYS, r"\?|L|(?P<value>\w+)(L|#[1-5])"),
    ("year", range(1970, 2200), (), ""),
)
_PART: Final = re.compile(r"(\*|(?P<first>\w+)(-(?P<last>\w+))?)(/[1-9]\d*)?", re.ASCII)


def check(declaration: Declaration) -> None:
    """Checks queues, schedules and bucket events.

    Raises:
        DeclarationError: one cannot work; the message says what to change.
    """
    for problem in (*_wrong_queues(declaration), *_wrong_schedules(declaration), *_wrong_events(declaration)):
        raise DeclarationError(problem)


def _wrong_queues(declaration: Declaration) -> Iterator[str]:
    for key, queue in declaration.queues.items():
        yield from no_function(f"queue '{key}'", queue.function, declaration)
        for what, value, allowed in (
            ("batch_size", queue.batch_size, _BATCH_SIZE),
            ("attempts", queue.attempts, _ATTEMPTS),
        ):
            if value not in allowed:
                yield f"queue '{key}': {what} is {value}; AWS allows {allowed[0]} to {allowed[-1]:,}"
        if (failed := dead_letter(key)) in declaration.queues:
            yield f"queue '{failed}' has the name of the dead-letter queue of '{key}': rename it"


def _wrong_events(declaration: Declaration) -> Iterator[str]:
    for key, bucket in declaration.buckets.items():
        for event in bucket.events:
            if event.queue not in declaration.queues:
                meant = did_you_mean(event.queue, declaration.queues)
                yield f"bucket '{key}': its events go to the queue '{event.queue}', which no system declares{meant}"
        for one, other in combinations(bucket.events, 2):
            if _overlap(one, other):
                yield (
                    f"bucket '{key}': objects may match both {_shown(one)} and {_shown(other)} of its events, which "
                    "S3 refuses: use prefixes of which neither begins with the other"
                )


def _overlap(one: BucketEvent, other: BucketEvent) -> bool:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html"""
    begin = one.prefix.startswith(other.prefix) or other.prefix.startswith(one.prefix)
    return begin and (one.suffix.endswith(other.suffix) or other.suffix.endswith(one.suffix))


def _shown(event: BucketEvent) -> str:
    return f"'{event.prefix}*{event.suffix}'"


def _wrong_schedules(declaration: Declaration) -> Iterator[str]:
    for key, schedule in declaration.schedules.items():
        yield from no_function(f"schedule '{key}'", schedule.function, declaration)
        for problem in _wrong_expression(schedule.expression):
            yield f"schedule '{key}': {schedule.expression!r} {problem}"


def _wrong_expression(expression: str) -> Iterator[str]:
    if fields := _CRON.fullmatch(expression):
        yield from _wrong_cron(fields.groups())
    elif once := _AT.fullmatch(expression):
        try:
            datetime.fromisoformat(once[1])
        except ValueError as error:
            yield f"is not a valid time: {error}"
    elif not _RATE.fullmatch(expression):
        yield "is not an expression like rate(1 hour), cron(0 6 * * ? *) or at(2030-01-31T06:00:00)"


def _wrong_cron(fields: tuple[str, ...]) -> Iterator[str]:
    for field, (name, values, names, special) in zip(fields, _FIELDS, strict=True):
        if not all(_is_of(part, values, names, special) for part in field.split(",")):
            yield f"has the {name} '{field}': {values[0]} to {values[-1]} are allowed, as in cron(0 6 * * ? *)"
    if (fields[2] == "?") == (fields[4] == "?"):
        yield "must have a ? either as its day of the month or as its day of the week"


def _is_of(part: str, values: range, names: tuple[str, ...], special: str) -> bool:
    """Whether a part of a field of cron is one: ``*``, ``5``, ``MON-FRI``, ``0/15``."""

    def value(text: str | None) -> bool:
        return text is None or text.upper() in names or (text.isdigit() and int(text) in values)

    if special and (found := re.fullmatch(special, part)):
        return value(found["value"])
    found = _PART.fullmatch(part)
    return found is not None and value(found["first"]) and value(found["last"])
