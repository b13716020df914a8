"""What a text model is asked for one lesson: the brief taken from the outline, and the prompt made from the brief.

Knows no model and no storage. The same outline always gives the same prompt.
"""

from __future__ import annotations

import math
from typing import Final

from functions.common.models import LessonBrief, TextRequest
from functions.common.outline import Lesson, Module, Outline

TOKENS_PER_WORD: Final = 2.2
"""Tokens that a word of Spanish technical prose with Markdown and code takes at most, on average."""
SPARE_TOKENS: Final = 400

_SYSTEM: Final = (
    "You are an experienced author of technical courses. You write one complete lesson at a time, as Markdown, ready "
    "to be printed: no greeting, no remark about yourself or the task, no code fence around the whole answer."
)


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


def lesson_request(brief: LessonBrief) -> TextRequest:
    """The request for a lesson. `max_tokens` follows the word target: providers reserve it of a quota at once."""
    max_tokens = math.ceil(brief.word_target * TOKENS_PER_WORD) + SPARE_TOKENS
    return TextRequest(_SYSTEM, _prompt(brief), max_tokens, brief)


def _prompt(brief: LessonBrief) -> str:
    facts = {
        "Course": brief.course_title,
        "Level": brief.level,
        "Audience": "; ".join(brief.audience),
        "Prerequisites": "; ".join(brief.prerequisites),
        f"Module {brief.module_number}": brief.module_title,
        "Lesson title": brief.lesson_title,
        "Description": brief.description,
        "Cognitive level (Bloom)": brief.bloom_level,
    }
    known = [f"{name}: {value}" for name, value in facts.items() if value.strip()]
    lists = [
        _bullets("Objectives", brief.objectives),
        _bullets("Topics to cover, each in its own section", brief.topics),
    ]
    rules = [
        f"Write in the language {brief.language!r}, for a reader of that audience.",
        f"Write about {brief.word_target} words.",
        f"Begin with the one first-level heading `# {brief.lesson_title}`; sections are `##`, their parts `###`.",
        "Cover every topic and every objective by name. Where it helps, use a table, a list, a fenced code block.",
        f"Place exactly {brief.visuals} visual tags, each alone on a line, where a figure helps: "
        f"`[VISUAL: {brief.lesson_id}-0001 - what the figure shows]`, then -0002 and so on.",
        "No links, no images, no HTML. Close every code fence. End with a short summary.",
    ]
    return "\n\n".join(part for part in ["\n".join(known), *lists, _bullets("Rules", rules)] if part)


def _bullets(title: str, items: tuple[str, ...] | list[str]) -> str:
    return "\n".join([f"{title}:", *(f"- {item}" for item in items)]) if items else ""
