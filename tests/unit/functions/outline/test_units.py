from __future__ import annotations

from typing import get_args

import pytest

from functions.outline.units import (
    LAB,
    LESSON,
    SLIDES,
    UNIT_KINDS,
    Branch,
    Kind,
    UnitKind,
    slug,
    unit_id,
    unit_of,
    unit_typed,
)


def test_the_table_has_every_kind_and_a_branch_for_each() -> None:
    assert tuple(UNIT_KINDS) == get_args(Kind)
    assert tuple(kind.branch for kind in UNIT_KINDS.values()) == get_args(Branch)


@pytest.mark.parametrize(
    ("id_", "kind", "module", "number"),
    [
        ("03-02", "lesson", 3, 2),
        ("lab-12-01", "lab", 12, 1),
        ("slides-03", "slides", 3, 0),
        ("lab-100-123", "lab", 100, 123),
    ],
)
def test_the_id_of_a_unit_says_what_it_is(id_: str, kind: Kind, module: int, number: int) -> None:
    assert unit_id(kind, module, number) == id_
    assert unit_of(id_) == (kind, module, number)


@pytest.mark.parametrize(
    "id_",
    ["", "3-2", "003-02", "1000-01", "03-02 ", "03-02-0001", "lab-03", "slides-03-01", "#run", "03-02\n", "٠٣-٠٢"],
)
def test_what_is_no_unit_has_none(id_: str) -> None:
    assert unit_of(id_) is None


@pytest.mark.parametrize(
    ("typed", "id_"),
    [("3-2", "03-02"), ("03-02", "03-02"), ("lab-3-12", "lab-03-12"), ("slides-3", "slides-03"), ("100-1", "100-01")],
)
def test_an_id_may_be_typed_without_its_zeros(typed: str, id_: str) -> None:
    assert unit_typed(typed) == id_


@pytest.mark.parametrize("typed", ["", "3", "lab-3", "slides-3-1", "1000-1", "3-2 ", "course"])
def test_what_names_no_unit_is_none_however_it_is_typed(typed: str) -> None:
    assert unit_typed(typed) is None


@pytest.mark.parametrize(
    ("kind", "numbers", "name"),
    [
        (LESSON, (3, 12), "module-03-lesson-12-the-bowline.md"),
        (LAB, (100, 2), "module-100-lab-02-the-bowline.md"),
        (SLIDES, (3, 0), "module-03-the-bowline.pptx"),
    ],
)
def test_a_unit_is_known_by_the_name_of_its_file(kind: UnitKind, numbers: tuple[int, int], name: str) -> None:
    assert kind.file_name(*numbers, "The Bowline") == name
    assert kind.numbers_of_file(name) == numbers
    assert [other.numbers_of_file(name) for other in UNIT_KINDS.values() if other is not kind] == [None, None]


@pytest.mark.parametrize("name", ["plan-module-03.json", "module-3-lesson-1-x.md", "module-03-lesson-01-x.png", "x.md"])
def test_other_files_are_no_unit_s(name: str) -> None:
    assert [kind.numbers_of_file(name) for kind in UNIT_KINDS.values()] == [None, None, None]


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
