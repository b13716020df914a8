from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from functions.slides.deck import geometry as at
from functions.slides.deck import slides_of
from functions.slides.deck.geometry import Type
from functions.slides.deck.layout import CODE_COLUMNS, body_lines
from functions.slides.deck.measure import columns, plain, wrap
from functions.slides.deck.model import (
    CodeSlide,
    FigureSlide,
    Run,
    SectionSlide,
    Slide,
    TableSlide,
    TextSlide,
    TitleSlide,
)
from functions.slides.deck.sections import clean
from functions.text.reading import lesson_tokens
from tests.unit.functions.book.examples import png
from tests.unit.functions.slides.deck.examples import MARKDOWN, TITLE, deck_of, slides_about


def said(slide: Slide) -> Iterator[str]:
    """All that a slide and its notes say."""
    yield slide.notes
    yield slide.title
    match slide:
        case TextSlide():
            yield from (plain(paragraph.runs) for paragraph in slide.paragraphs)
        case TableSlide():
            yield from (plain(cell) for row in slide.rows for cell in row)
        case CodeSlide():
            yield from slide.lines
        case FigureSlide():
            yield slide.caption
        case _:
            pass


def lines_of(text: str, type_: Type, width: float) -> int:
    return len(wrap([Run(text)], type_, width))


def assert_it_fits(slide: Slide) -> None:
    match slide:
        case TitleSlide():
            assert lines_of(slide.title, at.COVER_TITLE_TYPE, at.COVER_TITLE.width) <= at.COVER_TITLE_LINES
            assert lines_of(slide.subtitle, at.SUBTITLE_TYPE, at.COVER_SUBTITLE.width) <= at.SUBTITLE_LINES
            return
        case SectionSlide():
            assert lines_of(slide.title, at.SECTION_TITLE_TYPE, at.SECTION_TITLE.width) <= at.SECTION_TITLE_LINES
            return
        case TextSlide():
            heights = [
                at.BODY_GAP + at.BODY_TYPES[each.level].line * len(body_lines(each)) for each in slide.paragraphs
            ]
            assert sum(heights) <= at.BODY.height
        case TableSlide():
            box = at.BELOW_LEAD if slide.lead else at.BODY
            assert sum(slide.widths) <= box.width + 0.01
            assert sum(slide.heights) <= box.height
            for row, height in zip(slide.rows, slide.heights, strict=True):
                for cell, width in zip(row, slide.widths, strict=True):
                    lines = len(wrap(cell, at.TABLE_TYPE, width - 2 * at.CELL_SIDE))
                    assert lines * at.TABLE_TYPE.line + 2 * at.CELL_TOP <= height
        case CodeSlide():
            box = at.BELOW_LEAD if slide.lead else at.BODY
            assert len(slide.lines) * at.CODE_TYPE.line + 2 * at.CODE_PADDING <= box.height
            assert max(map(columns, slide.lines)) <= CODE_COLUMNS
        case FigureSlide():
            assert lines_of(slide.caption, at.CAPTION_TYPE, at.CAPTION.width) <= at.CAPTION_LINES
    assert lines_of(slide.title, at.TITLE_TYPE, at.TITLE.width) <= at.TITLE_LINES
    assert lines_of(slide.kicker, at.KICKER_TYPE, at.KICKER.width) == 1


def words_of(markdown: str) -> set[str]:
    """All words that a lesson shows; of very long ones how they begin, since they may be broken."""
    texts: list[str] = []
    for token in lesson_tokens(markdown):
        if token.type == "inline":
            runs = (child.content if child.type != "softbreak" else " " for child in token.children or ())
            texts.append("".join(runs))
        elif token.type in ("fence", "code_block"):
            texts.append(token.content)
        elif token.type == "visual":
            texts.append(token.meta["description"])
    return {word[:8] for text in texts for word in clean(text).split()}


@settings(max_examples=25, deadline=None)
@given(MARKDOWN)
def test_whatever_a_lesson_says_nothing_overflows_and_no_word_is_lost(markdown: str) -> None:
    text = f"# Title\n\n{markdown}"
    slides = slides_of(deck_of(text))
    for slide in slides:
        assert_it_fits(slide)
    told = " ".join(text for slide in slides for text in said(slide))
    assert not {word for word in words_of(text) if word not in told}


