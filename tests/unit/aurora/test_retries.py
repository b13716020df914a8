"""Requests that are made again."""

from __future__ import annotations

import pytest

from aurora.retries import retried


class Busy(Exception):
    """It may answer in a moment."""


def answers(*results: object) -> list[object]:
    return list(reversed(results))


def test_a_request_is_made_again_after_each_pause_until_it_succeeds() -> None:
    results, slept = answers(Busy(), Busy(), "there"), list[float]()

    def request() -> object:
        result = results.pop()
        if isinstance(result, Exception):
            raise result
        return result

    assert retried(request, lambda error: isinstance(error, Busy), (0.5, 2.0, 4.0), slept.append) == "there"
    assert slept == [0.5, 2.0]


def test_the_last_attempt_s_error_is_raised_and_one_that_does_not_pass_at_once() -> None:
    slept = list[float]()

    def busy() -> None:
        raise Busy

    with pytest.raises(Busy):
        retried(busy, lambda error: isinstance(error, Busy), (1.0,), slept.append)
    assert slept == [1.0]
    with pytest.raises(Busy):
        retried(busy, lambda _: False, (1.0,), slept.append)
    assert slept == [1.0]
