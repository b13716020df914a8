from __future__ import annotations

from functions.common.outline import parse
from functions.content.prompts import lesson_brief, lesson_request

OUTLINE = parse("""
title: Suelos
language: es
level: básico
audience: [Jardineros]
modules:
- title: Clases
  bloom_level: Aplicar
  lessons:
  - {title: Arcilla, description: Qué es, objectives: [Reconocerla], topics: [Grano, {title: Prueba del frasco}]}
  - {title: Arena, bloom_level: Crear}
""")
MODULE = OUTLINE.modules[0]


def test_the_prompt_says_all_that_the_outline_says_and_how_the_lesson_must_look() -> None:
    request = lesson_request(lesson_brief(OUTLINE, MODULE, MODULE.lessons[0], 1200))
    for part in ("Suelos", "básico", "Jardineros", "Clases", "Arcilla", "Qué es", "Reconocerla", "Grano", "frasco"):
        assert part in request.prompt
    for part in ("'es'", "about 1200 words", "`# Arcilla`", "[VISUAL: 01-01-0001 - ", "exactly 4"):
        assert part in request.prompt


def test_what_the_outline_leaves_open_is_not_in_the_prompt() -> None:
    prompt = lesson_request(lesson_brief(OUTLINE, MODULE, MODULE.lessons[1], 1200)).prompt
    assert [name for name in ("Description", "Topics to cover", "Objectives:", "Prerequisites") if name in prompt] == []


def test_a_lesson_without_a_bloom_level_has_its_modules() -> None:
    assert [lesson_brief(OUTLINE, MODULE, lesson, 1).bloom_level for lesson in MODULE.lessons] == ["Aplicar", "Crear"]


def test_the_limit_of_tokens_follows_the_word_target() -> None:
    limits = [
        lesson_request(lesson_brief(OUTLINE, MODULE, MODULE.lessons[0], words)).max_tokens for words in (1000, 5000)
    ]
    assert limits == [2600, 11400]
