"""The command `course`: its options. Imports nothing heavy, so that its help is quick."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, cast, get_type_hints

import typer

from aurora.commands.parameters import GroupedCommand, Stack, folder, new_app, non_empty
from aurora.errors import InvalidInput
from functions.courses.options import REQUEST_OPTIONS, RunOptions
from functions.courses.rules import ContentChoice, Dollars, Flag, Model, ModuleNumbers, Number, Option, UnitIds
from functions.outline.units import LAB, LESSON, UNIT_KINDS, unit_typed

app = new_app()

_EPILOG: Final = """\b
Examples:
  python3 run.py course outline.yaml --out course
  python3 run.py course outline.yaml --out course --content both --slides
  python3 run.py course outline.yaml --out course --only 03-02,lab-03-01
  python3 run.py course outline.yaml --out course --modules 1,3 --model openai --budget 5
  python3 run.py course outline.yaml --out course --cancel -s dev
  AURORA_EMAIL=me@example.com python3 run.py course outline.yaml --out course -s dev
\b
Exit code 0: all of it is there. With --cancel: nothing of the course runs any more.
Exit code 2: the outline is wrong, each fault at its file:line:column, or an option is; nothing was started.
Exit code 3: something is missing, or the run was cancelled; the same command writes only what is missing.
"""


def course(
    outline: Annotated[Path, typer.Argument(metavar="OUTLINE.yaml", help="The course's outline.", show_default=False)],
    out: Annotated[Path, typer.Option(metavar="DIR", parser=folder, help="Where the files go.", show_default=False)],
    cancel: Annotated[
        bool, typer.Option("--cancel", help="Cancel the run of this course; what is written is kept.")
    ] = False,
    stack: Stack = None,
    **options: Any,
) -> int:
    """Turn an outline into a book, lab guides and slides.

    The book comes as Markdown, JSON, HTML, PDF and DOCX, each lesson as a file too; --content both adds lab guides
    and their book. The same command again writes only what is missing.

    Uses the local platform that runs here, or starts one whose data it keeps in DIR/.aurora. With -s STACK it
    signs in to a deployed one: AURORA_EMAIL and AURORA_PASSWORD, or it asks.
    """
    from client.writing import CourseRequest, cancel_course, make_course

    given = {name: value for name, value in options.items() if value is not None and value is not False}
    if cancel and given:
        raise InvalidInput(
            "--cancel ends the run as a whole: beside it only OUTLINE.yaml, --out and -s mean something."
        )
    return (cancel_course if cancel else make_course)(CourseRequest(outline, out, given, stack))


def option_name(name: str) -> str:
    """A run option as it is typed: "--max-words" for "max_words"."""
    return f"--{name.replace('_', '-')}"


def _module_numbers(text: str) -> list[int]:
    if not re.fullmatch(r"\s*\d{1,3}\s*(,\s*\d{1,3}\s*)*", text):
        raise typer.BadParameter(f"it takes module numbers with commas between them, as in 1,3; not {text!r}.")
    return sorted({int(number) for number in text.split(",")})


def _unit_ids(text: str) -> list[str]:
    ids = {unit_typed(part.strip()) for part in text.split(",")}
    if None in ids:
        example = ",".join(kind.id(3, 2) for kind in UNIT_KINDS.values())
        raise typer.BadParameter(
            f"it takes lessons, labs and slides with commas between them, as in {example}; not {text!r}."
        )
    return sorted(filter(None, ids))


def _dollars(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value <= Dollars.maximum:
        raise typer.BadParameter(f"it takes US dollars: more than 0 and at most {Dollars.maximum:,}; not {text}.")
    return value


def _parameter(name: str, option: Option) -> inspect.Parameter:
    """A run option as a parameter that Typer reads; what it leaves out is for the platform to decide."""
    kind: Any = str | None
    typed: dict[str, Any] = {"metavar": name.upper(), "parser": non_empty}
    match option:
        case Model():
            typed["metavar"] = "NAME"
        case Flag():
            kind, typed = bool, {}
        case ContentChoice():
            kind, typed = get_type_hints(RunOptions)[name] | None, {}
        case Number(minimum=minimum, maximum=maximum):
            kind, typed = int | None, {"metavar": "N", "min": minimum, "max": maximum}
        case ModuleNumbers():
            typed = {"metavar": "1,3", "parser": _module_numbers}
        case UnitIds():
            typed = {"metavar": f"{LESSON.id(3, 2)},{LAB.id(3, 1)}", "parser": _unit_ids}
        case Dollars():
            typed = {"metavar": "USD", "parser": _dollars}
        case _:
            pass
    declared = typer.Option(option_name(name), help=option.help, rich_help_panel=option.panel or None, **typed)
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=False if kind is bool else None,
        annotation=Annotated[kind, declared],
    )


def _signature(command: Callable[..., int]) -> inspect.Signature:
    """The command's parameters, the run options that can be typed among them in place of `**options`."""
    outline, out, *others, _ = inspect.signature(command, eval_str=True).parameters.values()
    derived = [_parameter(name, option) for name, option in REQUEST_OPTIONS.items() if option.help]
    keywords = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in others]
    return inspect.Signature([outline, out, *derived, *keywords])


cast("Any", course).__signature__ = _signature(course)
app.command(cls=GroupedCommand, epilog=_EPILOG)(course)
