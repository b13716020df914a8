"""What the lines of a function say beside their message."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from aws_lambda_powertools import Logger

from aurora.runtime.errors import NotFound, Throttled
from aurora.runtime.logging import current_logger, log_context, log_invocation, logger

EVENT = {"job": {"name": "abc-7", "owner": "somebody"}}


def fields(event: Mapping[str, Any]) -> dict[str, str]:
    return {"execution": event["job"]["name"]}


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


def test_a_call_s_lines_carry_the_fields_of_its_event_and_none_after_it(log: Logger, stream: io.StringIO) -> None:
    @log_invocation(log, fields)
    def handler(_event: dict[str, Any], _context: Any) -> int:
        log.info("words=<%d> | written", 7)
        return 7

    assert handler(EVENT, None) == 7
    log.info("between calls")
    during, after = lines(stream)
    assert (during["execution"], during["message"]) == ("abc-7", "words=<7> | written")
    assert not {"execution", "owner", "unit"} & set(after)


def test_a_handler_that_names_no_fields_logs_its_request_alone(log: Logger, stream: io.StringIO) -> None:
    @log_invocation(log)
    def handler(_event: dict[str, Any], _context: Any) -> None:
        log.info("called")

    handler(EVENT, SimpleNamespace(aws_request_id="r-1"))
    (line,) = lines(stream)
    assert (line["function_request_id"], line["message"]) == ("r-1", "called")
    assert "execution" not in line


def test_threads_log_the_call_s_fields_and_each_its_own_context(log: Logger, stream: io.StringIO) -> None:
    def draw(unit: str) -> None:
        with log_context(unit=unit):
            current_logger().info("image=<%s> | drawn", unit)

    @log_invocation(log, fields)
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
    [(ValueError("a secret"), "ERROR"), (NotFound("a secret"), "ERROR"), (Throttled("a secret"), "WARNING")],
)
def test_an_error_that_leaves_a_handler_is_logged_by_its_type_alone(
    log: Logger, stream: io.StringIO, error: Exception, level: str
) -> None:
    @log_invocation(log, fields)
    def handler(_event: dict[str, Any], _context: Any) -> None:
        raise error

    with pytest.raises(type(error)):
        handler(EVENT, None)
    (line,) = lines(stream)
    assert (line["level"], line["execution"]) == (level, "abc-7")
    assert line["message"].startswith(f"error=<{type(error).__name__}> | ")
    assert "secret" not in stream.getvalue()
