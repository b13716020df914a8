from __future__ import annotations

from pathlib import Path

import pytest

from functions.outline.errors import InvalidOutline
from functions.outline.limits import MAX_LABS, MAX_LESSONS, MAX_OUTLINE_BYTES
from functions.outline.model import Lab, Outline, Topic
from functions.outline.parse import parse
from tests.support.outlines import ACCEPTED, outline_bytes


def outline(name: str) -> Outline:
    return parse(outline_bytes(name))


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(InvalidOutline) as caught:
        parse(text)
    return [str(problem) for problem in caught.value.problems]


def course(*lessons: str) -> str:
    """An outline of one module whose lessons are these lines."""
    return "\n".join(["title: T", "modules:", "- title: M", "  lessons:", *(f"  {line}" for line in lessons)])


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_every_accepted_shape_has_a_title_modules_and_lessons(path: Path) -> None:
    found = parse(path.read_bytes())
    assert found.title
    assert found.lesson_count >= 1
    assert all(lesson.title for module in found.modules for lesson in module.lessons)


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_bytes_and_text_lf_and_crlf_with_or_without_a_byte_order_mark_are_the_same_outline(path: Path) -> None:
    content = path.read_bytes()
    text = content.decode()
    expected = parse(content)
    assert parse(text) == expected
    assert parse(content.replace(b"\n", b"\r\n")) == expected
    assert parse(b"\xef\xbb\xbf" + content) == expected
    assert parse("\ufeff" + text) == expected
    assert parse(text.encode("utf-16")) == expected


def test_modules_may_stand_under_course() -> None:
    found = outline("modules-under-course")
    assert [(module.number, module.title, len(module.lessons)) for module in found.modules] == [
        (1, "Soil", 2),
        (2, "Sowing", 1),
    ]
    assert (found.language, found.level, found.duration_minutes) == ("en", "beginner", 150)
    assert found.audience == ("Balcony gardeners", "School gardens")
    assert found.description == "From an empty bed to the first harvest, month by month."


def test_a_summary_is_a_description_and_a_single_text_is_a_list_of_one() -> None:
    found = outline("modules-under-course")
    assert [module.description for module in found.modules] == ["What a plant stands in.", "From seed to seedling."]
    assert found.prerequisites == ("none",)


def test_language_outcomes_and_hours_may_stand_at_the_root() -> None:
    found = outline("exporter-root-fields")
    assert found.language == "es"
    assert found.learning_outcomes == ("Elaborar pan de masa madre con seguridad",)
    assert found.duration_minutes == 210


def test_percentages_may_be_written_with_a_sign() -> None:
    module = outline("exporter-root-fields").modules[0]
    assert (module.percent_theory, module.percent_practice) == (70, 30)


def test_topics_are_texts_or_mappings_whose_fields_may_be_null() -> None:
    lesson = outline("exporter-root-fields").modules[0].lessons[0]
    assert lesson.duration_minutes is None
    assert lesson.objectives == ()
    assert lesson.topics == (
        Topic("Gluten y proteína", 10, "Comprender"),
        Topic("Leer una ficha técnica: W, P/L y cenizas"),
        Topic("Harinas integrales"),
    )


def test_labs_are_texts_or_mappings_under_either_name() -> None:
    module = outline("labs-of-every-shape").modules[0]
    assert module.lessons[0].labs == (
        Lab(
            "Cambiar el servidor de nombres",
            number=3,
            description="Se mide antes y después.",
            duration_minutes=20,
            bloom_level="Aplicar",
            objectives=("Comparar dos servidores de nombres",),
            activities=("Medir", "Cambiar", "Medir otra vez"),
        ),
        Lab("Dibujar la red de casa"),
        Lab("Práctica: encontrar la dirección del router"),
    )
    assert module.labs == (
        Lab("Plan de cobertura", objectives=("Medir la señal en cada habitación", "Elegir el canal")),
    )


def test_numbers_default_to_the_position_and_may_be_quoted() -> None:
    found = outline("odd-but-accepted")
    assert [module.number for module in found.modules] == [7, 2]
    assert [lesson.number for lesson in found.modules[0].lessons] == [4, 2]


def test_texts_that_yaml_would_read_as_something_else_stay_texts() -> None:
    found = outline("odd-but-accepted")
    assert (found.title, found.language) == ("2024", "no")
    assert found.modules[1].title == "~tilde is text here"


def test_titles_are_on_one_line_and_a_list_of_levels_is_compound() -> None:
    module = outline("odd-but-accepted").modules[0]
    assert (module.title, module.bloom_level) == ("Spaces around", "Comprender / Analizar")


@pytest.mark.parametrize(
    ("fields", "minutes"),
    [
        ("total_duration_minutes: 90\nduration_hours: 9", 90),
        ("duration_minutes: 90", 90),
        ("duration_hours: 1.5", 90),
        ("hours_total: '1.5'", 90),
        ("hours_theory: 1\nhours_practice: 0.5", 90),
        ("hours_practice: 1.5", 90),
        ("duration_hours: null", None),
        ("", None),
    ],
)
def test_the_duration_of_a_course_is_minutes_whatever_it_is_given_in(fields: str, minutes: float | None) -> None:
    assert parse(f"{fields}\n{course('- title: L')}").duration_minutes == minutes


