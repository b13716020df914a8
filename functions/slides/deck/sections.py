"""A lesson's Markdown as the sections that slides are made of: points of text, and what stands on a slide of its own.

Prose becomes points: of a paragraph the sentence that tells most, of a list its items. Every section keeps its whole
text for the notes. Knows nothing of how large a slide is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from markdown_it.token import Token

from functions.slides.deck.measure import plain
from functions.slides.deck.model import Paragraph, Run, Runs
from functions.text.reading import is_web_address, lesson_tokens, visual, without_controls

LONGEST_POINT: Final = 160
"""A paragraph of more characters is told by one of its sentences."""
LONGEST_ITEM: Final = 240
"""The same for an item of a list."""

_SENTENCE: Final = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*[ \n]+(?=[^a-zà-ÿ])|(?<=[。！？])(?=[^」』）])")
_ABBREVIATED: Final = re.compile(
    r"(?:\b(?:p\. ?ej|ej|etc|vs|e\.g|i\.e|cf|Dr|Dra|Sr|Sra|Mr|Mrs|Ms|fig|núm|pp|z\. ?B|d\. ?h|bzw)|\b\w)\.$",
    re.IGNORECASE,
)
_BLANKS: Final = re.compile(r"[ \t\r\f\v]+")
_DEEPEST: Final = 3
_NOT_IN_XML: Final = str.maketrans({"\ufffe": " ", "\uffff": " "})


@dataclass(frozen=True)
class Point:
    """What a slide says, and what the notes say with it. `leads` if it introduces what follows."""

    paragraph: Paragraph
    notes: str
    leads: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of cells, the header first; all rows are equally long. `lead` introduces it, if anything does."""

    rows: tuple[tuple[Runs, ...], ...]
    lead: Point | None = None


@dataclass(frozen=True)
class Code:
    """Lines of code as they were written."""

    lines: tuple[str, ...]
    lead: Point | None = None


@dataclass(frozen=True)
class Figure:
    """A figure that the text asks for."""

    id: str
    description: str


@dataclass
class Part:
    """Points and then exhibits: what text is about follows it, rather than tearing it into slides of a line each."""

    points: list[Point] = field(default_factory=list[Point])
    exhibits: list[Table | Code | Figure] = field(default_factory=list[Table | Code | Figure])


@dataclass
class Section:
    """What stands under one heading ("": before the first); `above` are the headings that this one is under."""

    heading: str
    above: tuple[str, ...] = ()
    parts: list[Part] = field(default_factory=lambda: [Part()])

    @property
    def is_empty(self) -> bool:
        return not any(part.points or part.exhibits for part in self.parts)


def sections(markdown: str) -> list[Section]:
    """The sections of a lesson in the order of the text; the first has no heading, and may have nothing at all."""
    return _Reader(lesson_tokens(markdown)).read()


def clean(text: str) -> str:
    """`text` without what XML cannot hold."""
    return text.translate(_NOT_IN_XML)


def one_line(text: str) -> str:
    """A line of text that XML can hold: white space and control characters become single blanks."""
    return " ".join(clean(without_controls(text)).split())


