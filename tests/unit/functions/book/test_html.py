from __future__ import annotations

import itertools
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.book.html import write_html
from functions.book.model import assemble
from tests.unit.functions.book.examples import book_of, outline, png

_VOID = {"meta", "img", "br", "hr"}
_ATTACK = "</script></style></title><script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;"


class Page(HTMLParser):
    """A page's elements; fails where they are not closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.text = ""
        self.feed(html)
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page(markdown: str, title: str = "A course", images: dict[str, bytes] | None = None) -> Page:
    return Page(write_html(book_of(markdown, title, images=images)).decode())


def test_what_others_wrote_cannot_become_an_element() -> None:
    shown = page(f"# T\n\n{_ATTACK}\n\n`{_ATTACK}`\n\n```{_ATTACK}\n{_ATTACK}\n```\n", title=_ATTACK)
    assert not shown.all("script")
    assert not shown.all("img")
    assert shown.text.count("alert(1)") >= 4


def test_links_lead_to_the_web_only() -> None:
    shown = page(
        "# T\n\n[a](https://example.org/?a=1&b=2) [b](javascript:alert(1)) [c](other.md) [d](#x) <mailto:a@b.cd>"
    )
    outward = [link["href"] for link in shown.all("a") if not (link["href"] or "").startswith("#")]
    assert outward == ["https://example.org/?a=1&b=2", "mailto:a@b.cd"]


def test_every_inner_link_has_its_target() -> None:
    shown = Page(write_html(assemble(outline(), {"01-01": "# A\n\n## B"})).decode())
    ids = [attributes["id"] for _, attributes in shown.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {(link["href"] or "")[1:] for link in shown.all("a")} <= set(ids)
    assert {
        attributes["aria-labelledby"] for _, attributes in shown.elements if "aria-labelledby" in attributes
    } <= set(ids)


def test_images_are_in_the_file_with_alternative_texts() -> None:
    shown = page('# T\n\n[VISUAL: 01-01-0001 - A "plan" <of> it]\n', images={"01-01-0001": png(30, 20)})
    [image] = shown.all("img")
    assert (image["src"] or "").startswith("data:image/png;base64,")
    assert (image["alt"], image["width"], image["height"]) == ('A "plan" <of> it', "30", "20")


def test_a_remote_image_is_not_fetched() -> None:
    shown = page("# T\n\n![A map](https://example.org/map.png)\n")
    assert not shown.all("img")
    assert "A map" in shown.text


def test_headings_never_skip_a_level() -> None:
    levels = [
        int(tag[1])
        for tag, _ in page("# T\n\n## Section\n\n### Part").elements
        if tag in ("h1", "h2", "h3", "h4", "h5")
    ]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_the_page_tells_its_language_and_speaks_it() -> None:
    shown = Page(write_html(book_of("# T", language="Español")).decode())
    assert shown.all("html")[0]["lang"] == "es"
    assert "Contenido" in shown.text


def test_missing_lessons_are_noted_in_front_and_in_their_place() -> None:
    book = assemble(outline(modules=1), {"01-01": "# A\n\ntext"}, reasons={"01-02": "No <quota>."})
    shown = Page(write_html(book).decode())
    assert shown.text.count("No <quota>.") == 2


@given(st.text(), st.text())
@settings(max_examples=100, deadline=None)
def test_any_lesson_and_title_make_a_well_formed_page(markdown: str, title: str) -> None:
    assert not page(markdown, title).all("script")
