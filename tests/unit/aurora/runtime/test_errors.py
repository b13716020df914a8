from __future__ import annotations

from aurora.runtime.errors import InvalidOutline, Problem


def test_the_problems_of_an_outline_are_in_the_order_of_the_text() -> None:
    first, second, third = Problem(2, 9, "a"), Problem(10, 1, "b"), Problem(10, 4, "c", "hint")
    assert InvalidOutline((third, first, second)).problems == (first, second, third)


def test_an_invalid_outline_says_every_problem_with_its_place_and_hint() -> None:
    error = InvalidOutline((Problem(2, 9, "a tab", "use spaces"), Problem(3, 1, "no title")))
    assert str(error) == "line 2, column 9: a tab (use spaces); line 3, column 1: no title"
