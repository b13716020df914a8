"""Lessons and lab guides as HTML fragments: no scripts, no inline styles, and HTML that a model wrote shows as text.

For a page that shows one of them, and for the book in HTML. Imports nothing but the reader of Markdown: an API
function pays for it in every cold start.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from html import escape
from typing import Any, Final

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from functions.text.labels import Labels, labels_for
from functions.text.languages import primary_language
from functions.text.reading import LAST_LEVEL, Visual, is_web_address, lesson_tokens, visual

_ALIGNED: Final = {"text-align:right": "right", "text-align:center": "center"}


def unit_html(markdown: str, language: str, image_url: Callable[[str], str | None]) -> str:
    """A lesson or a lab guide as HTML without its title; its sections are headings of level 2.

    `image_url` tells where an image lies by its id ("MM-LL-NNNN"), None where there is none. Tables stand in
    `<div class="table">`, which may scroll; cells have the class "right" or "center" where they are aligned so.
    """
    labels = labels_for(primary_language(language))

    def picture(asked: Visual) -> str | None:
        url = image_url(asked.id)
        return url and f'<img src="{escape(url)}" alt="{escape(asked.description)}" loading="lazy">'

    return Renderer(labels, picture, shift=0).html(lesson_tokens(markdown))


class Renderer(RendererHTML):
    """markdown-it's own HTML, but for headings, figures, tables, links and images; a method is named by its token.

    `picture` is the `<img>` of a figure, None where there is none; `shift` is how many levels headings move down.
    Figures are counted through all that one renderer writes.
    """

    def __init__(self, labels: Labels, picture: Callable[[Visual], str | None], shift: int) -> None:
        super().__init__()
        self._labels = labels
        self._picture = picture
        self._shift = shift
        self._figures = itertools.count(1)
        self._links: list[bool] = []

    def html(self, tokens: Sequence[Token]) -> str:
        """A unit's tokens, as `lesson_tokens` tells them."""
        return self.render(tokens, _OPTIONS, {})

    def visual(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        asked = visual(tokens[idx])
        shown = self._picture(asked) or f'<p class="no-image">{escape(self._labels.no_image)}</p>'
        number = f"<strong>{escape(self._labels.figure)} {next(self._figures)}.</strong>"
        return f"<figure>{shown}<figcaption>{number} {escape(asked.description)}</figcaption></figure>\n"

    def heading_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        return f"<h{self._level(tokens[idx])}>"

    def heading_close(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        return f"</h{self._level(tokens[idx])}>\n"

    def table_open(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: Any) -> str:
        return '<div class="table" tabindex="0">\n<table>\n'

    def table_close(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: Any) -> str:
        return "</table>\n</div>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        return f'<th scope="col"{_aligned(tokens[idx])}>'

    def td_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        return f"<td{_aligned(tokens[idx])}>"

    def link_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        address = str(tokens[idx].attrs.get("href", ""))
        self._links.append(is_web_address(address))
        return f'<a href="{escape(address)}" rel="noopener noreferrer">' if self._links[-1] else ""

    def link_close(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: Any) -> str:
        return "</a>" if self._links.pop() else ""

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:  # noqa: ARG002
        # A remote image is not fetched: its description stands for it.
        return f"<em>{escape(tokens[idx].content)}</em>"

    def _level(self, heading: Token) -> int:
        return min(int(heading.tag[1:]) + self._shift, LAST_LEVEL)


def _aligned(cell: Token) -> str:
    name = _ALIGNED.get(str(cell.attrs.get("style", "")))
    return f' class="{name}"' if name else ""


_OPTIONS: Final = OptionsDict(
    {
        "maxNesting": 20,
        "html": False,
        "linkify": False,
        "typographer": False,
        "quotes": "",
        "xhtmlOut": False,
        "breaks": False,
        "langPrefix": "language-",
        "highlight": None,
    }
)
