from __future__ import annotations

from dataclasses import dataclass

import pytest

from aurora.runtime.env import Environment
from aurora.runtime.errors import ConfigurationError


@dataclass(frozen=True)
class Settings(Environment):
    courses_table: str
    images_per_call: int
    seconds: float
    endpoint: str


COMPLETE = {"COURSES_TABLE": "courses", "IMAGES_PER_CALL": "24", "SECONDS": "0.5", "ENDPOINT": "e"}


def test_the_variables_are_the_fields_in_capitals() -> None:
    assert Settings.names() == ("COURSES_TABLE", "IMAGES_PER_CALL", "SECONDS", "ENDPOINT")


def test_values_have_the_type_of_their_field_and_other_variables_are_ignored() -> None:
    assert Settings.read({**COMPLETE, "PATH": "/bin"}) == Settings("courses", 24, 0.5, "e")


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    assert Settings.read().courses_table == "courses"


def test_every_missing_empty_and_invalid_variable_is_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.read({"COURSES_TABLE": "", "IMAGES_PER_CALL": "many", "SECONDS": "1s"})
    assert str(caught.value) == (
        "Settings: COURSES_TABLE is empty; IMAGES_PER_CALL is 'many', which is not a whole number; "
        "SECONDS is '1s', which is not a number; ENDPOINT is not set"
    )
