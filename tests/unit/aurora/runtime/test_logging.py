"""What the lines of a function say beside their message."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from aws_lambda_powertools import Logger

from aurora.runtime.errors import ModelRefused, Throttled
from aurora.runtime.logging import about_unit, at_work, logger, told

EVENT = {"course": {"course_id": "abc", "execution": "abc-7", "owner": "somebody"}}


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    with io.StringIO() as stream:
        yield stream


@pytest.fixture
def log(stream: io.StringIO) -> Logger:
    log = logger(f"probe-{uuid4().hex}")  # a logger of one's own: it keeps the stream of its first use
    log.registered_handler.setStream(stream)  # type: ignore[attr-defined]
    return log


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_each_line_of_a_call_tells_its_course_and_execution_and_none_after_it(log: Logger, stream: io.StringIO) -> None:
    @told(log)
    def handler(_event: dict[str, Any], _context: Any) -> int:
        log.info("words=<%d> | written", 7)
        return 7

    assert handler(EVENT, None) == 7
    log.info("between calls")
    during, after = lines(stream)
    assert (during["course_id"], during["execution"], during["message"]) == ("abc", "abc-7", "words=<7> | written")
    assert not {"course_id", "execution", "unit"} & set(after)


def test_threads_tell_the_call_s_course_and_each_its_own_unit(log: Logger, stream: io.StringIO) -> None:
    def draw(unit: str) -> None:
        with about_unit(unit):
            at_work().info("image=<%s> | drawn", unit)

    @told(log)
    def handler(_event: dict[str, Any], _context: Any) -> None:
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(draw, ["01-01", "lab-01-02", "slides-03"]))
        log.info("all drawn")

    handler(EVENT, None)
    *drawn, last = lines(stream)
    assert {line["execution"] for line in (*drawn, last)} == {"abc-7"}
    assert all(line["message"].startswith(f"image=<{line['unit']}>") for line in drawn)
    assert "unit" not in last


@pytest.mark.parametrize(
    ("error", "level"),
    [(ValueError("a secret"), "ERROR"), (ModelRefused("a secret"), "ERROR"), (Throttled("a secret"), "WARNING")],
)
def test_an_error_that_leaves_a_handler_is_told_by_its_type_alone(
    log: Logger, stream: io.StringIO, error: Exception, level: str
) -> None:
    @told(log)
    def handler(_event: dict[str, Any], _context: Any) -> None:
        raise error

    with pytest.raises(type(error)):
        handler(EVENT, None)
    (line,) = lines(stream)
    assert (line["level"], line["execution"]) == (level, "abc-7")
    assert line["message"].startswith(f"error=<{type(error).__name__}> | ")
    assert "secret" not in stream.getvalue()
