"""YAML text as a tree of nodes with line and column; faults of the YAML itself become problems.

The names of outline fields help to distinguish a wrong indentation from a colon in a text. Nodes are built from parser
events rather than by PyYAML's composer, so that depth and size stay bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

from functions.outline.errors import InvalidOutline, Problem
from functions.outline.syntax import explain

MAX_DEPTH: Final = 24
MAX_NODES: Final = 50_000
_MAX_MENDED: Final = 20
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same events, ten times faster
# What YAML allows in a text; the parsers refuse the rest, each in its own words.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the text; line and column count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar(Node):
    """A single value, always as the text that stands there; `null` if the file says that there is none."""

    text: str
    null: bool


@dataclass(frozen=True, slots=True)
class Sequence(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Mapping(Node):
    entries: dict[str, Node]
    keys: dict[str, Scalar]


def compose(text: str, problems: list[Problem], loader: Any = _LOADER) -> Node | None:
    """The one document in `text`, or None if it is empty. Adds to `problems` what is wrong but lets reading go on.

    Raises InvalidOutline for text that is not YAML. The commonest fault, an unquoted colon, is noted and passed over,
    so that every one of them is found at once.
    """
    _refuse_forbidden(text)
    lines = text.splitlines()
    for _ in range(_MAX_MENDED):
        found: list[Problem] = []
        try:
            root = _Composer("\n".join(lines), found, loader).document()
        except yaml.MarkedYAMLError as error:
            problem, mended = explain(error, lines)
            problems.append(problem)
            if mended is None:
                break
            lines = mended
        else:
            problems.extend(found)
            return root
    raise InvalidOutline(tuple(problems))


def _refuse_forbidden(text: str) -> None:
    found = _FORBIDDEN.search(text)
    if found:
        before = text[: found.start()]
        line, column = before.count("\n") + 1, found.start() - before.rfind("\n")
        message = f"a control character (U+{ord(found[0]):04X}) that YAML does not allow"
        # A file full of them is another kind of file, or text in another encoding.
        hint = "delete it" if found[0] != "\0" else "is this a text file? save it with the encoding UTF-8"
        raise InvalidOutline((Problem(line, column, message, hint),))


class _Composer:
    """Builds nodes from the parser's events."""

    def __init__(self, text: str, problems: list[Problem], loader: Any) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=loader)
        self._problems = problems
        self._nodes = 0

    def document(self) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._note(event, "a second document begins here", "an outline is one document: remove this line")
                    return root
                root = self._node(next(self._events), 0)
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            what = "nested too deeply" if depth > MAX_DEPTH else "too many values"
            self._note(event, f"{what} for an outline", "see the guide for the shape of an outline")
            raise InvalidOutline(tuple(self._problems))
        line, column = _place(event)
        if isinstance(event, yaml.AliasEvent):
            self._note(
                event, "an alias (*) is not accepted", "write the value out; quote it if the * belongs to a text"
            )
            return Scalar(line, column, "", null=True)
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(
                line, column, tuple(self._node(inner, depth + 1) for inner in self._until(yaml.SequenceEndEvent))
            )
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(line, column, depth)
        assert isinstance(event, yaml.ScalarEvent)
        plain = event.style in (None, "")
        return Scalar(line, column, event.value, null=plain and event.value in _NULLS)

    def _mapping(self, line: int, column: int, depth: int) -> Mapping:
        entries: dict[str, Node] = {}
        keys: dict[str, Scalar] = {}
        for event in self._until(yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if not isinstance(key, Scalar):
                self._note(event, "a key that is not text", "a value that begins with { or [ must be in quotes")
            elif key.text in entries:
                self._note(
                    event, f"{key.text[:60]!r} is given twice", f"the first one is in line {keys[key.text].line}"
                )
            else:
                entries[key.text], keys[key.text] = value, key
        return Mapping(line, column, entries, keys)

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        for event in self._events:
            if isinstance(event, end):
                return
            yield event

    def _note(self, event: yaml.Event, message: str, hint: str) -> None:
        self._problems.append(Problem(*_place(event), message, hint))


def _place(event: yaml.Event) -> tuple[int, int]:
    mark: Any = event.start_mark  # typed as optional, but a parser sets it always
    return mark.line + 1, mark.column + 1
