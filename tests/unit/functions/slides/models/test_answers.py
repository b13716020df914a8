from __future__ import annotations

import binascii
import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from functions.models.errors import ModelAnswerInvalid
from functions.slides.models.answers import LARGE_FILE, LARGEST_SIDE, as_png, decoded, shortened
from tests.support.fake_model import image_file


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP"])
def test_whatever_a_model_answers_becomes_a_small_png_of_the_width_of_a_page(format_: str) -> None:
    png = as_png(image_file(format_))
    image = opened(png)
    assert (image.format, image.mode, image.size) == ("PNG", "P", (LARGEST_SIDE, 720))
    assert len(png) <= LARGE_FILE


def test_what_is_small_stays_as_large_as_it_is() -> None:
    file = io.BytesIO()
    Image.new("RGB", (320, 200), "navy").save(file, "PNG")
    assert opened(as_png(file.getvalue())).size == (320, 200)


def test_what_is_transparent_shows_paper() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(file, "PNG")
    assert opened(as_png(file.getvalue())).convert("RGB").getpixel((4, 4)) == (255, 255, 255)


def test_an_image_of_many_details_is_stored_with_fewer_of_them() -> None:
    file = io.BytesIO()
    Image.effect_noise((1280, 720), 60).filter(ImageFilter.GaussianBlur(2)).convert("RGB").save(file, "PNG")
    png = as_png(file.getvalue())
    assert opened(png).width in (960, LARGEST_SIDE)
    assert len(png) <= LARGE_FILE


def test_equal_answers_become_equal_files() -> None:
    assert as_png(image_file("PNG")) == as_png(image_file("PNG"))


@pytest.mark.parametrize("data", [b"", b"<html>", image_file("PNG")[:1000], image_file("JPEG")[:200], b"GIF89a"])
def test_what_is_no_image_is_an_invalid_answer(data: bytes) -> None:
    with pytest.raises(ModelAnswerInvalid, match="no image"):
        as_png(data)


@pytest.mark.parametrize("side", [8_000, 20_000])
def test_an_image_that_would_fill_the_memory_is_not_opened(side: int) -> None:
    size = b"IHDR" + struct.pack("!II", side, side) + b"\x08\x02\0\0\0"
    header = struct.pack("!I", 13) + size + struct.pack("!I", binascii.crc32(size))
    file = b"\x89PNG\r\n\x1a\n" + header + image_file("PNG")[33:]
    with pytest.raises(ModelAnswerInvalid, match="pixels"):
        as_png(file)


@pytest.mark.parametrize("image", [None, 7, "not base64!"])
def test_what_is_not_in_base64_is_an_invalid_answer(image: object) -> None:
    with pytest.raises(ModelAnswerInvalid):
        decoded(image)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300), st.integers(min_value=20, max_value=200))
def test_a_prompt_is_never_longer_than_its_limit_and_begins_as_it_did(prompt: str, limit: int) -> None:
    short = shortened(prompt, limit)
    assert len(short) <= limit
    assert " ".join(prompt.split()).startswith(short)
    assert bool(short) == bool(prompt.split())


def test_a_prompt_is_shortened_by_whole_sentences_else_by_whole_words() -> None:
    assert shortened("One sentence. Another sentence. A third one.", 35) == "One sentence. Another sentence."
    assert shortened("A clear diagram of soil, of all its layers", 26) == "A clear diagram of soil"
    assert shortened("Short.  And\nsweet.", 40) == "Short. And sweet."
