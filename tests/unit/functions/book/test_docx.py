from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from functions.book.docx import write_docx
from functions.book.model import Book, assemble
from functions.text.reading import lesson_tokens
from tests.unit.functions.book.examples import DEEP, PIECES, book_of, outline, png


def document(book: Book) -> Document:
    return docx.Document(io.BytesIO(write_docx(book)))


def lesson(markdown: str, **given_: Any) -> Document:
    return document(book_of(markdown, **given_))


def styled(shown: Document, style: str) -> list[str]:
    return [paragraph.text for paragraph in shown.paragraphs if paragraph.style and paragraph.style.name == style]


def every_text(shown: Document) -> Iterator[str]:
    for element in shown.element.body.iter(qn("w:t")):
        yield element.text or ""


def numbers(shown: Document) -> list[tuple[str, int, int]]:
    """Text, level and numbering instance of each paragraph of an ordered list."""
    found: list[tuple[str, int, int]] = []
    for paragraph in shown.paragraphs:
        if paragraph.style and paragraph.style.name == "List Number":
            [level] = paragraph._p.iter(qn("w:ilvl"))
            [instance] = paragraph._p.iter(qn("w:numId"))
            found.append((paragraph.text, int(level.get(qn("w:val"))), int(instance.get(qn("w:val")))))
    return found


def test_modules_lessons_and_sections_are_headings() -> None:
    shown = lesson("# T\n\n## Section\n\n### Part\n\n#### Detail\n")
    headings = [
        (paragraph.style.name, paragraph.text)
        for paragraph in shown.paragraphs
        if paragraph.style and (paragraph.style.name or "").startswith(("Title", "Heading"))
    ]
    assert headings == [
        ("Title", "A course"),
        ("Heading 1", "Module 1. Module title 1"),
        ("Heading 2", "1.1 A lesson"),
        ("Heading 3", "Section"),
        ("Heading 4", "Part"),
        ("Heading 5", "Detail"),
        ("Heading 2", "1.2 Another lesson"),
    ]


def test_the_contents_are_a_field_that_shows_its_entries_and_each_leads_to_its_heading() -> None:
    body = lesson("# T").element.body
    [contents] = body.iter(qn("w:sdt"))
    assert r"TOC \o" in "".join(element.text for element in contents.iter(qn("w:instrText")))
    entries = {
        link.get(qn("w:anchor")): "".join(text.text for text in link.iter(qn("w:t")))
        for link in contents.iter(qn("w:hyperlink"))
    }
    assert entries == {
        "module_01": "Module 1. Module title 1",
        "lesson_01_01": "1.1 A lesson",
        "lesson_01_02": "1.2 Another lesson",
    }
    assert {mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))} == set(entries)
    kinds = [mark.get(qn("w:fldCharType")) for mark in contents.iter(qn("w:fldChar"))]
    assert kinds.count("begin") == kinds.count("end") == 4


def test_every_ordered_list_counts_from_its_own_start() -> None:
    shown = lesson("# T\n\n1. a\n2. b\n   1. inner\n3. c\n\nText\n\n5. x\n6. y\n")
    told = numbers(shown)
    assert [(text, level) for text, level, _ in told] == [
        ("a", 0),
        ("b", 0),
        ("inner", 1),
        ("c", 0),
        ("x", 0),
        ("y", 0),
    ]
    first, inner, second = told[0][2], told[2][2], told[4][2]
    assert [instance for *_, instance in told] == [first, first, inner, first, second, second]
    starts = {
        num.numId: [(over.ilvl, over.find(qn("w:startOverride")).val) for over in num.findall(qn("w:lvlOverride"))]
        for num in shown.part.numbering_part.element.num_lst
    }
    assert (starts[first], starts[inner], starts[second]) == ([(0, 1)], [(1, 1)], [(0, 5)])


def test_an_item_that_begins_with_code_still_has_its_mark() -> None:
    shown = lesson("# T\n\n- ```\n  code\n  ```\n- two\n")
    assert styled(shown, "List Bullet")[-2:] == ["", "two"]
    assert styled(shown, "Code") == ["code"]


def test_a_table_is_a_table_whose_header_is_repeated_on_each_page() -> None:
    shown = lesson("# T\n\n| a | b |\n|---|--:|\n| **1** | 2 |\n\n| c |\n|---|\n")
    first, second = shown.tables
    assert [[cell.text for cell in row.cells] for row in first.rows] == [["a", "b"], ["1", "2"]]
    assert [len(list(row._tr.iter(qn("w:tblHeader")))) for row in first.rows] == [1, 0]
    assert [cell.text for cell in second.rows[0].cells] == ["c"]


def test_figures_have_alternative_texts_and_captions_and_say_when_the_image_is_missing() -> None:
    tags = '[VISUAL: 01-01-0001 - A "plan" <of> it]\n\n[VISUAL: 01-01-0002 - Another]\n'
    shown = lesson(f"# T\n\n{tags}", images={"01-01-0001": png(30, 20)})
    [picture] = shown.inline_shapes
    assert picture._inline.docPr.get("descr") == 'A "plan" <of> it'
    assert picture.width / picture.height == pytest.approx(1.5, rel=0.01)
    assert styled(shown, "Caption") == ['Figure 1. A "plan" <of> it', "Figure 2. Another"]
    assert styled(shown, "No Image") == ["This image is not available."]


