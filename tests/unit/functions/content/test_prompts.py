from __future__ import annotations

import dataclasses

import pytest

from functions.content.prompting import SUMMARY_WORDS, fingerprint, lesson_brief, lesson_request, outlined, summary
from functions.models import LessonBrief
from functions.models.sample import write_lesson
from functions.outline.parse import parse
from tests.support.fake_model import TITLE, WORDS_ASKED

OUTLINE = parse("""
title: Suelos
language: es
level: básico
audience: [Jardineros]
prerequisites: [Botánica]
modules:
- title: Clases
  bloom_level: Aplicar
  lessons:
  - {title: Arcilla, description: Qué es, objectives: [Reconocerla], topics: [Grano, {title: Prueba del frasco}]}
  - {title: Arena, bloom_level: Crear}
""")
MODULE = OUTLINE.modules[0]
BRIEF = lesson_brief(OUTLINE, MODULE, MODULE.lessons[0], 1200)
ENGLISH = dataclasses.replace(BRIEF, language="en")


def prompt(brief: LessonBrief, previous: str = "") -> str:
    return lesson_request(brief, previous).prompt


@pytest.mark.parametrize("brief", [BRIEF, ENGLISH], ids=["es", "en"])
def test_the_prompt_says_all_that_the_outline_says_and_how_the_lesson_must_look(brief: LessonBrief) -> None:
    said = prompt(brief)
    for part in ("Suelos", "básico", "Jardineros", "Botánica", "Clases", "Arcilla", "Qué es", "1. Reconocerla"):
        assert part in said
    for part in ("1. Grano\n2. Prueba del frasco", f"'{brief.language}'", "`# Arcilla`", "[VISUAL: 01-01-0001 - "):
        assert part in said


def test_a_lesson_is_asked_for_in_the_language_of_its_outline() -> None:
    assert "unas 1200 palabras" in prompt(BRIEF)
    assert "exactamente 4 etiquetas" in prompt(BRIEF)
    assert "about 1200 words" in prompt(ENGLISH)
    assert "Write in the language 'et'" in prompt(dataclasses.replace(BRIEF, language="et"))


@pytest.mark.parametrize("brief", [BRIEF, ENGLISH], ids=["es", "en"])
def test_the_stand_in_for_a_model_finds_title_and_length_in_every_language(brief: LessonBrief) -> None:
    title, words = TITLE.search(prompt(brief)), WORDS_ASKED.search(prompt(brief))
    assert title
    assert words
    assert (title[1], words[1]) == ("Arcilla", "1200")


def test_what_a_cognitive_level_demands_is_explained_for_each_that_the_outline_names() -> None:
    assert "- Aplicar: " in prompt(BRIEF)
    assert "- Crear: " not in prompt(BRIEF)
    compound = prompt(dataclasses.replace(ENGLISH, bloom_level="Comprender / Analizar"))
    assert "- Understand: " in compound
    assert "- Analyze: " in compound


def test_what_the_outline_leaves_open_is_not_in_the_prompt() -> None:
    bare = LessonBrief("C", "en", "", 1, "M", 1, "L", "", (), (), "", 1000)
    names = ("Description", "Topics", "Objectives", "Prerequisites", "Bloom", "Audience", "just read", ": \n")
    assert [name for name in names if name in prompt(bare)] == []


def test_the_lesson_before_is_told_of() -> None:
    assert "\nArena: Suelta y clara.\n" in prompt(BRIEF, "Arena: Suelta y clara.")


def test_a_lesson_without_a_bloom_level_has_its_modules() -> None:
    assert [lesson_brief(OUTLINE, MODULE, lesson, 1).bloom_level for lesson in MODULE.lessons] == ["Aplicar", "Crear"]


def test_the_limit_of_tokens_follows_the_word_target() -> None:
    limits = [lesson_request(dataclasses.replace(BRIEF, word_target=words)).max_tokens for words in (1000, 5000)]
    assert limits == [2600, 11400]


def test_equal_lessons_have_equal_fingerprints_whatever_their_length() -> None:
    assert fingerprint(BRIEF) == fingerprint(lesson_brief(OUTLINE, MODULE, MODULE.lessons[0], 5000))


@pytest.mark.parametrize(
    "field", [field.name for field in dataclasses.fields(LessonBrief) if field.name != "word_target"]
)
def test_whatever_else_the_outline_says_of_a_lesson_makes_another_fingerprint(field: str) -> None:
    value = getattr(BRIEF, field)
    changed = value + 1 if isinstance(value, int) else (*value, "more") if isinstance(value, tuple) else f"{value} more"
    assert fingerprint(dataclasses.replace(BRIEF, **{field: changed})) != fingerprint(BRIEF)


def test_a_lesson_is_summed_up_by_its_own_summary() -> None:
    text = "# Sand\n\nOpening words.\n\n## Summary\n\nIt is **loose**.\n\n- It drains.\n\n## Questions\n\nWhy?\n"
    assert summary("Sand", text) == "Sand: It is **loose**. It drains."
    assert summary("Arcilla", write_lesson(BRIEF)).startswith("Arcilla: La lección ha recorrido estos temas: Grano; ")


def test_a_lesson_without_a_summary_is_summed_up_by_its_first_sentences() -> None:
    text = "# Sand\n\n> A note.\n\n```\n# Code.\n```\n\n| a | b |\n\n## Kinds\n\n[VISUAL: 01-02-0001 - Grains]\n\n"
    told = summary("Sand", text + "One two three. " * 40)
    assert told == "Sand: " + " ".join(["One two three."] * (SUMMARY_WORDS // 3))


def test_a_lesson_that_is_not_stored_is_told_of_by_its_outline() -> None:
    assert [outlined(lesson) for lesson in MODULE.lessons] == ["Arcilla: Qué es", "Arena"]
    assert summary("Arena", "# Arena\n") == "Arena"
