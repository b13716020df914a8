"""Texts and lesson tokens as Typst markup in which nothing that an author or a model wrote can be an instruction.

Knows Typst's syntax and the functions of template.typ that lessons use; knows nothing of books as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from markdown_it.token import Token

from functions.text.reading import is_web_address, without_controls

# No font that Typst carries has emoji: those with a plain counterpart get it, the others are left out.
_EMOJI: Final = {
    "✅": "✓",
    "✔": "✓",
    "☑": "✓",
    "❌": "✗",
    "❎": "✗",
    "✖": "✗",
    "➡": "→",
    "⬅": "←",
    "⭐": "★",
    "❗": "!",
    "❓": "?",
}
_UNPRINTABLE = re.compile("[\U0001f000-\U0001faff\U000e0000-\U000e0fff\ufe00-\ufe0f\u200d\u20e3]")
# Every mark that means something in markup, and "." since "1." begins a list and "..." is an ellipsis.
_ESCAPED = str.maketrans({mark: f"\\{mark}" for mark in "\\#$*_`<>@=-+/~[]{}.:;|^&!"} | {"\n": " ", "\t": " "})
_LITERAL = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_LONG_WORD = re.compile(r"[^\s\u200b]{28,}")
_MARKED_WORD = re.compile(r"[^\s\u200b]{8,}")
_BREAKS_AT_MARKS = re.compile(r"([/\\._\-=&?:;,|(){}\[\]]+)(?=.)")
_BREAKS = re.compile(r"([/\\._\-=&?:;,|(){}\[\]]+|.{12})(?=.)")
_CODE_LANGUAGE = re.compile(r"[A-Za-z0-9+#_-]{1,20}")
_MOST_CODE_COLUMNS: Final = 70
_NARROWEST_COLUMN: Final = 12
_WIDEST_WORD: Final = 20
_LONGEST_IN_COLUMN: Final = 14
_SMALL_TABLE: Final = 1200
"""A table of at most this many characters is not divided between pages."""
_DEEPEST: Final = 12
"""Emphasis nested more deeply is left out: Typst refuses a document nested some hundred levels deep."""
_LAST_LEVEL: Final = 5
"""Typst headings: 1 is a module, 2 a lesson, 3 to 5 the sections of a lesson."""


def text(words: str, in_table: bool = False) -> str:
    """`words` as markup that shows exactly these words, but with typographic quotes and breakable long words."""
    return _with_breaks(printable(words), in_table).translate(_ESCAPED)


def literal(value: str) -> str:
    """`value` as a Typst string."""
    return f'"{printable(value).translate(_LITERAL)}"'


def printable(words: str) -> str:
    """`words` without what the embedded fonts cannot show."""
    for emoji, plain in _EMOJI.items():
        words = words.replace(emoji, plain)
    return _UNPRINTABLE.sub("", without_controls(words))


def lesson_markup(tokens: list[Token], figure: Callable[[Token], str]) -> str:
    """A lesson's tokens as markup; `figure` writes those of type "visual"."""
    return _Blocks(figure).write(tokens)


