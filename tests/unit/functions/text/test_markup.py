from __future__ import annotations

import pytest

from functions.text.markup import lines, open_fence


def code_lines(markdown: str) -> list[int]:
    return [line.number for line in lines(markdown) if line.is_code]


@pytest.mark.parametrize(
    ("markdown", "code"),
    [
        ("text\n```\ncode\n```\ntext", [2, 3, 4]),
        ("~~~python\n```\n~~~\ntext", [1, 2, 3]),
        ("````\n```\n````\ntext", [1, 2, 3]),
        ("```\ncode\n``` no end\n```\ntext", [1, 2, 3, 4]),
        ("- item\n\n      ```\n      code\n      ```\ntext", [3, 4, 5]),
        ("```inline``` code\ntext", []),
        ("``not enough``\ntext", []),
    ],
)
def test_fences_and_what_they_enclose_are_code(markdown: str, code: list[int]) -> None:
    assert code_lines(markdown) == code


def test_a_fence_that_is_never_closed_is_found_where_it_opens() -> None:
    assert open_fence("text\n```\na\n```\n\n~~~\nb\n```\n") == 6
    assert open_fence("text\n```\na\n```\n") is None


def test_the_lines_together_are_the_text() -> None:
    text = "a\n\n```\nb\n```\nc\n"
    assert "\n".join(line.text for line in lines(text)) == text