def test_equal_images_are_stored_once() -> None:
    tags = "".join(f"[VISUAL: 01-01-000{number} - Same]\n\n" for number in (1, 2))
    book = book_of(f"# T\n\n{tags}", images={f"01-01-000{number}": png() for number in (1, 2)})
    assert len(document(book).inline_shapes) == 2
    names = zipfile.ZipFile(io.BytesIO(write_docx(book))).namelist()
    assert [name for name in names if name.endswith(".png")] == ["word/media/image1.png"]


def test_links_lead_to_the_web_only_and_only_where_word_follows() -> None:
    shown = lesson(
        "# T\n\n[a](https://example.org/?a=1&b=2) [b](javascript:x) [c](other.md) [d](http://[broken) "
        "[e](http://a:port/) [f](mailto:a@b.cd)"
    )
    linked = {
        relationship.target_ref
        for relationship in shown.part.rels.values()
        if relationship.reltype.endswith("hyperlink")
    }
    assert linked == {"https://example.org/?a=1&b=2", "mailto:a@b.cd"}
    assert any(paragraph.text.endswith("c d e f") for paragraph in shown.paragraphs)


def test_inline_marks_are_kept() -> None:
    shown = lesson("# T\n\n**bold** *it* ***both*** `code` ~~gone~~ a  \nb\n")
    runs = {run.text: run for paragraph in shown.paragraphs for run in paragraph.runs}
    assert runs["bold"].bold
    assert runs["it"].italic
    assert (runs["both"].bold, runs["both"].italic) == (True, True)
    assert runs["gone"].font.strike
    assert runs["code"].style.name == "Inline Code"


def test_code_keeps_its_lines_and_blanks() -> None:
    assert styled(lesson('# T\n\n```\ndef f():\n    return "<&>"\n\n\tx\n```\n'), "Code") == [
        'def f():\n    return "<&>"\n\n    x'
    ]


def test_the_document_tells_its_title_and_language_and_its_pages_their_number() -> None:
    shown = lesson("# T", title='El "curso" & más', language="es")
    told = shown.core_properties
    assert (told.title, told.language) == ('El "curso" & más', "es-ES")
    [language] = shown.styles.element.iter(qn("w:lang"))
    assert language.get(qn("w:val")) == "es-ES"
    footer = shown.sections[0].footer._element
    assert [element.text.strip() for element in footer.iter(qn("w:instrText"))] == ["PAGE"]


def test_missing_lessons_are_noted_in_front_and_in_their_place() -> None:
    book = assemble(outline("Curso", "es", modules=1), {"01-01": "# A\n\ntexto"}, reasons={"01-02": "Sin <cuota>."})
    shown = document(book)
    assert "Lecciones que faltan" in styled(shown, "TOC Heading")
    assert styled(shown, "Missing") == ["Esta lección falta. Motivo: Sin <cuota>."]


def test_equal_books_give_equal_bytes_that_tell_no_time() -> None:
    book = book_of("# T\n\n1. a\n\n[VISUAL: 01-01-0001 - d]", images={"01-01-0001": png()})
    content = write_docx(book)
    assert write_docx(book_of("# T\n\n1. a\n\n[VISUAL: 01-01-0001 - d]", images={"01-01-0001": png()})) == content
    assert {entry.date_time[0] for entry in zipfile.ZipFile(io.BytesIO(content)).infolist()} == {1980}


def test_a_table_wider_than_word_takes_keeps_its_text() -> None:
    names = [f"c{number}" for number in range(70)]
    shown = lesson(f"# T\n\n|{'|'.join(names)}|\n|{'-|' * 70}\n")
    [table] = shown.tables
    assert len(table.columns) == 63
    assert set(names) <= {word for text in every_text(shown) for word in text.split()}


@pytest.mark.parametrize("markdown", DEEP.values(), ids=DEEP)
def test_deep_wide_and_long_structures_open(markdown: str) -> None:
    assert "".join(every_text(lesson(markdown)))


def test_a_book_in_arabic_runs_from_right_to_left_but_its_code_does_not() -> None:
    styles = lesson("# T", language="ar").styles
    assert [len(list(styles[name].element.iter(qn("w:bidi")))) for name in ("Normal", "Code")] == [1, 1]
    [code] = styles["Code"].element.iter(qn("w:bidi"))
    assert code.get(qn("w:val")) == "0"


def words_of(markdown: str) -> list[str]:
    """The words that a reader of the lesson sees, without figures and what XML cannot hold."""
    said: list[str] = []
    for token in lesson_tokens(markdown):
        if token.type in ("fence", "code_block"):
            said += token.content.split()
        elif token.type == "inline":
            for child in token.children or ():
                said += child.content.split() if child.nesting == 0 else ()
    return [word for word in said if word.isalnum()]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=40).map("".join))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_lesson_opens_and_loses_no_text(markdown: str) -> None:
    shown = " ".join(every_text(lesson(markdown)))
    assert [word for word in words_of(markdown) if word not in shown] == []


@given(st.text())
@example("\uffff & \ufffe")
@settings(max_examples=10, deadline=None)
def test_any_title_and_reason_open(title: str) -> None:
    book = assemble(outline(title, lesson_title=title, modules=1), {"01-01": title}, reasons={"01-02": title})
    assert len(document(book).core_properties.title) == min(len(book.title), 255)
