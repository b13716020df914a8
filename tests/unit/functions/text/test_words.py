from __future__ import annotations

import pytest

from functions.text.words import count_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("## A heading", 2),
        ("| --- | --- |", 0),
        ("one two-part word", 3),
        ("¿qué? ñandú", 2),
        ("```\n# x = 1", 2),
    ],
)
def test_words_hold_a_letter_or_a_digit_and_marks_are_none(text: str, words: int) -> None:
    assert count_words(text) == words
