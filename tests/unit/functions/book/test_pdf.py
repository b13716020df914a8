from __future__ import annotations

import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.book.model import Book, assemble
from functions.book.pdf import write_pdf
from functions.book.typst_markup import text
from tests.unit.functions.book.examples import DEEP, PIECES, book_of, outline, png

RICH = """# T

## A section with `code` & <marks> #1

Text with *emphasis*, **weight**, ~~strike~~, a [link](https://example.org/?a=1#b), "quotes" and \\*stars\\*.

| Name | Value |
|:---|---:|
| `a` | 1 |

```python
def f():
    return "#[not typst]"
```

3. three
   - nested

> quoted

---

[VISUAL: 01-01-0001 - A plan]

[VISUAL: 01-01-0002 - Another]
"""
TYPST = (
    "#",
    "$",
    "@",
    "<a>",
    "//",
    "/*",
    "*/",
    "\\",
    "\\u{41}",
    "~",
    "'",
    '"',
    "= ",
    "+ ",
    "/ a: b",
    "--",
    ";",
    "{",
    "}",
)


def pages(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


def everything(book: Book) -> str:
    return " ".join(" ".join(pages(write_pdf(book))).split())


def test_a_rich_lesson_shows_its_text_code_table_and_figures() -> None:
    shown = everything(book_of(RICH, images={"01-01-0001": png(40, 20)}))
    for words in (
        "A section with code & <marks> #1",
        "*stars*",
        'return "#[not typst]"',
        "3. three",
        "Figure 1. A plan",
    ):
        assert words in shown
    assert "This image is not available. Figure 2. Another" in shown


def test_the_contents_tell_the_page_of_each_lesson() -> None:
    shown = pages(write_pdf(assemble(outline(), {"01-01": "# A\n\n" + "word " * 900, "01-02": "# B\n\nsecond text"})))
    contents = next(page for page in shown if page.startswith("Contents"))
    [line] = [line for line in contents.splitlines() if line.startswith("1.2 Another lesson")]
    place = next(page for page in shown if "second text" in page)
    assert line.split()[-1] == place.split()[-1]


def test_equal_books_give_equal_bytes() -> None:
    images = {"01-01-0001": png(40, 20)}
    assert write_pdf(book_of(RICH, images=images)) == write_pdf(book_of(RICH, images=images))


def test_the_document_tells_its_title_and_language() -> None:
    pdf = write_pdf(book_of("# T", title='El "curso" #1', language="es"))
    assert pypdfium2.PdfDocument(pdf).get_metadata_value("Title") == 'El "curso" #1'
    assert b"/Lang(es)" in pdf


def test_missing_lessons_are_noted_in_front_and_in_their_place() -> None:
    book = assemble(outline("Curso", "es", modules=1), {"01-01": "# A\n\ntexto"}, reasons={"01-02": "Sin cuota."})
    shown = everything(book)
    assert "Lecciones que faltan" in shown
    assert "Esta lección falta. Motivo: Sin cuota." in shown


def test_nothing_runs_over_the_right_margin() -> None:
    long = "x" * 300
    wide = "|" + "|".join(["a_long_name_of_a_column"] * 6) + "|\n" + "|-" * 6 + "|\n"
    pdf = write_pdf(book_of(f"# T\n\n{long}\n\n`{long}`\n\n```\n{long}\n{'echo word ' * 40}\n```\n\n{wide}"))
    for page in pypdfium2.PdfDocument(pdf):
        margin = page.get_width() - 45
        words = page.get_textpage()
        boxes = [
            words.get_charbox(place) for place in range(words.count_chars()) if words.get_text_range(place, 1).strip()
        ]
        assert all(right <= margin for _, _, right, _ in boxes)


def test_a_long_code_block_continues_on_the_next_page() -> None:
    lines = "\n".join(f"line_{number}" for number in range(200))
    shown = pages(write_pdf(book_of(f"# T\n\n```\n{lines}\n```")))
    holding = [page for page in shown if "line_" in page]
    assert len(holding) > 1
    assert "line_199" in holding[-1]


def test_emoji_that_no_font_has_are_left_out() -> None:
    assert text("✅ done 🚀") == "✓ done "


@pytest.mark.parametrize("markdown", DEEP.values(), ids=DEEP)
def test_deep_wide_and_long_structures_compile(markdown: str) -> None:
    assert write_pdf(book_of(markdown)).startswith(b"%PDF")


@given(st.lists(st.sampled_from(PIECES + TYPST), max_size=40).map("".join))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_lesson_compiles(markdown: str) -> None:
    assert write_pdf(book_of(markdown)).startswith(b"%PDF")


@given(st.text())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_title_compiles(title: str) -> None:
    book = assemble(outline(title, lesson_title=title, modules=1), {"01-01": title}, reasons={"01-02": title})
    assert write_pdf(book).startswith(b"%PDF")
