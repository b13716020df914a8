from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.text.fragment import unit_html
from tests.unit.functions.book.test_html import Page

PROJECT = Path(__file__).parents[4]


def no_image(_id: str) -> str | None:
    return None


def test_a_unit_is_shown_without_its_title_from_level_two_down() -> None:
    html = unit_html("# Title\n\n## Section\n\n### Part\n", "en", no_image)
    assert "<h2>Section</h2>" in html
    assert "<h3>Part</h3>" in html
    assert "Title" not in html


def test_a_figure_shows_its_image_by_address_or_says_that_there_is_none() -> None:
    tags = "[VISUAL: 01-01-0001 - A <plan>]\n\n[VISUAL: 01-01-0002 - Other]\n"
    shown = Page(unit_html(tags, "Español", {"01-01-0001": "https://x.example/?a=1&b=2"}.get))
    [image] = shown.all("img")
    assert (image["src"], image["alt"]) == ("https://x.example/?a=1&b=2", "A <plan>")
    assert "Figura 1. A <plan>" in shown.text
    assert "Esta imagen no está disponible.Figura 2." in shown.text


def test_tables_may_scroll_and_cells_are_aligned_without_inline_styles() -> None:
    shown = Page(unit_html("|a|b|\n|:-:|--:|\n|1|2|\n", "en", no_image))
    assert [element["class"] for element in shown.all("div")] == ["table"]
    assert [cell["class"] for cell in shown.all("td")] == ["center", "right"]
    assert not any("style" in attributes for _, attributes in shown.elements)


@given(st.text())
@settings(max_examples=60, deadline=None)
def test_any_unit_is_well_formed_and_holds_no_script(markdown: str) -> None:
    shown = Page(unit_html(markdown, "en", no_image))
    assert not shown.all("script")
    assert not any(name.startswith("on") for _, attributes in shown.elements for name in attributes)


def test_showing_a_unit_loads_neither_what_sets_books_nor_what_reads_outlines() -> None:
    program = (
        "import sys; before = set(sys.modules); from functions.text.fragment import unit_html\n"
        "names = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*(name for name in names - sys.stdlib_module_names if not name.startswith('_')))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert set(run.stdout.split()) <= {"functions", "markdown_it", "mdurl"}
