"""Visual tags of a lesson, `[VISUAL: MM-LL-NNNN - description]`: finding them, numbering them, prompts from them.

Tags inside code blocks are code and stay as they are. Knows no storage and no way of drawing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from functions.text.markup import lines

TAG: Final = re.compile(r"(?<!`)\[VISUAL: (?P<id>\d{2,3}-\d{2,3}-\d{4}) - (?P<description>[^\[\]\n]+)\]")
"""A tag as every lesson holds it once it is stored."""

# What models write when they mean a tag: other case, no number or another one, other dashes, brackets within.
_LOOSE = re.compile(
    r"(?<!`)\[\s*VISUAL\s*:\s*(?:(?:MM|[ML]?\d+)(?:-(?:LL|NNNN|[ML]?\d+))*\s*(?:[-–—:]\s*|(?=\])))?"
    r"(?P<description>(?:[^\[\]\n]|\[[^\[\]\n]*\])*)\]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class VisualTag:
    """One tag: `id` is "MM-LL-NNNN", `line` the line of the lesson it stands in (from 1)."""

    id: str
    description: str
    line: int


def visual_tags(markdown: str) -> list[VisualTag]:
    """The tags of a stored lesson in the order of the text."""
    return [
        VisualTag(match["id"], match["description"].strip(), line.number)
        for line in lines(markdown)
        if not line.is_code
        for match in TAG.finditer(line.text)
    ]


def numbered(markdown: str, lesson_id: str, description: str) -> str:
    """The lesson with its tags, however they were written, as `[VISUAL: MM-LL-0001 - ...]` and so on.

    `description` stands in for one that is empty.
    """
    count = 0

    def tag(match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        said = " ".join(match["description"].replace("[", "(").replace("]", ")").split()).strip(" -–—:")
        return f"[VISUAL: {lesson_id}-{count:04d} - {said or description}]"

    return "\n".join(line.text if line.is_code else _LOOSE.sub(tag, line.text) for line in lines(markdown))


def image_prompts(lesson_id: str, title: str, language: str, tags: Sequence[VisualTag]) -> dict[str, Any]:
    """What is to be drawn for a lesson, as stored: equal lessons give equal prompts.

    A tag that repeats an id is left to the validator.
    """
    first = {tag.id: tag for tag in reversed(tags)}
    images = [
        {
            "id": tag.id,
            "description": tag.description,
            "prompt": f"A clear educational diagram, flat colours, few words, labels in the language {language!r}. "
            f"Lesson: {title}. It shows: {tag.description}.",
        }
        for tag in sorted(first.values(), key=lambda tag: tag.id)
    ]
    return {"lesson": lesson_id, "title": title, "language": language, "images": images}


def prompt_digest(prompt: str) -> str:
    """What an image's object carries as `prompt`: it tells whether the image was drawn from this prompt."""
    return hashlib.sha256(prompt.encode()).hexdigest()
