"""Faults of the YAML itself, and of what the YAML says: each broken example is told at its place, with a hint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from functions.outline.errors import InvalidOutline, Problem
from functions.outline.nodes import compose
from functions.outline.parse import parse
from tests.support.outlines import BROKEN, outline_bytes

COLON = "a colon followed by a space inside an unquoted value"
INDENTATION = "the indentation does not fit the lines above"
UNCLOSED = "a quote is opened here and never closed"
SHAPE = "an outline has a course title and modules, each with lessons"
NUMBER = "number must be a whole number from 1 to 999"
ADD_TITLE = 'add a line: title: "..."'
LOADERS = [yaml.SafeLoader, yaml.CSafeLoader]

# Faults that stop a YAML parser: place, message, hint.
SYNTAX: dict[str, list[tuple[int, int, str, str]]] = {
    "colon-in-title": [(2, 19, COLON, 'put the value in quotes: title: "Seguridad: conceptos"')],
    "colon-in-description": [
        (3, 26, COLON, 'put the value in quotes: description: "Tres ideas: cuidar, avisar y aprender"')
    ],
    "colon-in-continued-description": [(4, 15, COLON, 'put the value in quotes: description: "..."')],
    "no-space-after-colon": [(2, 9, "no space after the colon of 'title'", "write: title: ...")],
    "no-colon": [(2, 8, "no colon after 'title'", "write: title: ...")],
    "no-space-after-dash": [(4, 2, "no space after the dash", "write a space between - and the text")],
    "indentation-deeper": [
        (3, 5, INDENTATION, "keys of one block start in one column: in line 2 the key is in column 3")
    ],
    "indentation-shallower": [
        (3, 3, INDENTATION, "keys of one block start in one column: in line 2 the key is in column 5")
    ],
    "indentation-of-item": [
        (7, 6, INDENTATION, "keys of one block start in one column: in line 6 the key is in column 9")
    ],
    "tab": [(2, 1, "a tab where YAML wants spaces", "indent with spaces only")],
    "unclosed-quote": [(2, 10, UNCLOSED, "close it at the end of the value")],
    "unclosed-quote-closed-by-the-next": [(2, 10, UNCLOSED, "close it at the end of the value")],
    "text-after-quote": [(2, 22, "text after a closing quote", "put the whole value in one pair of quotes")],
    "text-after-bracket": [(2, 21, "text after a closing bracket", "put the whole value in one pair of quotes")],
    "unclosed-bracket": [
        (3, 13, "what [ opens here does not end as it should", "close it, or put the value in quotes if it is text")
    ],
    "reserved-character": [(2, 10, "a value cannot begin with @", "put the value in quotes")],
    "dash-as-value": [(2, 10, "a list cannot start here", "put the value in quotes, or the - on a new line")],
}

# Faults of what is otherwise YAML: place and message.
MEANING: dict[str, list[tuple[int, int, str]]] = {
    "aliases": [
        *((2, column, "an alias (*) is not accepted") for column in range(8, 41, 4)),
        *((3, column, "an alias (*) is not accepted") for column in range(8, 41, 4)),
        (6, 13, "an alias (*) is not accepted"),
    ],
    "backslash": [(2, 13, "a backslash inside double quotes")],
    "colon-in-list-item": [(8, 14, COLON), (10, 17, COLON)],
    "colons-in-many-places": [
        (2, 19, COLON),
        (5, 20, COLON),
        (7, 19, COLON),
        (8, 23, "duration_minutes must be a number from 0 to 1,000,000"),
        (10, 12, COLON),
        (11, 31, COLON),
        (12, 5, "the lesson has no title"),
    ],
    "control-character": [(2, 20, "a control character (U+000B) that YAML does not allow")],
    "duplicate-keys": [(3, 3, "'title' is given twice"), (8, 3, "'lessons' is given twice")],
    "duplicate-numbers": [
        (9, 13, "lesson number 2 is used twice"),
        (11, 11, "module number 1 is used twice"),
        (19, 3, "module number 4 is used twice"),
    ],
    "empty": [(1, 1, "the outline is empty")],
    "empty-modules": [(3, 10, "the outline has no modules")],
    "latin-1": [(2, 20, "a character that is not UTF-8")],
    "list": [(1, 1, "the outline is a list instead of fields")],
    "list-as-title": [(2, 10, "title must be text, not a list"), (4, 10, "title must be text, not a mapping")],
    "missing-lessons": [
        (4, 3, "the module has no lessons"),
        (6, 12, "the module has no lessons"),
        (7, 3, "the module has no lessons"),
    ],
    "missing-modules": [(1, 1, "the outline has no modules")],
    "missing-titles": [
        (2, 3, "the course has no title"),
        (4, 3, "the module has no title"),
        (6, 5, "the lesson has no title"),
        (7, 5, "the lesson has no title"),
        (9, 7, "the topic has no title"),
        (11, 6, "the topic is empty"),
    ],
    "modules-not-a-list": [(4, 3, "modules must be a list, not a mapping")],
    "null": [(1, 1, "the outline is empty")],
    "number": [(1, 1, "the outline is a single value instead of fields")],
    "only-comment": [(1, 1, "the outline is empty")],
    "scalar": [(1, 1, "the outline is a single value instead of fields")],
    "template": [(2, 10, "title must be text, not a mapping"), (2, 11, "a key that is not text")],
    "two-documents": [(7, 1, "a second document begins here")],
    "wrong-types": [
        (1, 9, "course must be a mapping, not a single value"),
        (4, 3, "an item of learning_outcomes must be text, not a list"),
        (7, 11, NUMBER),
        (8, 21, "duration_minutes must be a number from 0 to 1,000,000"),
        (9, 19, "percent_theory must be a number from 0 to 100"),
        (11, 5, "the lesson must be a mapping, it is a single value"),
        (13, 13, NUMBER),
        (14, 23, "duration_minutes must be a number from 0 to 1,000,000"),
        (15, 13, "topics must be a list, not a single value"),
        (17, 7, "the lab must be a text or a mapping, not a list"),
        (18, 3, "the module must be a mapping, it is a single value"),
        (20, 11, NUMBER),
        (21, 12, "lessons must be a list, not a single value"),
    ],
}


def test_every_broken_example_is_expected_to_be_told() -> None:
    assert sorted([*SYNTAX, *MEANING]) == sorted(path.stem for path in BROKEN)


@pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.__name__)
@pytest.mark.parametrize("name", SYNTAX)
def test_a_fault_of_the_yaml_is_told_where_it_must_be_mended(name: str, loader: Any) -> None:
    found: list[Problem] = []
    try:
        compose(outline_bytes(f"broken/{name}").decode(), found, loader)
    except InvalidOutline as error:
        found = list(error.problems)
    assert found == [Problem(*expected) for expected in SYNTAX[name]]


@pytest.mark.parametrize("name", MEANING)
def test_every_fault_of_a_readable_outline_is_told_at_once_in_the_order_of_the_text(name: str) -> None:
    with pytest.raises(InvalidOutline) as caught:
        parse(outline_bytes(f"broken/{name}"))
    found = caught.value.problems
    assert [(problem.line, problem.column, problem.message) for problem in found] == MEANING[name]


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_every_problem_comes_with_a_hint(path: Path) -> None:
    with pytest.raises(InvalidOutline) as caught:
        parse(path.read_bytes())
    assert all(problem.hint for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("line", "example"),
    [
        ("title: Uno: dos", 'title: "Uno: dos"'),
        ('title: Uno: "dos"', "title: 'Uno: \"dos\"'"),
        ("title: L'uno: 'dos\"", "title: 'L''uno: ''dos\"'"),
        ("title: Uno:", 'title: "Uno:"'),
        ("title: a\\b: c", "title: 'a\\b: c'"),
        ("title: x: " + "y" * 250, 'title: "..."'),
    ],
)
def test_the_hint_for_an_unquoted_colon_is_the_line_as_it_should_be(line: str, example: str) -> None:
    with pytest.raises(InvalidOutline) as caught:
        parse(f"{line}\nmodules:\n- title: M\n  lessons:\n  - title: L\n")
    assert [problem.hint for problem in caught.value.problems] == [f"put the value in quotes: {example}"]


@pytest.mark.parametrize("line", ["title: Uno: dos", "title: Uno:"])
def test_a_mended_hint_makes_the_outline_right(line: str) -> None:
    rest = "\nmodules:\n- title: M\n  lessons:\n  - title: L\n"
    with pytest.raises(InvalidOutline) as caught:
        parse(line + rest)
    mended = caught.value.problems[0].hint.removeprefix("put the value in quotes: ")
    assert parse(mended + rest).title == line.removeprefix("title: ")
