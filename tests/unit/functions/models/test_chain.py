from __future__ import annotations

from collections.abc import Callable

import pytest

from aurora.runtime.errors import ConfigurationError, Throttled
from functions.models.chain import ask_in_turn
from functions.models.errors import (
    AnswerCut,
    ModelAnswerInvalid,
    ModelDeclined,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
)

Ask = tuple[str, Callable[[float], str]]


def failing(name: str, error: Exception) -> Ask:
    def ask(_: float) -> str:
        raise error

    return name, ask


def answering(name: str) -> Ask:
    return name, lambda seconds: f"{name} within {seconds:g} s"


@pytest.mark.parametrize("error", [Throttled("t"), ModelUnavailable("u"), ModelRefused("r")])
def test_another_model_is_asked_when_one_did_nothing_and_gets_the_time_that_is_left(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    times = iter([0.0, 0.0, 4.0])
    assert ask_in_turn([failing("a", error), answering("b")], 10, lambda: next(times)) == "b within 6 s"
    assert f"model=<a>, error=<{type(error).__name__}> | b is asked instead" in caplog.text


@pytest.mark.parametrize(
    "error", [ModelTimeout("t"), ModelDeclined("d"), ModelAnswerInvalid("i"), AnswerCut("c"), ConfigurationError("s")]
)
def test_nobody_else_is_asked_after_what_may_have_been_paid_for_or_is_set_up_wrongly(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        ask_in_turn([failing("a", error), answering("b")], 10)
    assert caught.value is error


def test_when_nobody_answers_each_is_quoted_and_what_may_pass_decides() -> None:
    faults = [
        failing("a", ModelRefused("no")),
        failing("b", Throttled("wait")),
        failing("c", ConfigurationError("key")),
    ]
    with pytest.raises(Throttled, match=r"^a: no; b: wait; c: key$"):
        ask_in_turn(faults, 10)
    with pytest.raises(ModelRefused, match=r"^a: no; c: key$"):
        ask_in_turn([faults[0], faults[2]], 10)


def test_one_model_s_error_is_its_own() -> None:
    with pytest.raises(Throttled, match=r"^wait$"):
        ask_in_turn([failing("a", Throttled("wait"))], 10)


def test_nobody_is_asked_when_no_time_is_left() -> None:
    times = iter([0.0, 0.0, 11.0])
    with pytest.raises(Throttled, match=r"^wait$"):
        ask_in_turn([failing("a", Throttled("wait")), answering("b")], 10, lambda: next(times))
