from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from aurora.runtime.api import Api
from aurora.runtime.errors import (
    AuroraError,
    BadRequest,
    ConfigurationError,
    Conflict,
    NotFound,
    Throttled,
    TooLarge,
    Unauthenticated,
)
from aurora.runtime.problems import ProblemType, register_problem
from aurora.testing.http_api import OWNER, Answer, Context, answer, http_event


@pytest.fixture
def api() -> Api:
    """An API that echoes its caller and body, and raises whatever a test asks for."""
    api = Api("test-api")

    @api.routes.post("/echo")
    def echo() -> tuple[dict[str, Any], int]:
        return {"caller": api.caller(), "body": api.body()}, 201

    return api


def ask(api: Api, event: dict[str, Any]) -> Answer:
    return answer(api.handle(event, Context()))


def failing(error: Exception) -> Api:
    api = Api(f"test-{uuid4().hex}")  # a logger keeps the stream of its first use

    @api.routes.get("/fail")
    def fail() -> dict[str, Any]:
        raise error

    return api


def test_a_route_sees_the_verified_caller_and_the_json_body(api: Api) -> None:
    found = ask(api, http_event("POST", "/echo", {"title": "Panadería"}))
    assert (found.status, found.content_type) == (201, "application/json")
    assert found.json == {"caller": OWNER, "body": {"title": "Panadería"}}


def test_a_request_without_a_body_has_an_empty_object(api: Api) -> None:
    assert ask(api, http_event("POST", "/echo")).json["body"] == {}


def test_a_body_in_base64_is_read(api: Api) -> None:
    event = http_event("POST", "/echo", "eyJhIjogMX0=") | {"isBase64Encoded": True}
    assert ask(api, event).json["body"] == {"a": 1}


@pytest.mark.parametrize("body", ["{", "not json", "[" * 100_000, "[1]", "null", '"text"', "3"])
def test_a_body_that_is_no_json_object_is_a_bad_request(api: Api, body: str) -> None:
    found = ask(api, http_event("POST", "/echo", body))
    assert (found.status, found.content_type) == (400, "application/problem+json")
    assert found.json["type"] == "urn:aurora:problem:bad-request"


def test_a_body_that_is_not_base64_though_it_says_so_is_a_bad_request(api: Api) -> None:
    assert ask(api, http_event("POST", "/echo", "abc") | {"isBase64Encoded": True}).status == 400


@pytest.mark.parametrize("claims", [None, {}, {"sub": ""}, {"username": "x"}])
def test_a_request_without_a_verified_caller_is_refused(api: Api, claims: dict[str, str] | None) -> None:
    event = http_event("POST", "/echo", {}, sub=None)
    if claims is not None:
        event["requestContext"]["authorizer"] = {"jwt": {"claims": claims}}
    assert ask(api, event).status == 401


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (BadRequest("so"), 400, "bad-request"),
        (Unauthenticated("so"), 401, "unauthenticated"),
        (NotFound("so"), 404, "not-found"),
        (Conflict("so"), 409, "conflict"),
        (TooLarge("so"), 413, "too-large"),
        (Throttled("so"), 503, "throttled"),
    ],
)
def test_a_typed_error_is_a_problem_with_its_own_words(error: AuroraError, status: int, kind: str) -> None:
    found = ask(failing(error), http_event("GET", "/fail"))
    assert (found.status, found.content_type) == (status, "application/problem+json")
    assert found.json["title"]
    assert {name: found.json[name] for name in ("type", "status", "detail")} == {
        "type": f"urn:aurora:problem:{kind}",
        "status": status,
        "detail": "so",
    }


class Unripe(AuroraError):
    """An error of a room of its own."""

    def __init__(self, days: int) -> None:
        self.days = days
        super().__init__(f"{days} days too early")


class StillGreen(Unripe):
    """Not registered itself."""


register_problem(Unripe, ProblemType(422, "Not ripe", lambda error: f"Wait {error.days} days.", vars))


@pytest.mark.parametrize("error", [Unripe(3), StillGreen(3)])
def test_a_room_registers_how_its_error_is_answered_with_members_of_its_own(error: AuroraError) -> None:
    found = ask(failing(error), http_event("GET", "/fail"))
    assert found.status == 422
    assert found.json == {
        "type": "urn:aurora:problem:unripe",
        "title": "Not ripe",
        "status": 422,
        "detail": "Wait 3 days.",
        "days": 3,
    }


class Unregistered(AuroraError):
    """An error that callers never see."""


@pytest.mark.parametrize(
    "error", [RuntimeError("secret detail"), ConfigurationError("secret detail"), Unregistered("secret detail")]
)
def test_an_unexpected_error_is_told_by_request_id_and_logged_with_its_traceback(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    found = ask(failing(error), http_event("GET", "/fail"))
    assert (found.status, found.content_type) == (500, "application/problem+json")
    assert found.json["requestId"] == "JKJaXmPLvHcESHA="
    assert found.json["requestId"] in found.json["detail"]
    assert "secret detail" not in json.dumps(found.json)
    (line,) = capsys.readouterr().out.splitlines()
    logged = json.loads(line)
    assert (logged["level"], logged["request_id"]) == ("ERROR", "JKJaXmPLvHcESHA=")
    assert "secret detail" in logged["exception"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/echo"), ("POST", "/echo/more")])
def test_an_address_that_no_route_has_is_not_found(api: Api, method: str, path: str) -> None:
    found = ask(api, http_event(method, path))
    assert (found.status, found.content_type) == (404, "application/problem+json")


def test_no_answer_may_be_kept_by_a_cache(api: Api) -> None:
    assert ask(api, http_event("POST", "/echo", {})).headers["cache-control"] == "no-store"
    assert ask(api, http_event("GET", "/")).headers["cache-control"] == "no-store"
