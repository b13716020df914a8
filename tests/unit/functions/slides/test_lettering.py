from __future__ import annotations

import pytest
from PIL import Image, ImageChops

from functions.slides.lettering import Lettering

LETTERS = Lettering(29)


def written(text: str) -> Image.Image:
    sheet = Image.new("RGB", (300, 100), (255, 255, 255))
    LETTERS.draw(sheet, (20, 60), text, (0, 0, 0))
    return sheet


def difference(one: str, other: str) -> tuple[int, int, int, int] | None:
    return ImageChops.difference(written(one), written(other)).getbbox()


@pytest.mark.parametrize("pair", ["áa", "ée", "óo", "úu", "ñn", "üu", "ÁA", "ÉE", "ÑN", "çc", "êe", "ãa", "åa", "èe"])
def test_an_accented_letter_is_its_letter_with_something_close_above_or_below(pair: str) -> None:
    box = difference(*pair)
    letter = difference(pair[1], " ")
    assert box
    assert letter
    assert box[3] <= letter[1] + 1 or box[1] >= letter[3] - 5  # the letter itself is as it was
    assert letter[1] - box[3] <= 6


def test_an_accent_takes_the_place_of_the_dot() -> None:
    plain, accented = difference("i", " "), difference("í", " ")
    assert plain
    assert accented
    assert difference("í", "i")
    assert accented[3] == plain[3]


@pytest.mark.parametrize(("opening", "closing"), ["¿?", "¡!"])
def test_spanish_opens_with_the_mark_turned_over(opening: str, closing: str) -> None:
    assert LETTERS.width(opening) == LETTERS.width(closing)
    upright, turned = difference(closing, " "), difference(opening, " ")
    assert upright
    assert turned
    assert turned[3] > upright[3]  # it reaches below the line
    assert turned[2] - turned[0] == upright[2] - upright[0]


def test_accents_take_no_room() -> None:
    assert LETTERS.width("ñandú") == LETTERS.width("nandu")


def test_lines_fit_and_what_does_not_fit_is_cut_with_a_sign() -> None:
    text = "Una línea larga que no cabe en una sola y ni siquiera en dos de este ancho"
    lines = LETTERS.wrap(text, 260, 2)
    assert len(lines) == 2
    assert all(LETTERS.width(line) <= 260 for line in lines)
    assert lines[-1].endswith("…")
    assert " ".join(LETTERS.wrap(text, 260, 9)) == text


def test_a_word_wider_than_the_line_is_cut() -> None:
    (line,) = LETTERS.wrap("W" * 60, 260, 1)
    assert LETTERS.width(line) <= 260
    assert line.endswith("…")


def test_no_text_is_no_line() -> None:
    assert LETTERS.wrap("  ", 260, 2) == []
