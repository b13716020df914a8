"""What image models of every protocol share: a prompt no longer than a model takes, and a PNG from what it answers."""

from __future__ import annotations

import base64
import binascii
import io
import re
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from functions.models.errors import ModelAnswerInvalid

LARGEST_SIDE: Final = 1280
"""Pixels: as wide as a page or a slide shows it."""
LARGE_FILE: Final = 300_000
"""Bytes: an image that becomes larger is stored with fewer colours, then with fewer pixels."""
MAX_PIXELS: Final = 50_000_000
"""An image beyond this would fill a function's memory when it is opened."""

_STEPS: Final = ((LARGEST_SIDE, 256), (LARGEST_SIDE, 64), (960, 64))  # largest side, colours
_NO_IMAGE: Final = (
    *(UnidentifiedImageError, OSError, ValueError, SyntaxError),  # Pillow's ways of saying so
    *(Image.DecompressionBombError, Image.DecompressionBombWarning),
)
_PAPER: Final = (255, 255, 255)


def shortened(prompt: str, limit: int) -> str:
    """`prompt` in at most `limit` characters: whole sentences if they say most of it, else whole words."""
    text = " ".join(prompt.split())
    if len(text) <= limit:
        return text
    start = text[: limit + 1]
    ends = [found.end() for found in re.finditer(r"[.!?](?= )|[。！？]", start)]
    if ends and ends[-1] >= limit / 2:
        return start[: ends[-1]][:limit]
    return start[: limit if " " not in start else start.rindex(" ")].rstrip(" ,;:-")


def decoded(image: object) -> bytes:
    """The bytes of an image in base64. Raises ModelAnswerInvalid."""
    if not isinstance(image, str):
        raise ModelAnswerInvalid("The image model answered without an image.")
    try:
        return base64.b64decode(image, validate=True)
    except (binascii.Error, ValueError):
        raise ModelAnswerInvalid("The image model answered an image that is not in base64.") from None


def as_png(data: bytes) -> bytes:
    """The image as a small PNG: at most `LARGEST_SIDE` wide and high, at most 256 colours.

    A book of 168 images is to stay small: diagrams take some tens of kilobytes, others seldom more than `LARGE_FILE`.
    Raises ModelAnswerInvalid for what is no PNG, JPEG or WebP.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ModelAnswerInvalid(f"The image model answered an image of {image.width} x {image.height} pixels.")
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    except _NO_IMAGE as error:
        raise ModelAnswerInvalid(f"The image model answered something that is no image: {error}") from None
    paper = Image.new("RGBA", upright.size, (*_PAPER, 255))
    picture = Image.alpha_composite(paper, upright).convert("RGB")
    file = b""
    for side, colours in _STEPS:
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        png = io.BytesIO()
        # Without dithering: its grain would make the file of a diagram several times as large.
        picture.quantize(colours, dither=Image.Dither.NONE).save(png, "PNG", optimize=True)
        file = png.getvalue()
        if len(file) <= LARGE_FILE:
            break
    return file
