"""Whether bytes are a whole PNG file, and its size in pixels. Reads the file's structure, not its pixels.

Source of the rules: the PNG specification (ISO/IEC 15948), sections 5.2 (signature), 5.3 (chunks) and 11.2.2 (IHDR).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Image:
    """A PNG file; `width` and `height` in pixels."""

    data: bytes
    width: int
    height: int


def read_png(data: bytes) -> Image | None:
    """The image if `data` is a PNG file with all its chunks undamaged, else None: a cut download, another format."""
    if not data.startswith(_SIGNATURE):
        return None
    size = (0, 0)
    has_pixels = False
    view, place = memoryview(data), len(_SIGNATURE)
    while place + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 8 + length
        if end + 4 > len(data) or zlib.crc32(view[place + 4 : end]) != struct.unpack_from(">I", data, end)[0]:
            return None
        if kind == b"IHDR" and length == 13:
            size = struct.unpack_from(">II", data, place + 8)
        has_pixels = has_pixels or kind == b"IDAT"
        if kind == b"IEND":
            return Image(data, *size) if has_pixels and all(size) else None
        place = end + 4
    return None
