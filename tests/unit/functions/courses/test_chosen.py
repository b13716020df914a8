from __future__ import annotations

from typing import Any

import pytest

from aurora.runtime.errors import BadRequest
from functions.courses.chosen import chosen_units
from functions.outline.parse import parse
from functions.outline.units import OutlineUnit
from tests.support.outlines import outline_bytes

OUTLINE = parse(
    """
title: Soil
modules:
- title: Kinds
  lessons:
  - title: Clay
    labs: [{title: Dig}, {title: Sieve}]
  - title: Sand
  labs: [{title: A garden}]
- title: Care
  lessons: [{title: Water}]
"""
)


def ids(**wanted: Any) -> list[str]:
    return [unit.id for unit in chosen_units(OUTLINE, **wanted)]


@pytest.mark.parametrize(
    ("wanted", "units"),
    [
        ({"content": "theory"}, "01-01 01-02 02-01"),
        ({"content": "labs"}, "lab-01-01 lab-01-02 lab-01-03"),
        ({"content": "both", "slides": True}, "01-01 01-02 02-01 lab-01-01 lab-01-02 lab-01-03 slides-01 slides-02"),
        ({"content": "slides"}, "slides-01 slides-02"),
        ({"content": "both", "modules": [2], "slides": True}, "02-01 slides-02"),
        ({"content": "labs", "modules": [2]}, ""),
        ({"content": "both", "only": ["01-02", "lab-01-03"]}, "01-02 lab-01-03"),
        ({"content": "theory", "only": ["01-02", "slides-02"]}, "01-02 slides-02"),
        ({"content": "both", "only": ["lab-01-01"], "slides": True}, "lab-01-01 slides-01"),
        ({"content": "slides", "only": ["slides-02"]}, "slides-02"),
    ],
)
def test_an_execution_concerns_what_its_request_names(wanted: dict[str, Any], units: str) -> None:
    assert ids(**wanted) == units.split()


def test_units_are_called_as_the_outline_calls_them() -> None:
    assert chosen_units(OUTLINE, "both", only=["lab-01-03", "slides-01"]) == [
        OutlineUnit("lab", 1, 3, "A garden"),
        OutlineUnit("slides", 1, 0, "Kinds"),
    ]


@pytest.mark.parametrize(
    ("content", "only", "said"),
    [
        ("theory", ["01-02", "09-01", "01-03"], "Units not found: 01-03, 09-01."),
        ("theory", ["lab-01-01"], "this request makes lessons"),
        ("labs", ["01-01"], "this request makes labs"),
        ("slides", ["01-01"], "this request makes slide decks"),
        ("both", ["slides-03"], "Units not found: slides-03."),
    ],
)
def test_units_that_are_not_there_or_not_made_are_refused_by_name(content: str, only: list[str], said: str) -> None:
    with pytest.raises(BadRequest) as refused:
        ids(content=content, only=only)
    assert said in str(refused.value)


def test_modules_that_are_not_there_are_refused_whatever_is_made() -> None:
    for content in ("theory", "labs", "both", "slides"):
        with pytest.raises(BadRequest, match="not in the outline: 7"):
            ids(content=content, modules=[1, 7])


def test_a_course_that_names_no_lab_has_one_for_each_lesson() -> None:
    garden = parse(outline_bytes("modules-under-course"))
    assert [unit.id for unit in chosen_units(garden, "labs")] == [
        "lab-01-01",
        "lab-01-02",
        "lab-02-01",
    ]
