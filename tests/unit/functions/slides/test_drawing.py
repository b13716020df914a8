from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from functions.slides.drawing import HEIGHT, WIDTH, Picture, draw

PICTURE = Picture("02-03-0001", "Ingestión segura", "Diagrama de flujo: validación de schema", "es")


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def test_equal_pictures_are_equal_bytes() -> None:
    assert draw(PICTURE) == draw(Picture(*vars(PICTURE).values()))


def test_a_picture_is_a_small_palette_png_of_the_agreed_size() -> None:
    png = draw(PICTURE)
    image = opened(png)
    assert (image.format, image.mode, image.size) == ("PNG", "P", (WIDTH, HEIGHT))
    assert len(png) < 15_000


def test_pictures_of_different_things_differ() -> None:
    assert len({draw(Picture("01-01-0001", "Soil", f"Layer {number}", "en")) for number in range(20)}) == 20


@pytest.mark.parametrize("field", ["id", "title", "description", "language"])
def test_all_that_a_picture_says_can_be_seen(field: str) -> None:
    other = Picture(**{**vars(PICTURE), field: "en"})
    assert draw(other) != draw(PICTURE)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=120), st.text(max_size=300))
def test_any_text_can_be_drawn_and_the_file_stays_small(title: str, description: str) -> None:
    png = draw(Picture("01-01-0001", title, description, "en"))
    assert opened(png).size == (WIDTH, HEIGHT)
    assert len(png) < 25_000