def test_a_module_has_a_cover_an_agenda_its_lessons_and_a_summary() -> None:
    slides = slides_of(deck_of("# One\n\nIt begins.", None, language="es", module_number=3))
    assert [type(slide) for slide in slides] == [
        TitleSlide,
        TextSlide,
        SectionSlide,
        TextSlide,
        SectionSlide,
        TextSlide,
    ]
    cover, agenda, first, _, missing, summary = slides
    assert (cover.label, cover.title, cover.subtitle) == ("Módulo 3", TITLE, "A course")  # type: ignore[union-attr]
    assert agenda.title == "Agenda"
    assert [plain(entry.runs) for entry in agenda.paragraphs] == [  # type: ignore[union-attr]
        "3.1  Lesson title 1",
        "3.2  Lesson title 2 (Esta lección falta)",
    ]
    assert (first.label, first.title) == ("Lección 3.1", "Lesson title 1")  # type: ignore[union-attr]
    assert missing.remark == "Esta lección falta."  # type: ignore[union-attr]
    assert summary.title == "Resumen del módulo"
    assert "It begins." in [plain(entry.runs) for entry in summary.paragraphs]  # type: ignore[union-attr]


def test_headings_are_titles_and_what_is_above_them_stands_over_them() -> None:
    slides = slides_about("Intro.\n\n## Water\n\n### Rain\n\nIt falls.")
    assert [slide.title for slide in slides] == ["Lesson title 1", "Rain"]
    assert slides[1].kicker == "1.1  Lesson title 1 › Water"
    assert slides[1].notes == "Water\n\nRain\n\nIt falls."


LONG = "Clay holds water. **Sand drains it.** " + "Loam is between the two and is what most roots like best. " * 3


def test_of_a_paragraph_the_slide_tells_the_sentence_with_emphasis_and_the_notes_all() -> None:
    (slide,) = slides_about(LONG)
    assert [plain(paragraph.runs) for paragraph in slide.paragraphs] == ["Sand drains it."]
    assert slide.paragraphs[0].runs[0].bold
    assert slide.notes.startswith("Clay holds water. Sand drains it. Loam")


def test_an_abbreviation_ends_no_sentence() -> None:
    (slide,) = slides_about(
        "Algunos suelos, p. ej. Arcilla y Dr. Limo, retienen agua. " + "Otros no lo hacen tan bien. " * 8
    )
    assert plain(slide.paragraphs[0].runs) == "Algunos suelos, p. ej. Arcilla y Dr. Limo, retienen agua."


def test_a_notice_at_the_top_of_a_lesson_is_kept_whole() -> None:
    notice = (
        "Sample text: written by the built-in sample model from the outline, to try the platform. Not for teaching."
    )
    (slide,) = slides_about(f"> {notice}")
    (paragraph,) = slide.paragraphs
    assert plain(paragraph.runs) == notice
    assert paragraph.runs[0].italic


def test_lists_keep_their_levels_and_numbers_over_several_slides() -> None:
    items = "\n".join(f"{number}. Step {number} of many\n    - with a detail" for number in range(3, 13))
    slides = slides_about(f"## Steps\n\nDo this:\n\n{items}")
    assert [slide.title for slide in slides] == ["Steps", "Steps (2)", "Steps (3)"]
    points = [paragraph for slide in slides for paragraph in slide.paragraphs]
    assert [point.marker for point in points if not point.level] == ["none", *range(3, 13)]
    assert [point.marker for point in points if point.level] == ["bullet"] * 10
    sizes = [len(slide.paragraphs) for slide in slides]
    assert max(sizes) - min(sizes) <= 2


def test_what_introduces_a_list_is_not_left_behind_at_the_end_of_a_slide() -> None:
    for before in range(1, 12):
        text = "\n\n".join(["A point of its own."] * before + ["And these:", *[f"- item {n}" for n in range(9)]])
        for slide in slides_about(text):
            assert plain(slide.paragraphs[-1].runs) != "And these:"