class _Reader:
    """Walks the tokens once. `_lists` holds the open lists: the next number of an ordered one, None for bullets."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._place = 0
        self._sections = [Section("")]
        self._headings: list[tuple[int, str]] = []
        self._lists: list[int | None] = []
        self._item_begins = False
        self._quotes = 0

    def read(self) -> list[Section]:
        handlers: dict[str, Callable[[Token], None]] = {
            "heading_open": self._heading,
            "inline": self._paragraph,
            "bullet_list_open": lambda _: self._lists.append(None),
            "ordered_list_open": lambda token: self._lists.append(int(token.attrGet("start") or 1)),
            "bullet_list_close": self._list_ends,
            "ordered_list_close": self._list_ends,
            "list_item_open": self._item,
            "blockquote_open": lambda _: self._quote(1),
            "blockquote_close": lambda _: self._quote(-1),
            "fence": self._code,
            "code_block": self._code,
            "table_open": self._table,
            "visual": self._figure,
        }
        while self._place < len(self._tokens):
            token = self._tokens[self._place]
            self._place += 1
            if handler := handlers.get(token.type):
                handler(token)
        return self._sections

    @property
    def _part(self) -> Part:
        return self._sections[-1].parts[-1]

    def _heading(self, token: Token) -> None:
        runs = _runs(self._tokens[self._place].children)
        text = " ".join(plain(runs).split())
        self._place += 2
        if not text:
            return
        if token.level:  # within a list or a quotation, where no section can begin
            bold = tuple(replace(run, bold=True) for run in runs)
            self._add(Point(Paragraph(bold, self._level, "none"), text))
            return
        level = int(token.tag[1:])
        self._headings = [(other, name) for other, name in self._headings if other < level]
        self._sections.append(Section(text, tuple(name for _, name in self._headings)))
        self._headings.append((level, text))

    def _paragraph(self, token: Token) -> None:
        runs = _trimmed(_runs(token.children))
        text = plain(runs)
        if not text.strip():
            return
        notes = _full(runs)
        leads = text.endswith(":")
        if self._lists:
            begins, self._item_begins = self._item_begins, False
            number = self._lists[-1]
            marker: Literal["bullet", "hanging"] | int = "hanging"
            if begins:
                marker = "bullet" if number is None else number
                self._lists[-1] = None if number is None else number + 1
            sign = f"{number}. " if isinstance(marker, int) else "- " if begins else "  "
            notes = "  " * self._level + sign + notes
            self._add(Point(Paragraph(_told(runs, LONGEST_ITEM, leads), self._level, marker), notes, leads))
        elif self._quotes:
            quoted = tuple(replace(run, italic=True) for run in _told(runs, LONGEST_ITEM, leads))
            self._add(Point(Paragraph(quoted, 0, "none"), notes))
        else:
            told = Paragraph(_told(runs, LONGEST_POINT, leads), 0, "none" if leads else "bullet")
            self._add(Point(told, notes, leads))

    @property
    def _level(self) -> int:
        return min(max(0, len(self._lists) - 1), _DEEPEST)

    def _add(self, point: Point) -> None:
        if self._part.exhibits and not self._part.points:
            self._sections[-1].parts.append(Part())
        self._part.points.append(point)

    def _item(self, _token: Token) -> None:
        self._item_begins = True

    def _list_ends(self, _token: Token) -> None:
        self._lists.pop()
        self._item_begins = False

    def _quote(self, step: int) -> None:
        self._quotes += step

    def _code(self, token: Token) -> None:
        lines = clean(token.content).rstrip("\n").split("\n")
        if any(line.strip() for line in lines):
            lead = self._lead()
            self._part.exhibits.append(Code(tuple(lines), lead))

    def _table(self, _token: Token) -> None:
        lead = self._lead()
        rows: list[list[Runs]] = []
        while (token := self._tokens[self._place]).type != "table_close":
            self._place += 1
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(_trimmed(_runs(token.children)))
        width = max(map(len, rows))
        filled = tuple((*row, *[()] * (width - len(row))) for row in rows)
        self._part.exhibits.append(Table(filled, lead))

    def _figure(self, token: Token) -> None:
        found = visual(token)
        self._part.exhibits.append(Figure(found.id, clean(found.description)))

    def _lead(self) -> Point | None:
        """The paragraph right before an exhibit introduces it, and goes with it."""
        before = self._tokens[self._place - 2] if self._place > 1 else None
        is_paragraph = before is not None and before.type == "paragraph_close" and not before.level
        points = self._part.points
        return points.pop() if is_paragraph and points and not self._lists and not self._quotes else None


def _runs(children: Iterable[Token] | None) -> Runs:
    """The pieces of an inline token; blanks and soft breaks are single blanks, hard breaks "\\n"."""
    runs: list[Run] = []
    style = Run("")
    for child in children or ():
        match child.type:
            case "text":
                runs.append(replace(style, text=_BLANKS.sub(" ", clean(child.content)).replace("\n", " ")))
            case "softbreak":
                runs.append(replace(style, text=" "))
            case "hardbreak":
                runs.append(replace(style, text="\n"))
            case "code_inline":
                runs.append(replace(style, text=_BLANKS.sub(" ", clean(child.content)), code=True))
            case "image":
                runs.append(replace(style, text=f"[{_BLANKS.sub(' ', clean(child.content))}]"))
            case "strong_open" | "strong_close":
                style = replace(style, bold=child.nesting > 0)
            case "em_open" | "em_close":
                style = replace(style, italic=child.nesting > 0)
            case "s_open" | "s_close":
                style = replace(style, strike=child.nesting > 0)
            case "link_open":
                address = str(child.attrGet("href") or "")
                style = replace(style, link=address if is_web_address(address) else "")
            case "link_close":
                style = replace(style, link="")
            case _:
                pass
    return tuple(run for run in runs if run.text)


def _trimmed(runs: Runs) -> Runs:
    """Runs without blanks at either end and with single blanks between words."""
    result: list[Run] = []
    for run in runs:
        ends_blank = not result or result[-1].text[-1] in " \n"
        text = re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", run.text))
        text = text.lstrip(" ") if ends_blank else text
        if text:
            result.append(replace(run, text=text))
    while result and not result[-1].text.rstrip(" \n"):
        result.pop()
    if result:
        result[-1] = replace(result[-1], text=result[-1].text.rstrip(" \n"))
    return tuple(result)


def _full(runs: Runs) -> str:
    """A paragraph as notes tell it: with the addresses that its links lead to."""
    return "".join(f"{run.text} ({run.link})" if run.link and run.link != run.text else run.text for run in runs)


def _told(runs: Runs, longest: int, leads: bool) -> Runs:
    """What of a paragraph a slide says: all of a short one, else the sentence that leads on to what follows, else the
    one with its emphasis, else the first."""
    text = plain(runs)
    if len(text) <= longest:
        return runs
    spans = _sentences(text)
    strong = _strong_places(runs)
    emphasised = [span for span in spans if any(span[0] <= place < span[1] for place in strong)]
    start, end = spans[-1] if leads else [*emphasised, spans[0]][0]
    return _trimmed(_slice(runs, start, end))


def _sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text begin and end; an abbreviation's dot ends none."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE.finditer(text):
        if _ABBREVIATED.search(text[start : match.start()]):
            continue
        spans.append((start, match.end()))
        start = match.end()
    spans.append((start, len(text)))
    return [span for span in spans if text[span[0] : span[1]].strip()] or [(0, len(text))]


def _strong_places(runs: Runs) -> list[int]:
    places: list[int] = []
    at = 0
    for run in runs:
        if run.bold:
            places.append(at)
        at += len(run.text)
    return places


def _slice(runs: Runs, start: int, end: int) -> Runs:
    result: list[Run] = []
    at = 0
    for run in runs:
        piece = run.text[max(0, start - at) : max(0, end - at)]
        if piece:
            result.append(replace(run, text=piece))
        at += len(run.text)
    return tuple(result)
