"""Typed reads of a mapping's fields; a value of the wrong type becomes a problem and reads as if it were absent."""

from __future__ import annotations

import math
from typing import Final

from functions.outline.errors import Problem
from functions.outline.nodes import Mapping, Node, Scalar, Sequence
from functions.outline.syntax import quote

MAX_TITLE: Final = 300
"""Longest title, in characters: titles become part of records and pages."""
MAX_NUMBER: Final = 999
"""Largest number of a module, lesson or lab: names hold two digits, and three where two are too few."""
_MAX_AMOUNT: Final = 1_000_000


def kind(node: Node) -> str:
    """What a node is, in an author's words."""
    if isinstance(node, Scalar):
        return "empty" if node.null else "a single value"
    return "a list" if isinstance(node, Sequence) else "a mapping"


def note(problems: list[Problem], node: Node, message: str, hint: str = "") -> None:
    """Add a problem at a node's place."""
    problems.append(Problem(node.line, node.column, message, hint))


class Fields:
    """The fields of `what` ("module"), which may stand in several mappings: the first that has one counts."""

    def __init__(self, what: str, problems: list[Problem], *mappings: Mapping) -> None:
        self._what = what
        self._problems = problems
        self._mappings = mappings

    def find(self, *names: str) -> Node | None:
        """The first field of these names that has a value."""
        return next(iter(self._all(names)), None)

    def title(self) -> str:
        """The title on one line; a problem if there is none."""
        node = self.find("title")
        text = " ".join(self._text("title", node).split()) if node else ""
        if not text and not (node and not isinstance(node, Scalar)):
            where = self._mappings[0]
            note(self._problems, where, f"the {self._what} has no title", 'add a line: title: "..."')
        if node and len(text) > MAX_TITLE:
            note(self._problems, node, f"a title of {len(text)} characters", f"at most {MAX_TITLE} are accepted")
        return text

    def text(self, *names: str) -> str:
        """A text, "" if absent; a list of texts reads as "a / b" (levels are written both ways)."""
        node = self.find(*names)
        if isinstance(node, Sequence):
            return " / ".join(self.texts(*names))
        return self._text(names[0], node).strip() if node else ""

    def texts(self, *names: str) -> tuple[str, ...]:
        """A list of texts; a single text is a list of one."""
        node = self.find(*names)
        items = node.items if isinstance(node, Sequence) else (node,) if node else ()
        found = (self._text(f"an item of {names[0]}", item).strip() for item in items)
        return tuple(text for text in found if text)

    def amount(self, name: str, most: float = _MAX_AMOUNT) -> float | None:
        """A number from 0 to `most`, None if absent; it may be quoted and may end with "%"."""
        node = self.find(name)
        if node is None:
            return None
        try:
            value = float(node.text.strip().removesuffix("%")) if isinstance(node, Scalar) else math.nan
        except ValueError:
            value = math.nan
        if not 0 <= value <= most:  # also true of nan
            note(self._problems, node, f"{name} must be a number from 0 to {most:,}", f"write for example: {name}: 45")
            return None
        return value

    def number(self) -> int | None:
        """The field `number`, a whole number from 1 to 999, None if absent."""
        node = self.find("number")
        if node is None:
            return None
        text = node.text.strip().removesuffix(".0") if isinstance(node, Scalar) else ""
        if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= MAX_NUMBER):
            note(self._problems, node, f"number must be a whole number from 1 to {MAX_NUMBER}", "write: number: 1")
            return None
        return int(text)

    def items(self, *names: str) -> tuple[Node, ...]:
        """The items of every list of these names, in this order. A single value or mapping is a problem."""
        found: list[Node] = []
        for node in self._all(names):
            if isinstance(node, Sequence):
                found.extend(node.items)
            else:
                note(self._problems, node, f"{names[0]} must be a list, not {kind(node)}", "begin each item with -")
        return tuple(found)

    def _all(self, names: tuple[str, ...]) -> list[Node]:
        nodes = (mapping.entries.get(name) for name in names for mapping in self._mappings)
        return [node for node in nodes if node and not (isinstance(node, Scalar) and node.null)]

    def _text(self, name: str, node: Node) -> str:
        if isinstance(node, Scalar):
            return "" if node.null else node.text
        if not refuse_split_text(self._problems, node):
            hint = "a text that begins with [ or { must be in quotes"
            note(self._problems, node, f"{name} must be text, not {kind(node)}", hint)
        return ""


def refuse_split_text(problems: list[Problem], node: Node) -> bool:
    """Whether `node` is a text that an unquoted colon made into a mapping of one entry; if so, adds the problem."""
    if not isinstance(node, Mapping) or len(node.entries) != 1:
        return False
    ((key, value),) = node.entries.items()
    if not isinstance(value, Scalar) or value.null:
        return False
    column = node.keys[key].column + len(key)
    example = quote(f"{key}: {value.text}")
    message = "a colon followed by a space inside an unquoted value"
    problems.append(Problem(node.line, column, message, f"put the value in quotes: - {example}"))
    return True
