"""From the lessons of a module to its slides: what does not fit on one slide goes on to the next, nothing is shrunk.

Knows nothing of PowerPoint. All that a slide leaves out of a lesson's text stands in its notes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from functions.slides.deck import geometry as at
from functions.slides.deck.geometry import Type
from functions.slides.deck.labels import deck_labels
from functions.slides.deck.measure import MONO, SAFETY, columns, fitted, joined, plain, text_width, wrap
from functions.slides.deck.model import (
    CodeSlide,
    Deck,
    DeckLesson,
    FigureSlide,
    Paragraph,
    Run,
    Runs,
    SectionSlide,
    Slide,
    TableSlide,
    TextSlide,
    TitleSlide,
)
from functions.slides.deck.sections import Code, Figure, Point, Section, Table, one_line, sections
from functions.text.labels import labels_for
from functions.text.languages import primary_language
from functions.text.png import read_png

CODE_COLUMNS: Final = int((at.BODY.width - 2 * at.CODE_PADDING) / (at.CODE_TYPE.size * MONO * SAFETY))
"""How many letters a line of code has at most."""
_CONTINUED: Final = "    "
_TAB: Final = 4
_LEAST_COLUMN: Final = 64.0
_MOST_OF_A_WORD: Final = 200.0
"""A column need not hold longer words unbroken (points)."""
_HEADER_LINES: Final = 3


def slides_of(deck: Deck) -> list[Slide]:
    """The slides of a module, each with all that is on it."""
    return list(_Planner(deck).slides())


def body_lines(paragraph: Paragraph) -> list[Runs]:
    """The lines of a paragraph of a body."""
    inset = 0.0 if paragraph.marker == "none" else (paragraph.level + 1) * at.INDENT
    return wrap(paragraph.runs, at.BODY_TYPES[paragraph.level], at.BODY.width - inset)


@dataclass(frozen=True)
class _Placed:
    """A point with its lines."""

    point: Point
    lines: tuple[Runs, ...]

    @property
    def height(self) -> float:
        """How high it is, the gap above it included."""
        return at.BODY_GAP + at.BODY_TYPES[self.point.paragraph.level].line * len(self.lines)


class _Planner:
    def __init__(self, deck: Deck) -> None:
        self._deck = deck
        language = primary_language(deck.language)
        self._said = labels_for(language)
        self._labels = deck_labels(language)

    def slides(self) -> Iterator[Slide]:
        deck = self._deck
        label = f"{self._said.module} {deck.module_number}"
        title, course = one_line(deck.module_title), one_line(deck.course_title)
        yield TitleSlide(
            label,
            fitted(title, at.COVER_TITLE_TYPE, at.COVER_TITLE.width, at.COVER_TITLE_LINES),
            fitted(course, at.SUBTITLE_TYPE, at.COVER_SUBTITLE.width, at.SUBTITLE_LINES),
            _notes(f"{label}: {title}", course, one_line(deck.module_description)),
        )
        agenda = [self._entry(lesson) for lesson in deck.lessons]
        yield from self._titled(self._labels.agenda, f"{label} · {title}", agenda)
        for lesson in deck.lessons:
            yield from self._lesson(lesson)
        summary = [point for lesson in deck.lessons if lesson.markdown is not None for point in self._summary(lesson)]
        if summary:
            yield from self._titled(self._labels.summary, f"{label} · {title}", summary)

    def _entry(self, lesson: DeckLesson) -> Point:
        runs = (Run(f"{self._number(lesson)}  ", bold=True), Run(one_line(lesson.title)))
        if lesson.markdown is None:
            runs += (Run(f" ({self._said.missing_unit.rstrip('.')})", italic=True),)
        return Point(Paragraph(runs, 0, "none"), plain(runs))

    def _number(self, lesson: DeckLesson) -> str:
        return f"{self._deck.module_number}.{lesson.number}"

    def _summary(self, lesson: DeckLesson) -> Iterator[Point]:
        """A lesson's title, and what of its text tells most: the first point that is neither quoted nor a lead."""
        title = (Run(one_line(lesson.title), bold=True),)
        yield Point(Paragraph(title, 0, "bullet"), plain(title), leads=True)
        parts = [part for section in sections(lesson.markdown or "") for part in section.parts]
        for point in (point for part in parts for point in part.points):
            if point.paragraph.marker == "bullet" and not point.paragraph.level and not point.leads:
                yield Point(Paragraph(point.paragraph.runs, 1, "hanging"), "")
                return

    def _lesson(self, lesson: DeckLesson) -> Iterator[Slide]:
        title = one_line(lesson.title)
        label = f"{self._labels.lesson} {self._number(lesson)}"
        remark = "" if lesson.markdown is not None else self._said.missing_unit
        yield SectionSlide(
            label,
            fitted(title, at.SECTION_TITLE_TYPE, at.SECTION_TITLE.width, at.SECTION_TITLE_LINES),
            remark,
            _notes(f"{label}: {title}", remark),
        )
        waiting: list[str] = []  # headings with nothing below them: the next slide's notes tell them
        for section in sections(lesson.markdown or ""):
            if section.is_empty:
                waiting += [section.heading] if section.heading else []
                continue
            kicker = " › ".join([f"{self._number(lesson)}  {title}", *section.above])
            yield from self._section(section, section.heading or title, kicker, waiting)
            waiting = []
        if waiting:
            yield from self._titled(title, label, [_heading_point(heading) for heading in waiting])

    def _section(self, section: Section, title: str, kicker: str, waiting: Sequence[str]) -> Iterator[Slide]:
        before = [*waiting, section.heading]
        numbers = itertools.count(1)
        for part in section.parts:
            shown = [slide for exhibit in part.exhibits for slide in self._exhibit(exhibit, _kicker(kicker))]
            for slide in [*self._text(kicker, part.points), *shown]:
                yield replace(slide, title=_title(title, next(numbers)), notes=_notes(*before, slide.notes))
                before = []

    def _text(self, kicker: str, points: Sequence[Point]) -> Iterator[TextSlide]:
        for some in _spread([_placed(point) for point in points]):
            notes = "\n".join(placed.point.notes for placed in some if placed.point.notes)
            yield TextSlide("", _kicker(kicker), tuple(placed.point.paragraph for placed in some), notes)

    def _titled(self, title: str, kicker: str, points: Sequence[Point]) -> Iterator[TextSlide]:
        for number, slide in enumerate(self._text(kicker, points), start=1):
            yield replace(slide, title=_title(title, number))

    def _exhibit(self, exhibit: Table | Code | Figure, kicker: str) -> Sequence[TableSlide | CodeSlide | FigureSlide]:
        if isinstance(exhibit, Table):
            return list(self._tables(exhibit, kicker))
        if isinstance(exhibit, Code):
            return list(self._code(exhibit, kicker))
        return [self._figure(exhibit, kicker)]

    def _figure(self, figure: Figure, kicker: str) -> FigureSlide:
        image = read_png(self._deck.images.get(figure.id, b""))
        number = ".".join(str(int(part)) for part in figure.id.split("-"))
        caption = f"{self._said.figure} {number}. {one_line(figure.description)}"
        notes = caption if image else _notes(caption, self._said.no_image)
        short = fitted(caption, at.CAPTION_TYPE, at.CAPTION.width, at.CAPTION_LINES)
        return FigureSlide("", kicker, image, short, one_line(figure.description), self._said.no_image, notes)

    def _code(self, code: Code, kicker: str) -> Iterator[CodeSlide]:
        lead, introduced = _lead(code.lead)
        box = at.BELOW_LEAD if lead else at.BODY
        most = int((box.height - 2 * at.CODE_PADDING) / at.CODE_TYPE.line)
        lines = [line.expandtabs(_TAB).rstrip() for line in code.lines]
        pieces = [piece for line in lines for piece in _broken(line)]
        whole = "\n".join(code.lines) if len(pieces) > len(lines) else ""
        for number, some in enumerate(_runs_of_lines(pieces, most)):
            first = not number
            yield CodeSlide("", kicker, lead if first else "", some, _notes(introduced, whole) if first else "")

    def _tables(self, table: Table, kicker: str) -> Iterator[TableSlide]:
        lead, introduced = _lead(table.lead)
        box = at.BELOW_LEAD if lead else at.BODY
        first = True
        for chosen in _column_groups(table.rows):
            header, *rows = [tuple(row[column] for column in chosen) for row in table.rows]
            widths = _widths([header, *rows], at.BODY.width)
            short = tuple(_cut(_bold(cell), width) for cell, width in zip(header, widths, strict=True))
            cut = "" if short == tuple(map(_bold, header)) else " | ".join(map(plain, header))
            top = _row_height(short, widths)
            for some in _rows_on_slides(rows, widths, box.height - top):
                told = (short, *some)
                heights = tuple(_row_height(row, widths) for row in told)
                notes = _notes(introduced if first else "", cut)
                yield TableSlide("", kicker, lead if first else "", told, widths, heights, notes)
                first, cut = False, ""


