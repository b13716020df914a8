from __future__ import annotations

import io
import json
import re

import docx
import pytest

from functions.book.docx import write_docx
from functions.book.html import write_html
from functions.book.json import write_json
from functions.book.markdown import write_markdown
from functions.book.model import Book, assemble_labs
from functions.outline.model import Lab, Lesson, Module, Outline
from functions.outline.selection import labs
from tests.unit.functions.book.test_html import Page
from tests.unit.functions.book.test_pdf import everything

PLAN = {"hardware": ["A laptop"], "software": ["Docker 27", "kubectl"], "modules": []}


def outline(language: str = "en") -> Outline:
    """Two modules with labs, and one without."""
    modules = (
        Module(1, "Kinds", lessons=(Lesson(1, "Clay", labs=(Lab("Mould it"),)),), labs=(Lab("Burn it"),)),
        Module(2, "Uses", lessons=(Lesson(1, "Bricks"),)),
        Module(3, "Trade", lessons=(Lesson(1, "Prices", labs=(Lab("Buy & sell"),)),)),
    )
    return Outline("Soil", "On it.", language, "", (), (), (), 600, modules)


def lab_book(language: str = "en", modules: list[int] | None = None) -> Book:
    asked = outline(language)
    texts = {"01-01": "# Mould it\n\n## Steps\n\n1. Take clay.\n"}
    return assemble_labs(asked, labs(asked, modules), texts, {"01-02": "The kiln is cold."}, PLAN)


def said(book: Book) -> dict[str, str]:
    """What each format says to a reader."""
    document = docx.Document(io.BytesIO(write_docx(book)))
    return {
        "md": write_markdown(book).decode(),
        "json": write_json(book).decode(),
        "html": write_html(book).decode().partition("</style>")[2],
        "pdf": everything(book),
        "docx": "\n".join(paragraph.text for paragraph in document.paragraphs),
    }


def test_a_lab_book_has_every_module_with_labs_and_says_which_labs_are_missing() -> None:
    book = lab_book()
    assert [module.number for module in book.modules] == [1, 3]
    assert [(lab.id, lab.reason) for lab in book.missing] == [("01-02", "The kiln is cold."), ("03-01", "")]
    assert lab_book(modules=[1]).omitted == ((3, "Trade"),)


@pytest.mark.parametrize("format_", ["md", "json", "html", "pdf", "docx"])
def test_every_format_speaks_of_labs_and_tells_what_they_need(format_: str) -> None:
    told = said(lab_book())[format_]
    assert "Soil: lab guide" in told
    for words in ("A laptop", "kubectl", "The kiln is cold.", "Mould it", "Steps", "Take clay"):
        assert words in told
    assert not re.search(r"lesson", told, re.IGNORECASE)


@pytest.mark.parametrize(
    ("language", "title", "label"),
    [
        ("es", "Soil: guía de laboratorios", "Laboratorio 1.1"),
        ("pt", "Soil: guia de laboratórios", "Laboratório 1.1"),
        ("fr", "Soil : guide des travaux pratiques", "TP 1.1"),
        ("de", "Soil: Laborübungen", "Übung 1.1"),
        ("fi", "Soil: lab guide", "Lab 1.1"),
    ],
)
def test_a_lab_book_speaks_its_course_s_language(language: str, title: str, label: str) -> None:
    told = said(lab_book(language))
    assert lab_book(language).title == title
    assert all(label in told[format_] for format_ in ("md", "html", "pdf", "docx"))
    assert not re.search(r"lesson|lecci|lição|lições|leçon|lektion", told["md"] + told["docx"], re.IGNORECASE)


def test_links_within_a_lab_book_lead_somewhere() -> None:
    book = lab_book()
    page = Page(write_html(book).decode())
    assert {(link["href"] or "")[1:] for link in page.all("a")} <= {a["id"] for _, a in page.elements if "id" in a}
    text = write_markdown(book).decode()
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) == set(re.findall(r'<a id="([^"]+)">', text))


def test_its_json_has_labs() -> None:
    told = json.loads(write_json(lab_book()))
    assert [lab["title"] for lab in told["modules"][0]["labs"]] == ["Mould it", "Burn it"]
    assert told["needs"]["Equipment you need"] == ["A laptop"]


def test_a_lab_book_of_no_labs_is_a_book() -> None:
    assert all(said(assemble_labs(outline(), [], {}, {}, None)).values())
