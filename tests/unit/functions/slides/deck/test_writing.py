from __future__ import annotations

import io
import zipfile
from typing import Any

import pptx
import pytest
from hypothesis import given, settings
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER
from pptx.util import Emu, Pt

from functions.slides.deck import slides_of, write_deck
from tests.unit.functions.book.examples import png
from tests.unit.functions.slides.deck.examples import MARKDOWN, deck_of

LESSON = """# Title

> A notice.

Water and **roots** need `air`, see [here](https://example.org/a?b=c&d) & [there](https://[).

## Data

| Soil | Water |
|---|---|
| Clay | *much* |
| Sand | |

```py
if a < b:
    pass
```

1. One
2. Two
   - within

[VISUAL: 01-01-0001 - A wide "figure" <1>]

[VISUAL: 01-01-0002 - A tall one]
"""
IMAGES = {"01-01-0001": png(40, 10)}


def opened(**changes: Any) -> Any:
    content, count = write_deck(deck_of(LESSON, images=IMAGES, **changes))
    presentation: Any = pptx.Presentation(io.BytesIO(content))
    assert len(presentation.slides) == count
    return presentation


def shapes_of(presentation: Any, kind: PP_PLACEHOLDER) -> list[Any]:
    return [
        shape for slide in presentation.slides for shape in slide.placeholders if shape.placeholder_format.type == kind
    ]


def test_slides_are_wide_and_made_by_layouts_for_each_purpose() -> None:
    presentation = opened()
    assert presentation.slide_width * 9 == presentation.slide_height * 16
    names = [layout.name for layout in presentation.slide_layouts]
    assert names == [
        "Title Slide",
        "Title and Content",
        "Section Header",
        "Title and Table",
        "Title and Code",
        "Picture with Caption",
    ]
    used = {slide.slide_layout.name for slide in presentation.slides}
    assert used == set(names)


def test_every_slide_has_a_title_and_all_but_the_cover_a_number_and_a_footer() -> None:
    presentation = opened()
    for number, slide in enumerate(presentation.slides, start=1):
        assert slide.shapes.title.text_frame.text
        kinds = {shape.placeholder_format.type: shape for shape in slide.placeholders}
        assert (PP_PLACEHOLDER.SLIDE_NUMBER in kinds) is (number > 1)
        if number > 1:
            assert kinds[PP_PLACEHOLDER.SLIDE_NUMBER].text_frame.text == str(number)
            assert kinds[PP_PLACEHOLDER.FOOTER].text_frame.text == "A course · Module 1: Soils and roots"


def test_no_placeholder_is_left_empty_and_no_shape_leaves_the_slide() -> None:
    presentation = opened()
    for slide in presentation.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= presentation.slide_width
            assert shape.top + shape.height <= presentation.slide_height
            assert not shape.has_text_frame or shape.text_frame.text


def test_tables_are_native_with_a_header_row() -> None:
    (frame,) = [shape for slide in opened().slides for shape in slide.shapes if shape.has_table]
    assert frame.is_placeholder
    assert frame.table.first_row
    assert [[cell.text for cell in row.cells] for row in frame.table.rows] == [
        ["Soil", "Water"],
        ["Clay", "much"],
        ["Sand", ""],
    ]


def test_a_picture_keeps_its_shape_and_is_described() -> None:
    (picture,) = shapes_of(opened(), PP_PLACEHOLDER.PICTURE)
    assert picture.shape_type == MSO_SHAPE_TYPE.PLACEHOLDER
    assert picture.width == pytest.approx(4 * picture.height, rel=0.001)
    assert not any((picture.crop_left, picture.crop_right, picture.crop_top, picture.crop_bottom))
    assert picture._element.xpath(".//p:cNvPr/@descr") == ['A wide "figure" <1>']
    assert picture.image.blob == IMAGES["01-01-0001"]


def test_a_missing_image_is_said_on_its_slide() -> None:
    texts = [shape.text_frame.text for slide in opened().slides for shape in slide.shapes if shape.has_text_frame]
    assert texts.count("This image is not available.") == 1
    assert "Figure 1.1.2. A tall one" in texts


def test_code_is_monospaced_and_keeps_its_blanks() -> None:
    presentation = opened()
    (slide,) = [slide for slide in presentation.slides if slide.slide_layout.name == "Title and Code"]
    code = next(shape for shape in slide.placeholders if shape.text_frame.text.startswith("if"))
    assert code.text_frame.text == "if a < b:\n    pass"
    layout = next(shape for shape in slide.slide_layout.placeholders if shape.name == "Code")
    assert layout._element.xpath(".//a:latin/@typeface") == ["Courier New"]


def test_notes_hold_the_whole_text() -> None:
    notes = [slide.notes_slide.notes_text_frame.text for slide in opened().slides if slide.has_notes_slide]
    assert any("A notice.\nWater and roots need air, see here (https://example.org/a?b=c&d)" in note for note in notes)


def test_links_lead_where_they_say_and_those_that_cannot_be_read_are_text() -> None:
    presentation = opened()
    targets = [
        relation.target_ref
        for slide in presentation.slides
        for relation in slide.part.rels.values()
        if relation.is_external
    ]
    assert set(targets) == {"https://example.org/a?b=c&d"}


def test_text_says_its_language() -> None:
    content, _ = write_deck(deck_of("# T\n\nSuelo.", language="es-MX"))
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert b'lang="es-MX"' in file.read("ppt/slides/slide4.xml")


def test_titles_may_hold_what_xml_cannot() -> None:
    presentation = opened(module_title="A\x00B\ufffe & C", course_title="<\x0b>")
    assert presentation.core_properties.title == "Module 1: A B & C"
    assert presentation.slides[0].shapes.title.text_frame.text == "A B & C"


def test_equal_decks_are_equal_files_that_tell_no_time() -> None:
    deck = deck_of(LESSON, images=IMAGES)
    content, _ = write_deck(deck)
    assert write_deck(deck)[0] == content
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"dcterms" not in file.read("docProps/core.xml").split(b">", 2)[2]
        assert not [name for name in file.namelist() if "thumbnail" in name or "printer" in name]


@settings(max_examples=8, deadline=None)
@given(MARKDOWN)
def test_whatever_a_lesson_says_its_file_can_be_opened(markdown: str) -> None:
    deck = deck_of(f"# Title\n\n{markdown}", images=IMAGES)
    content, count = write_deck(deck)
    presentation: Any = pptx.Presentation(io.BytesIO(content))
    assert len(presentation.slides) == count == len(slides_of(deck))
    heights = {
        frame.top + sum(row.height for row in frame.table.rows)
        for slide in presentation.slides
        for frame in slide.shapes
        if frame.has_table
    }
    assert max(heights, default=0) <= Emu(Pt(480.1))
