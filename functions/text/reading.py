"""Reads a lesson's Markdown into tokens that every writer of books walks in the same way.

Lessons are CommonMark with tables and strikethrough; HTML in them is text. Knows no format that a book is written in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from functions.text.visuals import TAG

LAST_LEVEL: Final = 6
"""Headings within a lesson have levels 2 (a section) to this one."""

_WEB = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff]")


@dataclass(frozen=True)
class Visual:
    """A figure that a lesson asks for: `id` is "MM-LL-NNNN"."""

    id: str
    description: str


def without_controls(text: str) -> str:
    """`text` with a blank for every control character but tab and newline, and for every half of a surrogate pair."""
    return _CONTROLS.sub(" ", text)


def is_web_address(address: str) -> bool:
    """Whether a link leads out of the book: a book has no place for links to a lesson's own files or fragments."""
    return _WEB.match(address) is not None


def lesson_tokens(markdown: str) -> list[Token]:
    """The lesson's tokens without its title, headings at levels 2 to 6 (`tag`), and figures as tokens of their own.

    A figure is a block token of type "visual", see `visual`. It stands where its tag stood if that was in the flow of
    a paragraph, else right after the heading, table or paragraph that held it.
    """
    tokens = parse(markdown)
    return list(_with_visual_blocks(_without_title(tokens)))


def parse(markdown: str) -> list[Token]:
    """The tokens as they are; tags are inline tokens of type "visual"."""
    return _PARSER.parse(without_controls(markdown.replace("\r\n", "\n")))


def visual(token: Token) -> Visual:
    """What a token of type "visual" asks for."""
    return Visual(token.meta["id"], token.meta["description"])


def title_heading(tokens: list[Token]) -> int | None:
    """The place of the heading that is the lesson's title: the first one of level 1 that stands in no other block."""
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h1" and not token.level:
            return place
    return None


def section_level(tag: str) -> int:
    """The level of a heading within a lesson by its tag: a second title ("h1") counts as a section."""
    return max(2, int(tag[1:]))


def _visual_rule(state: StateInline, silent: bool) -> bool:
    match = TAG.match(state.src, state.pos) if state.src.startswith("[VISUAL:", state.pos) else None
    if not match or match.end() > state.posMax:
        return False
    if not silent:
        token = state.push("visual", "", 0)
        token.content = match[0]
        token.meta = {"id": match["id"], "description": match["description"].strip()}
    state.pos = match.end()
    return True


def _boxes_rule(state: StateCore) -> None:
    """A list's items that begin with "[ ]" or "[x]" are things to tick off, and show a box."""
    for item, _, inline in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        first = inline.children[0] if inline.children else None
        if item.type == "list_item_open" and first and first.type == "text":
            mark, text = first.content[:4], first.content[4:]
            first.content = _BOXES.get(mark, mark) + text


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.disable(["html_block", "html_inline"])
    parser.inline.ruler.before("link", "visual", _visual_rule)
    parser.core.ruler.push("boxes", _boxes_rule)
    return parser


_BOXES: Final = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}
_PARSER: Final = _parser()


def _without_title(tokens: list[Token]) -> Iterator[Token]:
    title = title_heading(tokens)
    for place, token in enumerate(tokens):
        if title is not None and title <= place < title + 3:  # opening, text, closing
            continue
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{section_level(token.tag)}"
        yield token


def _with_visual_blocks(tokens: Iterator[Token]) -> Iterator[Token]:
    held: list[Token] = []
    opening: Token | None = None
    in_table = False
    for token in tokens:
        if token.type == "paragraph_open":
            opening = token
        elif token.type == "inline" and opening:
            yield from _split(opening, token, held)
        elif token.type == "paragraph_close":
            opening = None
        else:
            in_table = (in_table or token.type == "table_open") and token.type != "table_close"
            if token.type == "inline":
                token.children = _held_back(token.children or [], held)
            yield token
        if held and not opening and not in_table and token.type in ("paragraph_close", "heading_close", "table_close"):
            yield from (_block(inline) for inline in held)
            held.clear()


def _split(opening: Token, inline: Token, held: list[Token]) -> Iterator[Token]:
    """A paragraph as paragraphs and figures; figures within emphasis or links go to `held`."""
    run: list[Token] = []
    depth = 0
    for child in [*(inline.children or []), None]:
        if child is None or (child.type == "visual" and not depth):
            while run and run[0].type in ("softbreak", "hardbreak"):
                run.pop(0)
            while run and run[-1].type in ("softbreak", "hardbreak"):
                run.pop()
            if any(part.type != "text" or part.content.strip() for part in run):
                closing = Token("paragraph_close", "p", -1, hidden=opening.hidden, level=opening.level, block=True)
                text = Token("inline", "", 0, children=run, level=inline.level, block=True)
                yield from (opening, text, closing)
            run = []
            if child is not None:
                yield _block(child)
        elif child.type == "visual":
            held.append(child)
        else:
            depth += child.nesting
            run.append(child)


def _held_back(children: list[Token], held: list[Token]) -> list[Token]:
    held.extend(child for child in children if child.type == "visual")
    return [child for child in children if child.type != "visual"]


def _block(inline: Token) -> Token:
    return Token("visual", "", 0, content=inline.content, meta=inline.meta, block=True)
