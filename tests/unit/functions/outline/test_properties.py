"""What holds for any text at all and for any outline."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.outline.batches import batches
from functions.outline.errors import InvalidOutline
from functions.outline.model import Lesson, Module, Outline
from functions.outline.parse import parse
from functions.outline.targets import word_target
from functions.outline.units import slug
from tests.support.outlines import ACCEPTED, BROKEN

EXAMPLES = [path.read_text("utf-8", "replace") for path in (*ACCEPTED, *BROKEN)]
WORDS = ["title", "modules", "lessons", "number", "course", "labs", "a", "1", ":", ": ", "- ", "-", "\n", "  ", "    "]
WORDS += [
    '"',
    "'",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a",
    "*a",
    "|",
    ">",
    "#",
    "!x",
    "? ",
    "%",
    "\t",
    "null",
    "---",
    "...",
    "\\",
]
yaml_like = st.lists(st.sampled_from(WORDS), max_size=60).map("".join)


@st.composite
def edited_examples(draw: st.DrawFn) -> str:
    """An example outline with a few characters replaced: nearly right, as real faults are."""
    text = draw(st.sampled_from(EXAMPLES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 5)))
        text = text[:start] + draw(st.sampled_from(WORDS) | st.text(max_size=3)) + text[end:]
    return text


def refused_or_right(text: str | bytes) -> None:
    outline = parsed(text)
    if isinstance(outline, InvalidOutline):
        rows = (text if isinstance(text, str) else text.decode("utf-8", "replace")).splitlines()
        assert outline.problems
        for problem in outline.problems:
            assert problem.message
            assert problem.column >= 1
            assert 1 <= problem.line <= len(rows) + 1
    else:
        assert outline.title
        numbers = [(module.number, lesson.number) for module in outline.modules for lesson in module.lessons]
        assert numbers
        assert len(set(numbers)) == len(numbers)
        assert all(module.lessons for module in outline.modules)


def parsed(text: str | bytes) -> Outline | InvalidOutline:
    try:
        return parse(text)
    except InvalidOutline as error:
        return error


@given(st.text() | yaml_like)
@example("\ud800")
@example("[")
@example("title: '\n")
@settings(max_examples=400, deadline=None)
def test_any_text_is_an_outline_or_an_invalid_outline(text: str) -> None:
    refused_or_right(text)


@given(st.binary())
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_an_outline_or_an_invalid_outline(content: bytes) -> None:
    refused_or_right(content)


@given(edited_examples())
@settings(max_examples=400, deadline=None)
def test_a_slightly_edited_outline_is_an_outline_or_an_invalid_outline(text: str) -> None:
    refused_or_right(text)


lesson_counts = st.lists(st.integers(1, 12), min_size=1, max_size=9)


@given(lesson_counts, st.integers(1, 13), st.data())
def test_batches_hold_each_chosen_lesson_exactly_once_in_order(
    counts: list[int], max_lessons: int, data: st.DataObject
) -> None:
    modules = tuple(
        Module(number * 2, "M", lessons=tuple(Lesson(i, "L") for i in range(1, count + 1)))
        for number, count in enumerate(counts, start=1)
    )
    outline = Outline("T", "", "en", "", (), (), (), None, modules)
    chosen = data.draw(st.none() | st.sets(st.sampled_from([m.number for m in modules]), min_size=1))
    planned = batches(outline, None if chosen is None else sorted(chosen), max_lessons)
    by_number = {module.number: module for module in modules}
    held = [
        (batch["module_number"], lesson.number)
        for batch in planned
        for lesson in by_number[batch["module_number"]].lessons[batch["batch_start_idx"] : batch["batch_end_idx"]]
    ]
    wanted = [module for module in modules if chosen is None or module.number in chosen]
    assert held == [(module.number, lesson.number) for module in wanted for lesson in module.lessons]
    for module in wanted:
        mine = [batch for batch in planned if batch["module_number"] == module.number]
        assert [batch["batch_index"] for batch in mine] == list(range(1, len(mine) + 1))
        assert {batch["total_batches"] for batch in mine} == {-(-len(module.lessons) // max_lessons)}
        assert all(0 < batch["batch_end_idx"] - batch["batch_start_idx"] <= max_lessons for batch in mine)


@given(st.floats(0, 1e6) | st.none(), st.floats(0, 1e6) | st.none(), st.text(max_size=30))
def test_a_word_target_is_within_its_bounds(minutes: float | None, module_minutes: float | None, bloom: str) -> None:
    lesson = Lesson(1, "L", duration_minutes=minutes, bloom_level=bloom)
    module = Module(1, "M", duration_minutes=module_minutes)
    assert 1 <= word_target(lesson, module, words_per_minute=1, min_words=1, max_words=5000) <= 5000


@given(st.text())
def test_any_title_makes_a_plain_file_name(title: str) -> None:
    name = slug(title)
    assert 1 <= len(name) <= 60
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not name.startswith("-")
    assert not name.endswith("-")