def _notes(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _title(title: str, number: int) -> str:
    suffix = f" ({number})" if number > 1 else ""
    return fitted(title, at.TITLE_TYPE, at.TITLE.width, at.TITLE_LINES, suffix)


def _kicker(text: str) -> str:
    return fitted(text, at.KICKER_TYPE, at.KICKER.width, 1)


def _lead(point: Point | None) -> tuple[str, str]:
    """What a slide and what its notes say to introduce an exhibit."""
    if point is None:
        return "", ""
    told = one_line(plain(point.paragraph.runs))
    return fitted(told, at.LEAD_TYPE, at.LEAD.width, at.LEAD_LINES), point.notes


def _together(lines: Sequence[Runs]) -> Runs:
    """Lines as one paragraph again, without a break at its end."""
    runs = joined([run for line in lines for run in line])
    if not runs:
        return runs
    last = replace(runs[-1], text=runs[-1].text.rstrip(" \n"))
    return (*runs[:-1], last) if last.text else runs[:-1]


def _heading_point(heading: str) -> Point:
    return Point(Paragraph((Run(heading),)), heading)


def _placed(point: Point) -> _Placed:
    return _Placed(point, tuple(body_lines(point.paragraph)))


def _spread(placed: Sequence[_Placed]) -> list[list[_Placed]]:
    """Points on as few slides as hold them, about as much on each."""
    if not placed:
        return []
    pieces = [piece for whole in placed for piece in _pieces(whole)]
    slides = _filled(pieces, at.BODY.height)
    limit = sum(piece.height for piece in pieces) / len(slides)
    while limit < at.BODY.height:
        even = _filled(pieces, limit)
        if len(even) == len(slides):
            return even
        limit += at.BODY_TYPES[-1].line / 2
    return slides


def _filled(pieces: Sequence[_Placed], limit: float) -> list[list[_Placed]]:
    slides: list[list[_Placed]] = [[]]
    height = 0.0
    for piece in pieces:
        current = slides[-1]
        if current and (height + piece.height > limit or len(current) >= at.MOST_POINTS):
            # What introduces the next point goes with it.
            taken = [current.pop()] if current[-1].point.leads and len(current) > 1 else []
            slides.append(taken)
            height = sum(other.height for other in taken)
            if taken and height + piece.height > at.BODY.height:
                slides.append([])
                height = 0.0
        slides[-1].append(piece)
        height += piece.height
    return slides


def _pieces(placed: _Placed) -> Iterator[_Placed]:
    """A point as it is, or, if no slide could hold it, in pieces that fill one each."""
    paragraph = placed.point.paragraph
    most = int((at.BODY.height - at.BODY_GAP) / at.BODY_TYPES[paragraph.level].line)
    if len(placed.lines) <= most:
        yield placed
        return
    for start in range(0, len(placed.lines), most):
        lines = placed.lines[start : start + most]
        marker = paragraph.marker if not start or paragraph.marker == "none" else "hanging"
        piece = Paragraph(_together(lines), paragraph.level, marker)
        notes = "" if start else placed.point.notes
        yield _Placed(Point(piece, notes), lines)


def _broken(line: str) -> Iterator[str]:
    """A line of code in pieces of at most CODE_COLUMNS columns, broken at blanks where there are any."""
    indent = line[: len(line) - len(line.lstrip())][: CODE_COLUMNS // 2] + _CONTINUED
    while columns(line) > CODE_COLUMNS:
        fits = len(line)
        while columns(line[:fits]) > CODE_COLUMNS:
            fits -= 1 + (columns(line[:fits]) - CODE_COLUMNS) // 4
        blank = line.rfind(" ", CODE_COLUMNS // 2, fits + 1)
        place = blank if blank > 0 and line[:blank].strip() else max(fits, 1)
        yield line[:place].rstrip()
        line = indent + line[place:].lstrip()
    yield line


def _runs_of_lines(lines: Sequence[str], most: int) -> Iterator[tuple[str, ...]]:
    """Lines in runs of at most `most`, which end at an empty line if there is one near."""
    start = 0
    while len(lines) - start > most:
        end = start + most
        empty = next((place for place in range(end, end - most // 3, -1) if not lines[place].strip()), end)
        yield tuple(lines[start:empty])
        start = empty
        while start < len(lines) and not lines[start].strip():
            start += 1
    if start < len(lines):
        yield tuple(lines[start:])


def _cell_lines(cell: Runs, width: float) -> list[Runs]:
    return wrap(cell, at.TABLE_TYPE, width - 2 * at.CELL_SIDE)


def _row_height(row: Sequence[Runs], widths: Sequence[float]) -> float:
    lines = max(len(_cell_lines(cell, width)) for cell, width in zip(row, widths, strict=True))
    return lines * at.TABLE_TYPE.line + 2 * at.CELL_TOP


def _bold(cell: Runs) -> Runs:
    return tuple(replace(run, bold=True) for run in cell)


def _cut(cell: Runs, width: float) -> Runs:
    """A cell of a header, in few lines: it stands above every part of its table."""
    if len(_cell_lines(cell, width)) <= _HEADER_LINES:
        return cell
    bold = Type(at.TABLE_TYPE.size, at.TABLE_TYPE.line, bold=True)
    return (Run(fitted(plain(cell), bold, width - 2 * at.CELL_SIDE, _HEADER_LINES), bold=True),)


def _least_width(cells: Sequence[Runs]) -> float:
    """How wide a column must be to break no word that is not very long."""
    size = at.TABLE_TYPE.size
    words = (text_width(word, size, bold=True) for cell in cells for word in plain(cell).split())
    return min(max(_LEAST_COLUMN, max(words, default=0.0) + 2 * at.CELL_SIDE + 1), _MOST_OF_A_WORD)


def _full_width(cells: Sequence[Runs]) -> float:
    """How wide a column would be with each cell in a line."""
    size = at.TABLE_TYPE.size
    return max((text_width(plain(cell), size, bold=True) for cell in cells), default=0.0) + 2 * at.CELL_SIDE + 1


def _column_groups(rows: Sequence[Sequence[Runs]]) -> list[list[int]]:
    """The columns by slide: all on one if there is room, else the first on each with some of the others."""
    least = [_least_width([row[column] for row in rows]) for column in range(len(rows[0]))]
    groups: list[list[int]] = [[0]]
    for column in range(1, len(least)):
        if sum(least[other] for other in groups[-1]) + least[column] > at.BODY.width:
            groups.append([0])
        groups[-1].append(column)
    return groups


def _widths(rows: Sequence[Sequence[Runs]], room: float) -> tuple[float, ...]:
    """Widths of columns that fill the room: what each must have, and of the rest as each could use."""
    columns_ = list(zip(*rows, strict=True))
    least = [_least_width(cells) for cells in columns_]
    wished = [max(0.0, min(_full_width(cells), room) - needed) for cells, needed in zip(columns_, least, strict=True)]
    left = room - sum(least)
    if sum(wished) <= left:  # all in a line each: the rest is shared alike
        more = (left - sum(wished)) / len(least)
        return tuple(needed + wish + more for needed, wish in zip(least, wished, strict=True))
    share = left / sum(wished)
    return tuple(needed + wish * share for needed, wish in zip(least, wished, strict=True))


def _rows_on_slides(
    rows: Sequence[tuple[Runs, ...]], widths: Sequence[float], room: float
) -> Iterator[list[tuple[Runs, ...]]]:
    """Rows by slide; a row that no slide could hold goes on in rows of its own."""
    current: list[tuple[Runs, ...]] = []
    height = 0.0
    for row in (piece for whole in rows for piece in _row_pieces(whole, widths, room)):
        needed = _row_height(row, widths)
        if current and height + needed > room:
            yield current
            current, height = [], 0.0
        current.append(row)
        height += needed
    if current or not rows:
        yield current


def _row_pieces(row: tuple[Runs, ...], widths: Sequence[float], room: float) -> Iterator[tuple[Runs, ...]]:
    most = int((room - 2 * at.CELL_TOP) / at.TABLE_TYPE.line)
    cells = [_cell_lines(cell, width) for cell, width in zip(row, widths, strict=True)]
    highest = max(map(len, cells))
    for start in range(0, highest, most):
        if highest <= most:
            yield row
        else:
            yield tuple(_together(lines[start : start + most]) for lines in cells)
