from __future__ import annotations

from aurora.runtime.api import Api
from aurora.testing.http_api import Context, answer, http_event
from functions.outline.errors import InvalidOutline, Problem


def test_the_problems_of_an_outline_are_in_the_order_of_the_text() -> None:
    first, second, third = Problem(2, 9, "a"), Problem(10, 1, "b"), Problem(10, 4, "c", "hint")
    assert InvalidOutline((third, first, second)).problems == (first, second, third)


def test_an_invalid_outline_says_every_problem_with_its_place_and_hint() -> None:
    error = InvalidOutline((Problem(2, 9, "a tab", "use spaces"), Problem(3, 1, "no title")))
    assert str(error) == "line 2, column 9: a tab (use spaces); line 3, column 1: no title"


def test_the_api_lists_the_problems_of_an_invalid_outline() -> None:
    api = Api("outline-test-api")

    @api.routes.get("/fail")
    def fail() -> dict[str, str]:
        raise InvalidOutline((Problem(7, 3, "no title", "add one"), Problem(2, 9, "a tab")))

    found = answer(api.handle(http_event("GET", "/fail"), Context()))
    assert (found.status, found.json["title"]) == (422, "Invalid outline")
    assert found.json["detail"] == "2 problems found; nothing was started."
    assert found.json["problems"] == [
        {"line": 2, "column": 9, "message": "a tab", "hint": ""},
        {"line": 7, "column": 3, "message": "no title", "hint": "add one"},
    ]
