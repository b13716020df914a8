"""Texts and lesson tokens as WordprocessingML in which nothing that an author or a model wrote can be an element.

Knows the elements and the style names of word_styles.xml; knows nothing of books as a whole, nor of packages.
Source of the elements and their order: ECMA-376, part 1, section 17.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from markdown_it.token import Token

from functions.text.reading import is_web_address

TEXT_WIDTH: Final = 9070
"""Twentieths of a point between the margins of a page."""
BULLETS: Final = 1
NUMBERS: Final = 2
"""Numbering instances that the list styles name; every ordered list gets one of its own after these."""
INDENT: Final = 360
"""Twentieths of a point by which each level of a list is indented."""

# What XML 1.0 cannot hold; a Markdown entity may still name one.
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BLANKS = re.compile(r"[\t\n\r]")
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_ALIGNED: Final = {"text-align:right": "right", "text-align:center": "center"}
_QUOTE_INDENT: Final = 340
_DEEPEST: Final = 8
"""Word's lists have levels 0 to 8."""
_MOST_COLUMNS: Final = 63
"""Word refuses a document with a wider table."""
_LAST_LEVEL: Final = 5
_HIGHEST_START: Final = 32_767
_NARROWEST, _WIDEST_WORD, _LONGEST_CELL = 4, 20, 100


def possible(words: str) -> str:
    """`words` on one line, with a blank for every character that XML cannot hold."""
    return _BLANKS.sub(" ", _IMPOSSIBLE.sub(" ", words))


def escaped(words: str) -> str:
    """`words` within an element or an attribute, on one line."""
    return possible(words).translate(_ESCAPED)


def run(words: str, properties: str = "") -> str:
    """A run of text; `properties` are elements of `w:rPr`."""
    return f'<w:r>{_wrapped("w:rPr", properties)}<w:t xml:space="preserve">{escaped(words)}</w:t></w:r>'