def test_a_long_table_goes_on_with_its_header_and_a_wide_one_with_its_first_column() -> None:
    header = "| " + " | ".join(f"Header{column}" for column in range(20)) + " |\n" + "|---" * 20 + "|\n"
    rows = "\n".join("| " + " | ".join(f"value{row}x{column}" for column in range(20)) + " |" for row in range(30))
    slides = slides_about(f"## Data\n\nAll of it:\n\n{header}{rows}")
    assert [slide.title for slide in slides][:2] == ["Data", "Data (2)"]
    assert slides[0].lead == "All of it:"
    assert all(plain(slide.rows[0][0]) == "Header0" for slide in slides)
    cells = {plain(cell) for slide in slides for row in slide.rows for cell in row}
    assert cells >= {f"value{row}x{column}" for row in range(30) for column in range(20)}


def test_a_row_higher_than_a_slide_goes_on_in_rows_of_its_own() -> None:
    words = [f"word{number}" for number in range(900)]
    slides = slides_about(f"| A | B |\n|---|---|\n| short | {' '.join(words)} |")
    for slide in slides:
        assert_it_fits(slide)
    told = " ".join(plain(row[1]) for slide in slides for row in slide.rows[1:]).split()
    assert told == words


def test_code_is_split_at_an_empty_line_and_its_long_lines_are_broken_with_the_original_in_the_notes() -> None:
    blocks = [f"def first_{number}():\n    return {number}\n" for number in range(12)]
    long = "value = " + " + ".join(f"number_{number}" for number in range(30))
    slides = slides_about("## Code\n\nRun it:\n\n```py\n" + "\n".join([*blocks, long]) + "\n```\n\nThat was it.")
    assert [type(slide) for slide in slides] == [CodeSlide, CodeSlide, CodeSlide, TextSlide]
    assert [slide.title for slide in slides] == ["Code", "Code (2)", "Code (3)", "Code (4)"]
    assert [slide.lead for slide in slides[:3]] == ["Run it:", "", ""]
    assert slides[1].lines[0].startswith("def ")
    assert long in slides[0].notes
    assert "".join(slides[2].lines).replace(" ", "").endswith(long.replace(" ", ""))


@pytest.mark.parametrize(
    ("images", "has_image"), [({"01-01-0001": png()}, True), ({}, False), ({"01-01-0001": b"x"}, False)]
)
def test_a_figure_has_a_slide_of_its_own_with_or_without_its_image(images: dict[str, bytes], has_image: bool) -> None:
    text, figure = slides_about("## Roots\n\nLook.\n\n[VISUAL: 01-01-0001 - Roots of a tree]\n\nMore.", images=images)
    assert [plain(paragraph.runs) for paragraph in text.paragraphs] == ["Look.", "More."]
    assert figure.title == "Roots (2)"
    assert figure.caption == "Figure 1.1.1. Roots of a tree"
    assert figure.alt == "Roots of a tree"
    assert (figure.image is not None) is has_image
    assert ("This image is not available." in figure.notes) is not has_image


def test_titles_too_long_for_a_slide_are_whole_in_the_notes() -> None:
    title = "A title that is far too long for any slide " * 8
    slides = slides_of(deck_of(f"# T\n\n## {title}\n\nText.", module_title=title, course_title=title))
    for slide in slides:
        assert_it_fits(slide)
    whole = " ".join(title.split())
    assert whole in slides[0].notes
    assert whole in slides[3].notes


def test_links_in_notes_tell_where_they_lead() -> None:
    (slide,) = slides_about("See [the manual](https://example.org/manual) first.")
    assert slide.notes == "See the manual (https://example.org/manual) first."
    assert slide.paragraphs[0].runs[1].link == "https://example.org/manual"


def test_control_characters_do_not_reach_a_slide() -> None:
    slides: list[Any] = slides_of(deck_of("# T\n\nA\x0bB\x85C\ufffeD", module_title="A\x00B"))
    told = " ".join(text for slide in slides for text in said(slide))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\ufffe\uffff]", told)


def test_a_sentence_ends_without_a_blank_where_writing_knows_none() -> None:
    (slide,) = slides_about("土は水を保つ。" + "根はそこに育つ。" * 30)
    assert plain(slide.paragraphs[0].runs) == "土は水を保つ。"
