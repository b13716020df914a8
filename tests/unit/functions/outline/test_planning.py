from __future__ import annotations

import pytest

from aurora.runtime.errors import BadRequest
from functions.outline.model import Lab, Lesson, Module, Outline, Topic
from functions.outline.parse import parse
from functions.outline.planning import batches, bloom_levels, chosen, lab_batches, labs, slug, word_target
from tests.support.outlines import outline_bytes

TARGET = {"words_per_minute": 45, "min_words": 1000, "max_words": 5000}


MODULE = Module(1, "M")


def course(*lesson_counts: int) -> Outline:
    modules = tuple(
        Module(number, f"Module {number}", lessons=tuple(Lesson(i, f"Lesson {i}") for i in range(1, count + 1)))
        for number, count in enumerate(lesson_counts, start=1)
    )
    return Outline("T", "", "en", "", (), (), (), None, modules)


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
    ("title", "name"),
    [
        ("The Bowline", "the-bowline"),
        ("¿Qué es MCP?: objetivos, vocabulario", "que-es-mcp-objetivos-vocabulario"),
        ("Año ÑANDÚ", "ano-nandu"),
        ("../../etc/passwd", "etc-passwd"),
        ("  --  ", "untitled"),
        ("第一课", "untitled"),
        ("a" * 80, "a" * 60),
        ("a" * 59 + " b", "a" * 59),
    ],
)
def test_a_title_becomes_a_plain_file_name(title: str, name: str) -> None:
    assert slug(title) == name


def test_seven_modules_of_six_lessons_are_fourteen_batches_of_three() -> None:
    planned = batches(course(*[6] * 7), None, 3)
    assert len(planned) == 14
    assert planned[1] == {
        "module_number": 1,
        "batch_index": 2,
        "total_batches": 2,
        "batch_start_idx": 3,
        "batch_end_idx": 6,
        "lessons": [4, 5, 6],
    }


def test_a_module_that_does_not_divide_evenly_ends_with_a_smaller_batch() -> None:
    assert len(batches(course(7, 6, 6, 6, 6, 6, 5), None, 3)) == 15
    last = batches(course(7), None, 3)[-1]
    assert (last["batch_start_idx"], last["batch_end_idx"], last["total_batches"]) == (6, 7, 3)


def test_only_chosen_modules_have_batches_in_the_order_of_the_outline() -> None:
    assert [batch["module_number"] for batch in batches(course(1, 1, 1), [3, 1], 3)] == [1, 3]


@pytest.mark.parametrize(("modules", "named"), [([1, 4, 9], "4, 9"), ([], "none at all")])
def test_modules_that_are_not_there_are_refused_by_number(modules: list[int], named: str) -> None:
    with pytest.raises(BadRequest) as caught:
        chosen(course(1, 1, 1), modules)
    assert str(caught.value) == f"Modules asked for that the outline does not have: {named}. It has 1, 2, 3."


def test_lessons_that_alone_are_asked_for_keep_the_place_of_their_batch() -> None:
    kept = batches(course(7, 2), None, 3, {(1, 4), (1, 6), (2, 1), (3, 1)})
    assert [(batch["module_number"], batch["batch_index"], batch["lessons"]) for batch in kept] == [
        (1, 2, [4, 6]),
        (2, 1, [1]),
    ]
    assert (kept[0]["total_batches"], kept[0]["batch_start_idx"], kept[0]["batch_end_idx"]) == (3, 3, 6)
    assert batches(course(7), None, 3, set()) == []


def placed(outline: Outline, modules: list[int] | None = None) -> list[tuple[int, int, str, str]]:
    return [
        (lab.module.number, lab.number, lab.lesson.title if lab.lesson else "", lab.lab.title)
        for lab in labs(outline, modules)
    ]


def test_labs_are_numbered_in_their_module_those_of_its_lessons_first() -> None:
    outline = parse(outline_bytes("labs-of-every-shape"))
    found = placed(outline)
    assert found[:4] == [
        (1, 1, "Direcciones y nombres", "Cambiar el servidor de nombres"),
        (1, 2, "Direcciones y nombres", "Dibujar la red de casa"),
        (1, 3, "Direcciones y nombres", "Práctica: encontrar la dirección del router"),
        (1, 4, "", "Plan de cobertura"),
    ]
    assert placed(outline, [2]) == [lab for lab in found if lab[0] == 2]


def test_a_course_that_names_no_lab_has_one_for_each_lesson_made_of_what_the_lesson_is() -> None:
    topics = (Topic("Grain"), Topic("Water"))
    clay = Lesson(1, "Clay", "What it is.", bloom_level="Apply", objectives=("Tell it",), topics=topics)
    outline = Outline("T", "", "en", "", (), (), (), None, (Module(3, "Soil", lessons=(clay, Lesson(2, "Sand"))),))
    first, second = labs(outline)
    assert (first.number, first.lesson, second.number, second.lab.title) == (1, clay, 2, "Sand")
    assert first.lab == Lab(
        "Clay",
        description="What it is.",
        bloom_level="Apply",
        objectives=("Tell it",),
        activities=("Grain", "Water"),
    )


def test_one_lab_that_is_named_is_all_there_is() -> None:
    soil = Module(1, "Soil", lessons=(Lesson(1, "Clay"), Lesson(2, "Sand")))
    care = Module(2, "Care", lessons=(Lesson(1, "Water"),), labs=(Lab("A garden"),))
    outline = Outline("T", "", "en", "", (), (), (), None, (soil, care))
    assert placed(outline) == [(2, 1, "", "A garden")]
    assert placed(outline, [1]) == []


def test_batches_of_labs_stay_within_their_module() -> None:
    runs = lab_batches(labs(course(3, 1)), 2)
    assert runs == [
        {"module_number": 1, "batch_index": 1, "labs": [1, 2]},
        {"module_number": 1, "batch_index": 2, "labs": [3]},
        {"module_number": 2, "batch_index": 1, "labs": [1]},
    ]
    assert lab_batches([], 2) == []


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
