from __future__ import annotations

import pytest

from aurora.runtime.errors import BadRequest
from functions.outline.model import Lab, Lesson, Module, Outline, Topic
from functions.outline.parse import parse
from functions.outline.selection import chosen, labs
from tests.support.outlines import course, outline_bytes


@pytest.mark.parametrize(("modules", "named"), [([1, 4, 9], "4, 9"), ([], "none")])
def test_modules_that_are_not_there_are_refused_by_number(modules: list[int], named: str) -> None:
    with pytest.raises(BadRequest) as caught:
        chosen(course(1, 1, 1), modules)
    assert str(caught.value) == f"Modules not in the outline: {named}. It has 1, 2, 3."


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
