"""Where things stand on a slide and how large its letters are, in points. What measures and what draws both read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Box:
    """A rectangle from its top left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Type:
    """Letters: their size, and the exact distance from line to line, which holds whatever font stands in."""

    size: float
    line: float
    bold: bool = False


SLIDE: Final = Box(0, 0, 960, 540)

KICKER: Final = Box(54, 28, 852, 18)
TITLE: Final = Box(54, 46, 852, 66)
BODY: Final = Box(54, 124, 852, 356)
LEAD: Final = Box(54, 118, 852, 42)
BELOW_LEAD: Final = Box(54, 168, 852, 312)
PICTURE: Final = Box(54, 122, 852, 312)
CAPTION: Final = Box(54, 442, 852, 38)
FOOTER: Final = Box(54, 504, 700, 16)
NUMBER: Final = Box(806, 504, 100, 16)

COVER_LABEL: Final = Box(80, 96, 760, 28)
COVER_TITLE: Final = Box(80, 132, 760, 216)
COVER_SUBTITLE: Final = Box(80, 372, 760, 78)
SECTION_LABEL: Final = Box(80, 120, 760, 28)
SECTION_TITLE: Final = Box(80, 156, 760, 180)
SECTION_REMARK: Final = Box(80, 352, 760, 78)

KICKER_TYPE: Final = Type(12, 15, bold=True)
TITLE_TYPE: Final = Type(26, 32, bold=True)
TITLE_LINES: Final = 2
BODY_TYPES: Final = (Type(20, 25), Type(18, 22.5), Type(16, 20), Type(16, 20))
BODY_GAP: Final = 9.0
"""Above each paragraph of a body."""
INDENT: Final = 24.0
"""How far in a level's text stands from the one before."""
MOST_POINTS: Final = 9
"""More paragraphs on one slide are not read by anybody."""
LEAD_TYPE: Final = Type(16, 20)
LEAD_LINES: Final = 2
CAPTION_TYPE: Final = Type(14, 18)
CAPTION_LINES: Final = 2
FOOTER_TYPE: Final = Type(10, 13)
TABLE_TYPE: Final = Type(14, 17.5)
CELL_SIDE: Final = 8.0
CELL_TOP: Final = 5.0
CODE_TYPE: Final = Type(14, 17.5)
CODE_PADDING: Final = 14.0
COVER_TITLE_TYPE: Final = Type(44, 54, bold=True)
COVER_TITLE_LINES: Final = 4
SECTION_TITLE_TYPE: Final = Type(36, 45, bold=True)
SECTION_TITLE_LINES: Final = 4
LABEL_TYPE: Final = Type(18, 23, bold=True)
SUBTITLE_TYPE: Final = Type(20, 26)
SUBTITLE_LINES: Final = 3
