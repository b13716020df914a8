"""The names that Lambda reports for errors, and which of their texts users may read."""

from __future__ import annotations

import json
from types import ModuleType

import pytest

from aurora.runtime import errors
from aurora.runtime.errors import AuroraError, error_names, user_message


def room() -> ModuleType:
    """The `errors` module of a room."""

    class RoomError(AuroraError, is_base=True):
        pass

    class Broken(RoomError):
        pass

    module = ModuleType("errors")
    module.__dict__.update(RoomError=RoomError, Broken=Broken, Other=ValueError, AuroraError=AuroraError)
    return module


def test_the_errors_of_modules_are_named_without_those_that_only_group_others() -> None:
    assert error_names(room()) == {"Broken"}
    assert {"Throttled", "NotFound"} <= error_names(errors, room())
    assert not {"TryLater", "AuroraError", "ModuleType"} & error_names(errors)


@pytest.mark.parametrize(
    ("error", "cause", "message"),
    [
        ("NotFound", json.dumps({"errorMessage": "It is gone.", "errorType": "NotFound"}), "It is gone."),
        ("NotFound", "It is gone.", "It is gone."),
        ("NotFound", "[1]", ""),
        ("NotFound", "{}", ""),
        ("KeyError", json.dumps({"errorMessage": "'secret'"}), ""),
        ("Broken", json.dumps({"errorMessage": "It broke."}), ""),
    ],
)
def test_only_the_text_of_an_error_of_these_modules_is_for_users(error: str, cause: str, message: str) -> None:
    assert user_message(error, cause, errors) == message


def test_the_errors_of_a_room_are_for_users_where_it_is_named() -> None:
    assert user_message("Broken", "It broke.", errors, room()) == "It broke."
