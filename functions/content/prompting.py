"""The request to a text model for one lesson: the brief from the outline, and the prompt from the brief.

The same outline always gives the same prompt, except for the summary of the lesson before.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Final

from functions.generation import prompts
from functions.models import LessonBrief, TextRequest
from functions.outline.model import Lesson, Module, Outline
from functions.outline.targets import bloom_levels
from functions.text.markup import lines
from functions.text.visuals import TAG
from functions.text.words import one_line

TOKENS_PER_WORD: Final = 2.2
"""Tokens that a word of Spanish technical prose with Markdown and code takes at most, on average."""
SPARE_TOKENS: Final = 400
SUMMARY_WORDS: Final = 80
"""Maximum length of the summary of a lesson in the request for the next one, beside the title."""

LESSON: Final = prompts.Step(
    Path(__file__).with_name("prompts"),
    "lesson",
    slots="course level audience prerequisites module_number module title description bloom demands previous "
    "objectives topics language words visuals lesson_id",
    phrases="remember understand apply analyze evaluate create",
)

_SUMS_UP = re.compile(r"#+\s.*\b(summary|recap|conclusions?|resumen|síntesis|sintesis|conclusión|conclusiones)\b", re.I)
_HEADING = re.compile(r"#+\s")
_NO_PROSE = re.compile(r"\s*(?:[|>#]|[-*_=]{3,}\s*$)")
_BULLET = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+")


def lesson_brief(outline: Outline, module: Module, lesson: Lesson, word_target: int) -> LessonBrief:
    """What the outline says of a lesson, in one piece."""
    return LessonBrief(
        course_title=outline.title,
        language=outline.language,
        level=outline.level,
        module_number=module.number,
        module_title=module.title,
        lesson_number=lesson.number,
        lesson_title=lesson.title,
        description=lesson.description,
        topics=tuple(topic.title for topic in lesson.topics),
        objectives=lesson.objectives,
        bloom_level=lesson.bloom_level or module.bloom_level,
        word_target=word_target,
        audience=outline.audience,
        prerequisites=outline.prerequisites,
    )


def lesson_request(brief: LessonBrief, previous: str = "") -> TextRequest:
    """The request for a lesson; `previous` is what `summary` or `outlined` returns for the lesson before it.

    `max_tokens` follows the word target: providers reserve it of a quota at once.
    """
    prompt = LESSON.prompt(brief.language)
    system, user = prompt.fill(
        {
            **prompts.about_course(brief),
            "title": one_line(brief.lesson_title),
            "description": one_line(brief.description),
            "bloom": one_line(brief.bloom_level),
            "demands": prompts.bulleted(prompt.phrases[name] for name in bloom_levels(brief.bloom_level)),
            "previous": previous,
            "objectives": prompts.numbered(brief.objectives),
            "topics": prompts.numbered(brief.topics),
            "words": brief.word_target,
            "visuals": brief.visuals,
            "lesson_id": brief.lesson_id,
        }
    )
    return TextRequest(system, user, math.ceil(brief.word_target * TOKENS_PER_WORD) + SPARE_TOKENS, brief)


def fingerprint(brief: LessonBrief) -> str:
    """What a lesson is made from, as 64 hexadecimal digits: a stored lesson of another fingerprint is stale.

    Neither its word target counts nor the lesson before it: a course would never be finished if each lesson that is
    written made the next one stale.
    """
    return prompts.fingerprint(LESSON.prompt(brief.language).version, brief)


def summary(title: str, markdown: str) -> str:
    """A stored lesson's title, and what sums it up: its section of that name, else its first sentences."""
    sections = _sections(markdown)
    summing_up = next((prose for heading, prose in reversed(sections) if prose and _SUMS_UP.match(heading)), "")
    prose = summing_up or " ".join(prose for _, prose in sections if prose)
    return _titled(title, _first_sentences(prose))


def outlined(lesson: Lesson) -> str:
    """A lesson's title, and what the outline says of it: for one that is not stored."""
    said = lesson.description or "; ".join(lesson.objectives or (topic.title for topic in lesson.topics))
    return _titled(lesson.title, _first_sentences(one_line(said)))


def _titled(title: str, text: str) -> str:
    return f"{one_line(title)}: {text}" if text else one_line(title)


def _sections(markdown: str) -> list[tuple[str, str]]:
    """The headings of a lesson ("" for what stands before the first), each with its prose in one line."""
    sections: list[tuple[str, list[str]]] = [("", [])]
    for line in lines(markdown):
        if line.is_code:
            continue
        if _HEADING.match(line.text):
            sections.append((line.text, []))
        elif not _NO_PROSE.match(line.text):
            sections[-1][1].append(_BULLET.sub("", TAG.sub("", line.text), count=1))
    return [(heading, one_line(" ".join(prose))) for heading, prose in sections]


def _first_sentences(text: str) -> str:
    """As many whole sentences as `SUMMARY_WORDS` hold; the beginning of a first one that is longer."""
    kept, count = "", 0
    for sentence in re.split(r"(?<=[.!?…])\s+", text):
        count += len(sentence.split())
        if count > SUMMARY_WORDS:
            break
        kept = f"{kept} {sentence}".lstrip()
    return kept or (" ".join([*text.split()[:SUMMARY_WORDS], "…"]) if text else "")
