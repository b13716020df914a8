"""Makes what a text model answered a lesson as the rest of the pipeline expects it, without touching any code block.

Knows Markdown's form only: one first-level heading, which is the lesson's title, and numbered visual tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from functions.text.markup import Line, lines
from functions.text.visuals import numbered

_HEADING = re.compile(r" {0,3}(?P<marks>#{1,6})(?:[ \t]+(?P<text>.*?))?(?:[ \t]+#+)?[ \t]*")
_UNDERLINE = re.compile(r" {0,3}=+[ \t]*")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def tidy_lesson(answer: str, title: str, lesson_id: str) -> str:
    """`answer` as a lesson: no fence around the whole, `# title` first, other headings below it, tags numbered.

    Several first-level headings mean that the model used them for its sections: all but the title move down a level.
    """
    text = _CONTROLS.sub("", _unwrapped(answer.replace("\r\n", "\n").strip()))
    body = _hash_headings(lines(text))
    places = [place for place, line in enumerate(body) if not line.is_code and _HEADING.fullmatch(line.text)]
    level_one = [place for place in places if _level(body[place].text) == 1]
    texts = [line.text for line in body]
    if level_one:
        own = level_one[0] if level_one[0] == places[0] else None
        if len(level_one) > (own is not None):
            for place in places:
                texts[place] = _lowered(texts[place])
        if own is not None:
            del texts[own]
    heading = " ".join(title.split())
    return numbered(f"# {heading}\n\n" + "\n".join(texts).strip("\n") + "\n", lesson_id, heading)


def _unwrapped(text: str) -> str:
    """`text` without a code fence that encloses all of it, as chat models like to answer."""
    first, _, rest = text.partition("\n")
    inner, _, last = rest.rpartition("\n")
    names_markdown = re.fullmatch(r"(`{3,}|~{3,})\s*(markdown|md)", first, re.IGNORECASE)
    is_bare = re.fullmatch(r"`{3,}|~{3,}", first) and inner.lstrip().startswith("# ")
    encloses = (names_markdown or is_bare) and last.strip() and not last.strip().strip(first[0])
    return inner.strip() if encloses else text


def _hash_headings(source: Iterable[Line]) -> list[Line]:
    """The lines with first-level headings that are underlined by "===" written as "# ..."."""
    result: list[Line] = []
    for line in source:
        before = result[-1] if result else None
        underlines = before and not before.is_code and before.text.strip() and not _HEADING.fullmatch(before.text)
        if before and underlines and not line.is_code and _UNDERLINE.fullmatch(line.text):
            result[-1] = Line(before.number, f"# {before.text.strip()}", is_code=False)
        else:
            result.append(line)
    return result


def _level(text: str) -> int:
    match = _HEADING.fullmatch(text)
    return len(match["marks"]) if match else 0


def _lowered(text: str) -> str:
    return f"#{text.lstrip()}" if _level(text) < 6 else text
