"""The function by itself."""

import pytest

from aurora.testing.http_api import answer, http_event
from functions.greetings import greet


@pytest.mark.parametrize(
    ("path", "greeting"),
    [("/greeting", "Hello, world!"), ("/greeting?name=Ada", "Hello, Ada!")],
)
def test_it_greets_by_name(path: str, greeting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREETING", "Hello")

    answered = answer(greet.handler(http_event("GET", path, sub=None), None))

    assert (answered.status, answered.json) == (200, {"greeting": greeting})
