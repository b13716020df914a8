from __future__ import annotations

import pytest

from functions.outline.model import Lab, Lesson, Module, Topic
from functions.outline.targets import bloom_levels, word_target

TARGET = {"words_per_minute": 45, "min_words": 1000, "max_words": 5000}
MODULE = Module(1, "M")


@pytest.mark.parametrize(
    ("bloom", "words"),
    [
        ("Recordar", 1800),
        ("Remember", 1800),
        ("Comprender", 1980),
        ("Aplicar", 2160),
        ("apply", 2160),
        ("Analizar", 2340),
        ("Analyze", 2340),
        ("EVALUAR", 2520),
        ("Evaluate", 2520),
        ("Crear", 2700),
        ("create", 2700),
        ("Comprender / Analizar", 2340),
        ("Evaluar/Aplicar", 2520),
        ("", 1980),
        ("Soñar", 1980),
    ],
)
def test_forty_minutes_are_worth_more_words_the_higher_the_bloom_level(bloom: str, words: int) -> None:
    assert word_target(Lesson(1, "L", duration_minutes=40, bloom_level=bloom), MODULE, **TARGET) == words


def test_topics_and_labs_add_words() -> None:
    lesson = Lesson(
        1, "L", duration_minutes=40, bloom_level="Recordar", topics=(Topic("a"), Topic("b")), labs=(Lab("c"),)
    )
    assert word_target(lesson, MODULE, **TARGET) == 1800 + 2 * 80 + 120


@pytest.mark.parametrize(("minutes", "words"), [(0, 1000), (5, 1000), (90, 4050), (600, 5000), (1e6, 5000)])
def test_a_target_is_held_between_the_bounds(minutes: float, words: int) -> None:
    assert word_target(Lesson(1, "L", duration_minutes=minutes, bloom_level="Recordar"), MODULE, **TARGET) == words


def test_a_lesson_without_a_duration_takes_its_modules_and_else_45_minutes() -> None:
    lesson = Lesson(1, "L", bloom_level="Recordar")
    assert word_target(lesson, Module(1, "M", duration_minutes=60), **TARGET) == 2700
    assert word_target(lesson, MODULE, **TARGET) == 2025


def test_the_numbers_of_the_rule_are_settings() -> None:
    lesson = Lesson(1, "L", duration_minutes=10, bloom_level="Recordar")
    assert word_target(lesson, MODULE, words_per_minute=20, min_words=50, max_words=5000) == 200
    assert word_target(lesson, MODULE, words_per_minute=20, min_words=50, max_words=150) == 150


@pytest.mark.parametrize(
    ("level", "names"),
    [
        ("Comprender / Analizar", ["understand", "analyze"]),
        ("analyse, analyze", ["analyze"]),
        ("CREAR", ["create"]),
        ("Soñar", []),
        ("", []),
    ],
)
def test_the_levels_that_a_text_names_are_known_by_their_english_names(level: str, names: list[str]) -> None:
    assert bloom_levels(level) == names
