"""From the text of an outline to an `Outline`, in every shape that real files have.

It finds as many problems as it can before it gives up.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from typing import Final, TypeGuard

from functions.outline.errors import InvalidOutline, Problem
from functions.outline.fields import MAX_NUMBER, Fields, kind, note, refuse_split_text
from functions.outline.limits import MAX_LABS, MAX_LESSONS, MAX_OUTLINE_BYTES
from functions.outline.model import Lab, Lesson, Module, Outline, Topic
from functions.outline.nodes import Mapping, Node, Scalar, compose

_MAX_PROBLEMS: Final = 100

_SHAPE: Final = "an outline has a course title and modules, each with lessons"


def parse(text: bytes | str) -> Outline:
    """The outline that `text` (UTF-8 if bytes) describes.

    Raises InvalidOutline with every problem that could be found, in the order of the text (the first hundred), and
    nothing else, whatever the text.
    """
    size = len(text if isinstance(text, bytes) else text.encode(errors="replace"))
    if size > MAX_OUTLINE_BYTES:
        hint = f"at most {MAX_OUTLINE_BYTES:,} are accepted"
        raise InvalidOutline((Problem(1, 1, f"the outline has {size:,} bytes", hint),))
    problems: list[Problem] = []
    try:
        outline = _outline(compose(_decoded(text), problems), problems)
    except InvalidOutline as error:
        raise _limited(error.problems) from None
    if problems:
        raise _limited(problems)
    return outline


def _limited(problems: Iterable[Problem]) -> InvalidOutline:
    ordered = sorted(set(problems))
    if len(ordered) > _MAX_PROBLEMS:
        last = ordered[_MAX_PROBLEMS]
        more = Problem(last.line, last.column, f"and {len(ordered) - _MAX_PROBLEMS} more problems from here on")
        ordered = [*ordered[:_MAX_PROBLEMS], more]
    return InvalidOutline(tuple(ordered))


def _decoded(text: bytes | str) -> str:
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    utf16 = text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return text.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        before = text[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        hint = "save the file with the encoding UTF-8"
        raise InvalidOutline((Problem(line, column, "a character that is not UTF-8", hint),)) from None


def _outline(root: Node | None, problems: list[Problem]) -> Outline:
    if root is None or (isinstance(root, Scalar) and root.null):
        raise InvalidOutline((*problems, Problem(1, 1, "the outline is empty", _SHAPE)))
    if not isinstance(root, Mapping):
        raise InvalidOutline(
            (*problems, Problem(root.line, root.column, f"the outline is {kind(root)} instead of fields", _SHAPE))
        )
    course = root.entries.get("course")
    if course and not isinstance(course, Mapping) and not (isinstance(course, Scalar) and course.null):
        hint = 'write course: and, indented in the next line, title: "..."'
        note(problems, course, f"course must be a mapping, not {kind(course)}", hint)
    inner = (course,) if isinstance(course, Mapping) else ()
    fields = Fields("course", problems, *inner, root)
    return Outline(
        title=fields.title(),
        description=fields.text("description", "summary"),
        language=fields.text("language") or "en",
        level=fields.text("level"),
        audience=fields.texts("audience"),
        prerequisites=fields.texts("prerequisites"),
        learning_outcomes=fields.texts("learning_outcomes"),
        duration_minutes=_course_minutes(fields),
        modules=_modules(fields, root, problems),
    )


def _course_minutes(fields: Fields) -> float | None:
    minutes = [fields.amount(name) for name in ("total_duration_minutes", "duration_minutes")]
    hours = [fields.amount(name) for name in ("duration_hours", "hours_total")]
    parts = [part for part in (fields.amount("hours_theory"), fields.amount("hours_practice")) if part is not None]
    hours.append(sum(parts) if parts else None)
    given = minutes + [None if hour is None else hour * 60 for hour in hours]
    return next((amount for amount in given if amount is not None), None)


def _modules(fields: Fields, root: Mapping, problems: list[Problem]) -> tuple[Module, ...]:
    nodes = fields.items("modules")
    if not nodes and not isinstance(fields.find("modules"), Scalar | Mapping):
        note(problems, fields.find("modules") or root, "the outline has no modules", _SHAPE)
    numbers = _Numbers("module", problems)
    modules = tuple(
        _module(node, numbers, position, problems)
        for position, node in enumerate(nodes, start=1)
        if _is_mapping(node, "module", problems)
    )
    lessons = sum(len(module.lessons) for module in modules)
    if lessons > MAX_LESSONS:
        note(problems, root, f"the outline has {lessons} lessons", f"at most {MAX_LESSONS} are accepted")
    labs = sum(len(module.labs) + sum(len(lesson.labs) for lesson in module.lessons) for module in modules)
    if labs > MAX_LABS:
        note(problems, root, f"the outline has {labs} labs", f"at most {MAX_LABS} are accepted")
    return modules


def _module(node: Mapping, numbers: _Numbers, position: int, problems: list[Problem]) -> Module:
    fields = Fields("module", problems, node)
    lessons = fields.items("lessons")
    if not lessons and not isinstance(fields.find("lessons"), Scalar | Mapping):
        hint = "add lessons: with one item or more"
        note(problems, fields.find("lessons") or node, "the module has no lessons", hint)
    inner = _Numbers("lesson", problems)
    return Module(
        number=numbers.of(node, fields, position),
        title=fields.title(),
        description=fields.text("description", "summary"),
        duration_minutes=fields.amount("duration_minutes"),
        percent_theory=fields.amount("percent_theory", most=100),
        percent_practice=fields.amount("percent_practice", most=100),
        bloom_level=fields.text("bloom_level"),
        lessons=tuple(
            _lesson(lesson, inner, place, problems)
            for place, lesson in enumerate(lessons, start=1)
            if _is_mapping(lesson, "lesson", problems)
        ),
        labs=_labs(fields, problems),
    )


def _lesson(node: Mapping, numbers: _Numbers, position: int, problems: list[Problem]) -> Lesson:
    fields = Fields("lesson", problems, node)
    return Lesson(
        number=numbers.of(node, fields, position),
        title=fields.title(),
        description=fields.text("description", "summary"),
        duration_minutes=fields.amount("duration_minutes"),
        bloom_level=fields.text("bloom_level"),
        objectives=fields.texts("objectives", "objective"),
        topics=tuple(_topic(topic, problems) for topic in fields.items("topics")),
        labs=_labs(fields, problems),
    )


def _topic(node: Node, problems: list[Problem]) -> Topic:
    fields = _titled(node, "topic", problems)
    if isinstance(fields, str):
        return Topic(fields)
    return Topic(fields.title(), fields.amount("duration_minutes"), fields.text("bloom_level"))


def _labs(fields: Fields, problems: list[Problem]) -> tuple[Lab, ...]:
    return tuple(_lab(node, problems) for node in fields.items("lab_activities", "labs"))


def _lab(node: Node, problems: list[Problem]) -> Lab:
    fields = _titled(node, "lab", problems)
    if isinstance(fields, str):
        return Lab(fields)
    return Lab(
        title=fields.title(),
        number=fields.number(),
        description=fields.text("description", "summary"),
        duration_minutes=fields.amount("duration_minutes"),
        bloom_level=fields.text("bloom_level"),
        objectives=fields.texts("objectives", "objective"),
        activities=fields.texts("activities"),
    )


def _titled(node: Node, what: str, problems: list[Problem]) -> Fields | str:
    """The fields of a topic or lab, or the title alone if the item is a text."""
    if isinstance(node, Scalar):
        title = " ".join(node.text.split())
        if node.null or not title:
            note(problems, node, f"the {what} is empty", "remove the - or write a title after it")
        return title
    if isinstance(node, Mapping) and "title" in node.entries:
        return Fields(what, problems, node)
    if not refuse_split_text(problems, node):
        hint = 'write: - "..." or: - title: "..."'
        problem = "has no title" if isinstance(node, Mapping) else f"must be a text or a mapping, not {kind(node)}"
        note(problems, node, f"the {what} {problem}", hint)
    return ""


def _is_mapping(node: Node, what: str, problems: list[Problem]) -> TypeGuard[Mapping]:
    if isinstance(node, Mapping):
        return True
    note(problems, node, f"the {what} must be a mapping, it is {kind(node)}", 'write: - title: "..."')
    return False


class _Numbers:
    """The numbers of the modules of a course or the lessons of a module: each must be used once."""

    def __init__(self, what: str, problems: list[Problem]) -> None:
        self._what = what
        self._problems = problems
        self._lines: dict[int, int] = {}

    def of(self, node: Mapping, fields: Fields, position: int) -> int:
        """The number that `node` gives, else its position (from 1)."""
        given = fields.number()
        number = position if given is None else given
        where = fields.find("number") or node
        if number in self._lines:
            used = f"{self._what} number {number} is used twice"
            note(self._problems, where, used, f"the other one is in line {self._lines[number]}")
        elif number > MAX_NUMBER:
            note(self._problems, where, f"more than {MAX_NUMBER} {self._what}s", "split the outline")
        self._lines.setdefault(number, where.line)
        return number