def paragraph(style: str, runs: str, properties: str = "") -> str:
    """A paragraph of a style; `properties` are elements of `w:pPr` that come after the style's name."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{runs}</w:p>'


def field_ends(instruction: str) -> tuple[str, str]:
    """What stands before and after the runs that a field shows until a word processor computes it anew."""
    opening = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {escaped(instruction)} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    return opening, '<w:r><w:fldChar w:fldCharType="end"/></w:r>'


def field_runs(instruction: str, shown: str) -> str:
    """A field that shows these runs at first."""
    opening, ending = field_ends(instruction)
    return f"{opening}{shown}{ending}"


@dataclass
class LessonWriter:
    """Writes lessons. `figure` writes a token of type "visual", `link` gives the relationship's id of an address,
    None for one that Word would refuse. `starts` are the ordered lists so far: level and first number."""

    figure: Callable[[Token], str]
    link: Callable[[str], str | None]
    starts: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def write(self, tokens: list[Token]) -> str:
        """The tokens of one lesson as block elements."""
        return "".join(_Blocks(self).write(tokens))


@dataclass
class _List:
    """An open list: its numbering instance (0: bullets), and whether its present item has no paragraph yet."""

    instance: int
    level: int
    is_fresh: bool = False


class _Blocks:
    """Writes block tokens one after the other: Word's paragraphs are not nested, each tells its own indent."""

    def __init__(self, writer: LessonWriter) -> None:
        self._writer = writer
        self._within: list[_List | None] = []  # the open lists and, as None, quotes
        self._heading = 0
        self._rows: list[list[tuple[str, str]]] | None = None
        self._align = ""

    def write(self, tokens: list[Token]) -> Iterator[str]:
        for token in tokens:
            match token.type:
                case "inline" if self._rows is not None:
                    self._rows[-1].append((self._runs(token), self._align))
                case "inline" if self._heading:
                    yield from self._begun_item()
                    yield paragraph(f"Heading{self._heading}", self._runs(token))
                case "inline":
                    yield self._paragraph(self._runs(token))
                case "heading_open":
                    self._heading = min(int(token.tag[1:]) + 1, _LAST_LEVEL)
                case "heading_close":
                    self._heading = 0
                case "fence" | "code_block":
                    yield from self._begun_item()
                    yield paragraph("Code", _code(token.content), self._indent(200))
                case "hr":
                    yield from self._begun_item()
                    yield paragraph("Rule", "")
                case "visual":
                    yield from self._begun_item()
                    yield self._writer.figure(token)
                case _:
                    yield from self._structure(token)

    def _structure(self, token: Token) -> Iterator[str]:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                yield from self._begun_item()
                self._within.append(self._list(token))
            case "blockquote_open":
                yield from self._begun_item()
                self._within.append(None)
            case "bullet_list_close" | "ordered_list_close" | "blockquote_close":
                self._within.pop()
            case "list_item_open":
                if inner := self._inner_list():
                    inner.is_fresh = True
            case "list_item_close":
                yield from self._begun_item()
            case "table_open":
                yield from self._begun_item()
                self._rows = []
            case "tr_open" if self._rows is not None:
                self._rows.append([])
            case "th_open" | "td_open":
                self._align = _ALIGNED.get(str(token.attrs.get("style", "")), "")
            case "table_close":
                yield self._table(self._rows or [])
                self._rows = None
            case _:
                pass  # the ends of rows and cells, and paragraphs, which their inline token writes

    def _list(self, token: Token) -> _List:
        level = min(sum(isinstance(one, _List) for one in self._within), _DEEPEST)
        if token.type == "bullet_list_open":
            return _List(BULLETS, level)
        start = min(int(token.attrs.get("start", 1)), _HIGHEST_START)
        self._writer.starts.append((level, start))
        return _List(NUMBERS + len(self._writer.starts), level)

    def _inner_list(self) -> _List | None:
        return self._within[-1] if self._within else None

    def _begun_item(self) -> Iterator[str]:
        """An empty paragraph with the mark of an item that begins with something else than text."""
        inner = self._inner_list()
        if inner and inner.is_fresh:
            yield self._paragraph("")

    def _paragraph(self, runs: str) -> str:
        if not self._within:
            return paragraph("Normal", runs)
        inner = self._inner_list()
        if inner is None:
            return paragraph("Quote", runs, self._indent())
        if not inner.is_fresh:
            return paragraph("ListContinue", runs, self._indent())
        inner.is_fresh = False
        style = "ListBullet" if inner.instance == BULLETS else "ListNumber"
        numbering = f'<w:numPr><w:ilvl w:val="{inner.level}"/><w:numId w:val="{inner.instance}"/></w:numPr>'
        return paragraph(style, runs, numbering + self._indent(hanging=INDENT))

    def _left(self) -> int:
        return sum(_QUOTE_INDENT if one is None else INDENT for one in self._within[: 2 * _DEEPEST])

    def _indent(self, own: int = 0, hanging: int = 0) -> str:
        hangs = f' w:hanging="{hanging}"' if hanging else ""
        return f'<w:ind w:left="{self._left() + own}"{hangs}/>'

    def _runs(self, inline: Token) -> str:
        return "".join(_inline(inline.children or [], self._writer.link))

    def _table(self, rows: list[list[tuple[str, str]]]) -> str:
        left = self._left()
        rows = [row if len(row) <= _MOST_COLUMNS else _joined(row) for row in rows]
        weights = [_weight([row[place][0] for row in rows]) for place in range(len(rows[0]))]
        widths = [(TEXT_WIDTH - left) * weight // sum(weights) for weight in weights]
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        written = "".join(_row(row, widths, is_header=not place) for place, row in enumerate(rows))
        return (
            f'<w:tbl><w:tblPr><w:tblStyle w:val="BookTable"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
            f'<w:tblInd w:w="{left}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
            f'<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" '
            f'w:noVBand="1"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{written}</w:tbl>'
            # Two tables with nothing between them would be one.
            f"{paragraph('AfterTable', '')}"
        )


def _row(row: list[tuple[str, str]], widths: list[int], is_header: bool) -> str:
    cells = (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
        f"{paragraph('Cell', runs, align and f'<w:jc w:val={chr(34)}{align}{chr(34)}/>')}</w:tc>"
        for (runs, align), width in zip(row, widths, strict=True)
    )
    repeated = "<w:tblHeader/>" if is_header else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{''.join(cells)}</w:tr>"


def _joined(row: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """A row with as many cells as Word takes: the last one holds all that are too many."""
    kept = row[: _MOST_COLUMNS - 1]
    return [*kept, (run(" | ").join(runs for runs, _ in row[_MOST_COLUMNS - 1 :]), "")]


def _weight(cells: list[str]) -> int:
    """The relative width of a column: room for its longest word, and less than linear in its longest cell."""
    shown = [re.sub(r"<[^>]*>", "", cell) for cell in cells]
    longest_word = max((len(word) for cell in shown for word in cell.split()), default=0)
    longest_cell = max(map(len, shown))
    return max(_NARROWEST, min(longest_word, _WIDEST_WORD), round(3 * min(longest_cell, _LONGEST_CELL) ** 0.5))


_MARKS: Final = {"strong_open": "<w:b/><w:bCs/>", "em_open": "<w:i/><w:iCs/>", "s_open": "<w:strike/>"}
_LINK: Final = '<w:rStyle w:val="Hyperlink"/>'


def _inline(children: list[Token], link: Callable[[str], str | None]) -> Iterator[str]:
    marks: list[str] = []
    links: list[bool] = []
    for token in children:
        if token.type == "link_open":
            address = str(token.attrs.get("href", ""))
            id_ = link(address) if is_web_address(address) else None
            links.append(id_ is not None)
            yield f'<w:hyperlink r:id="{id_}" w:history="1">' if id_ else ""
        elif token.type == "link_close":
            yield "</w:hyperlink>" if links.pop() else ""
        elif token.type in _MARKS:
            marks.append(_MARKS[token.type])
        elif token.nesting == -1:
            marks.pop()
        elif token.type == "hardbreak":
            yield "<w:r><w:br/></w:r>"
        elif token.type == "code_inline":
            yield run(token.content, '<w:rStyle w:val="InlineCode"/>' + _marked(marks))
        else:
            # A remote image is not fetched: its description stands for it.
            also = [_MARKS["em_open"]] if token.type == "image" else []
            words = " " if token.type == "softbreak" else token.content
            yield run(words, (_LINK if any(links) else "") + _marked([*marks, *also]))


def _marked(marks: list[str]) -> str:
    """The elements of all marks, each once and in the order that the schema wants."""
    return "".join(mark for mark in _MARKS.values() if mark in marks)


def _code(content: str) -> str:
    lines = content.rstrip("\n").expandtabs(4).split("\n")
    return "<w:r><w:br/></w:r>".join(run(line) for line in lines)


def _wrapped(name: str, inner: str) -> str:
    return f"<{name}>{inner}</{name}>" if inner else ""
