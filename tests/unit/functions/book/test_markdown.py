from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from functions.book.markdown import escaped, write_markdown
from functions.book.model import assemble
from tests.unit.functions.book.examples import book_of, outline, png


def written(markdown: str, **given_: object) -> str:
    return write_markdown(book_of(markdown, **given_)).decode()  # pyright: ignore[reportArgumentType]


def test_headings_of_a_lesson_move_below_its_title() -> None:
    text = written("# Title\n\n## Section\n\n### Part\n\nUnder\n=====\n\nLined\n-----\n")
    assert "### 1.1 A lesson\n" in text
    assert "\n#### Section\n\n##### Part\n\n#### Under\n" in text
    assert "\n#### Lined\n" in text
    assert "# Title" not in text


def test_code_blocks_are_not_rewritten() -> None:
    code = "```python\n# Module 1\n## [VISUAL: 01-01-0001 - x]\nTitle\n=====\n```"
    indented = "    # Module 2"
    assert code in written(f"# T\n\n{code}\n\nText\n\n{indented}\n\n## After")
    assert indented in written(f"# T\n\nText\n\n{indented}\n\n## After")


def test_a_code_block_that_never_ends_does_not_swallow_the_next_lesson() -> None:
    tokens = MarkdownIt().parse(written("# T\n\n````\ncode\n```\n"))
    headings = [tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "heading_open"]
    assert "1.2 Another lesson" in headings


def test_every_link_of_the_contents_has_its_anchor() -> None:
    text = write_markdown(assemble(outline(), {})).decode()
    targets = set(re.findall(r"\]\(#([^)]+)\)", text))
    assert targets == set(re.findall(r'<a id="([^"]+)">', text))
    assert {"module-01", "lesson-02-02"} <= targets


def test_images_are_in_the_file_itself() -> None:
    text = written("# T\n\n[VISUAL: 01-01-0001 - A *plan*]\n", images={"01-01-0001": png()})
    assert "![Figure 1. A \\*plan\\*][image-01-01-0001]" in text
    html = MarkdownIt("commonmark").render(text)
    assert '<img src="data:image/png;base64,' in html


def test_a_figure_without_image_says_so() -> None:
    assert "This image is not available." in written("# T\n\n[VISUAL: 01-01-0001 - A plan]\n")


def test_a_missing_lesson_is_noted_in_front_and_in_its_place() -> None:
    book = assemble(outline("Curso", "es", modules=1), {"01-01": "# A\n\ntexto"}, reasons={"01-02": "Sin cuota."})
    text = write_markdown(book).decode()
    assert "## Lecciones que faltan" in text
    assert "> **Esta lección falta.** Motivo: Sin cuota." in text


@given(st.text(min_size=1))
@settings(max_examples=150, deadline=None)
def test_any_plain_text_shows_as_itself(text: str) -> None:
    plain = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())
    [inline] = [token for token in MarkdownIt("commonmark").parse(f"# {escaped(plain)}") if token.type == "inline"]
    shown = "".join(child.content for child in inline.children or [])
    assert shown == plain