@pytest.mark.parametrize(
    ("written", "minutes"),
    [("15", 15), ("12.5", 12.5), ("'15'", 15), ("null", None), ("", None), ("~", None), ("0", 0)],
)
def test_a_duration_may_be_a_number_a_quoted_number_or_nothing(written: str, minutes: float | None) -> None:
    lesson = parse(course("- title: L", f"  duration_minutes: {written}")).modules[0].lessons[0]
    assert lesson.duration_minutes == minutes


@pytest.mark.parametrize("written", ["-1", "nan", ".inf", "1e999", "15 min", "1:30", "[15]", "{a: 1}", "yes"])
def test_a_duration_that_is_no_number_is_a_problem_at_its_place(written: str) -> None:
    assert problems(course("- title: L", f"  duration_minutes: {written}"))[0].startswith(
        "line 6, column 23: duration_minutes must be a number from 0"
    )


@pytest.mark.parametrize("written", ["0", "1000", "-1", "1.5", "one", "[1]", "9" * 5000, "²"])
def test_a_number_that_is_not_from_1_to_999_is_a_problem(written: str) -> None:
    assert problems(course("- title: L", f"  number: {written}")) == [
        "line 6, column 13: number must be a whole number from 1 to 999 (write: number: 1)"
    ]


def test_an_explicit_number_that_another_lesson_has_by_position_is_a_problem() -> None:
    assert problems(course("- title: First", "- title: Second", "  number: 1")) == [
        "line 7, column 13: lesson number 1 is used twice (the other one is in line 5)"
    ]


def test_the_same_lesson_number_in_two_modules_is_no_problem() -> None:
    module = "- title: M\n  lessons:\n  - {title: L, number: 1}\n"
    assert parse(f"title: T\nmodules:\n{module}{module}").lesson_count == 2


def test_a_thousandth_lesson_of_a_module_is_a_problem() -> None:
    found = problems(course(*["- title: L"] * 1000))
    assert "line 1004, column 5: more than 999 lessons (split the outline)" in found


def test_a_course_may_have_a_hundred_modules() -> None:
    module = "- title: M\n  lessons:\n  - title: L\n"
    assert [module.number for module in parse(f"title: T\nmodules:\n{module * 100}").modules] == [*range(1, 101)]


def test_more_labs_than_an_execution_can_carry_are_a_problem() -> None:
    labs = ["- title: L", "  labs:", *["  - Lab"] * 500]
    assert len(parse(course(*labs)).modules[0].lessons[0].labs) == 500
    assert problems(course(*labs, "  - Lab")) == [
        f"line 1, column 1: the outline has 501 labs (at most {MAX_LABS} are accepted)"
    ]


def test_more_lessons_than_an_execution_can_carry_are_a_problem() -> None:
    module = "- title: M\n  lessons:\n" + "  - title: L\n" * 84
    assert parse(f"title: T\nmodules:\n{module * 5}").lesson_count == 420
    assert problems(f"title: T\nmodules:\n{module * 6}") == [
        f"line 1, column 1: the outline has 504 lessons (at most {MAX_LESSONS} are accepted)"
    ]


def test_a_title_too_long_for_a_page_is_a_problem() -> None:
    assert problems(course(f"- title: {'x' * 301}")) == [
        "line 5, column 12: a title of 301 characters (at most 300 are accepted)"
    ]


def test_the_limit_of_an_outline_counts_bytes() -> None:
    filler = "#" * (MAX_OUTLINE_BYTES - len(course("- title: L").encode()) - 1)
    largest = f"{course('- title: L')}\n{filler}"
    assert parse(largest).lesson_count == 1
    assert problems(largest + "#") == [
        "line 1, column 1: the outline has 1,000,001 bytes (at most 1,000,000 are accepted)"
    ]
    assert problems(largest[:-1] + "ñ") == problems((largest[:-1] + "ñ").encode())


def test_the_first_hundred_of_very_many_problems_are_told_and_the_rest_counted() -> None:
    found = problems(course(*["- number: 0"] * 99))
    assert len(found) == 101
    assert found[-1].endswith("and 98 more problems from here on")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 900_000,
        "- " * 400_000,
        "{a: " * 200_000,
        "? " * 400_000,
        "[" + "a," * 450_000,
        "title: " + "a: " * 300_000,
        "title: a: b\n" * 70_000,
        " " * 900_000 + "a: b: c",
        "a" + " " * 900_000 + ": b: c",
        'title: "x\n' * 80_000,
        "a:\n" * 300_000,
        "\t" * 900_000,
    ],
    ids=lambda text: f"{text[:6]!r}",
)
def test_a_text_made_to_exhaust_a_parser_is_refused_within_few_lines(text: str) -> None:
    assert sum(map(len, problems(text))) < 20_000