class _Blocks:
    """Writes block tokens. Each opening token pushes a list of parts, its closing token makes one part of them."""

    def __init__(self, figure: Callable[[Token], str]) -> None:
        self._figure = figure

    def write(self, tokens: list[Token]) -> str:
        self._stack: list[list[str]] = [[]]
        self._rows: list[list[str]] = []
        self._in_table = False
        for token in tokens:
            if token.nesting == 1:
                self._open(token)
            elif token.nesting == -1:
                self._close(token)
            else:
                self._stack[-1].append(self._alone(token))
        return "".join(self._stack[0])

    def _alone(self, token: Token) -> str:
        match token.type:
            case "inline":
                return inline_markup(token.children or [], self._in_table)
            case "visual":
                return f"\n\n{self._figure(token)}\n\n"
            case "fence" | "code_block":
                return f"\n\n{_code_block(token)}\n\n"
            case "hr":
                return "\n\n#rule\n\n"
            case _:
                return text(token.content)

    def _open(self, token: Token) -> None:
        if token.type == "table_open":
            self._rows = []
            self._in_table = True
        elif token.type == "tr_open":
            self._rows.append([])
        self._stack.append([str(token.attrs.get("start", 1))] if token.type == "ordered_list_open" else [])

    def _close(self, token: Token) -> None:
        parts = self._stack.pop()
        inner = "".join(parts)
        out = self._stack[-1]
        match token.type:
            case "paragraph_close":
                out.append(inner if token.hidden else f"\n\n{inner}\n\n")
            case "heading_close":
                level = min(int(token.tag[1:]) + 1, _LAST_LEVEL)
                out.append(f"\n\n#section({level})[{inner}];\n\n")
            case "list_item_close":
                out.append(f"[{inner}]")
            case "bullet_list_close":
                out.append(f"\n\n#list({', '.join(parts)});\n\n")
            case "ordered_list_close":
                out.append(f"\n\n#enum(start: {parts[0]}, {', '.join(parts[1:])});\n\n")
            case "blockquote_close":
                out.append(f"\n\n#quote(block: true)[{inner}];\n\n")
            case "th_close" | "td_close":
                self._rows[-1].append(inner)
            case "table_close":
                self._in_table = False
                out.append(f"\n\n{self._table()}\n\n")
            case _:
                out.append(inner)

    def _table(self) -> str:
        header, *body = self._rows
        widths = ", ".join(f"{_weight([row[place] for row in self._rows])}fr" for place in range(len(header)))
        cells = "".join(f", [{cell}]" for row in body for cell in row)
        is_small = len(cells) <= _SMALL_TABLE
        hyphenate = len(header) > 4 or any(len(word) > _LONGEST_IN_COLUMN for row in self._rows for word in _words(row))
        flags = f"{str(is_small).lower()}, {str(hyphenate).lower()}"
        return f"#grid-table(({widths},), {flags}, ({', '.join(f'[{cell}]' for cell in header)},){cells});"


def inline_markup(children: list[Token], in_table: bool = False) -> str:
    """The tokens of a line of text as markup."""
    return "".join(_inline(children, in_table))


_MARKS: Final = {"em_open": "#emph[", "strong_open": "#strong[", "s_open": "#strike["}


def _inline(children: list[Token], in_table: bool) -> Iterator[str]:
    # Whether each mark that is open was written: links within the book and marks nested too deeply are not.
    shown: list[bool] = []
    for token in children:
        if token.nesting == 1:
            address = str(token.attrs.get("href", ""))
            mark = f"#link({literal(address)})[" if is_web_address(address) else _MARKS.get(token.type, "")
            shown.append(bool(mark) and len(shown) < _DEEPEST)
            yield mark if shown[-1] else ""
        elif token.nesting == -1:
            yield "];" if shown.pop() else ""
        elif token.type == "code_inline":
            yield f"#raw({literal(_with_breaks(token.content, in_table))});"
        elif token.type == "image":
            # A remote image is not fetched: its description stands for it.
            yield f"#emph[{text(token.content)}];"
        elif token.type == "hardbreak":
            yield "#linebreak();"
        else:
            yield " " if token.type == "softbreak" else text(token.content, in_table)


def _code_block(token: Token) -> str:
    language = token.info.split()[0] if token.info.split() else ""
    named = f", lang: {literal(language)}" if _CODE_LANGUAGE.fullmatch(language) else ""
    code = "\n".join(map(_wrapping_line, token.content.rstrip("\n").split("\n")))
    return f"#raw(block: true{named}, {literal(code)});"


def _wrapping_line(line: str) -> str:
    """A line of code; where it is too long for the page, it may break anywhere within its long words."""
    return line if len(line) <= _MOST_CODE_COLUMNS else _LONG_WORD.sub(lambda word: "\u200b".join(word[0]), line)


def _with_breaks(words: str, in_table: bool) -> str:
    """`words` with invisible places to break in very long words; in a table after every mark within a word."""
    if in_table:
        words = _MARKED_WORD.sub(lambda word: _BREAKS_AT_MARKS.sub("\\1\u200b", word[0]), words)
    return _LONG_WORD.sub(lambda word: _BREAKS.sub("\\1\u200b", word[0]), words)


def _weight(cells: list[str]) -> int:
    """The relative width of a table's column: room for its longest word, and less than linear in its longest cell."""
    longest_word = max(map(len, _words(cells)), default=0)
    longest_cell = max(map(len, cells))
    return max(_NARROWEST_COLUMN, min(longest_word, _WIDEST_WORD) * 3, round(8 * min(longest_cell, 100) ** 0.5))


def _words(cells: list[str]) -> list[str]:
    return [word for cell in cells for word in cell.split()]
