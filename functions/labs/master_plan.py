"""The master plan of labs: what it says of a lab, how a model's answer becomes a part of it, and what joins the parts.

Knows no storage and no prompt. A module's part is made by a model, or from the outline alone where none could be had:
`source` and `problems` say so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, NoReturn, TypedDict

from functions.models.errors import ModelAnswerInvalid
from functions.outline.model import Outline
from functions.outline.selection import PlacedLab
from functions.outline.targets import DEFAULT_MINUTES
from functions.outline.units import LAB
from functions.text.words import one_line

MAX_MINUTES: Final = 24 * 60
"""A plan that asks for more than a day has mistaken the unit."""

Source = Literal["model", "outline"]

_FENCED = re.compile(r"^(`{3,}|~{3,})[ \t]*(?:json)?[ \t]*\n(.*?)\n\1[ \t]*$", re.DOTALL | re.MULTILINE | re.IGNORECASE)


class PlannedLab(TypedDict):
    """One lab of a plan; `lesson` is the title of the one that it belongs to, "" for a lab of the whole module."""

    id: str
    module: int
    number: int
    title: str
    lesson: str
    objective: str
    minutes: float
    hardware: list[str]
    software: list[str]
    steps: list[str]


class ModulePlan(TypedDict):
    """The plan of a module's labs. `problems` says in plain words why it is not a model's."""

    module: int
    title: str
    source: Source
    problems: list[str]
    labs: list[PlannedLab]


class MasterPlan(TypedDict):
    """The plan of all labs of a course: what they need, each thing named once, and the modules' plans."""

    course: str
    language: str
    objectives: list[str]
    hardware: list[str]
    software: list[str]
    minutes: float
    problems: list[str]
    labs: list[PlannedLab]


def lab_id(placed: PlacedLab) -> str:
    """The id "lab-MM-NN"."""
    return LAB.id(placed.module.number, placed.number)


def lab_minutes(placed: PlacedLab, planned: PlannedLab | None = None) -> float:
    """How long a lab is to take: what the outline says, else what the plan says, else as long as a lesson."""
    return placed.lab.duration_minutes or (planned["minutes"] if planned else DEFAULT_MINUTES)


def plan_of_answer(answer: str, labs: Sequence[PlacedLab]) -> ModulePlan:
    """The plan of a module's labs that a model answered.

    Raises ModelAnswerInvalid unless it has one whole entry for each lab and none for others.
    """
    told = _json(answer)
    entries = told.get("labs") if isinstance(told, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        _refuse("it is no JSON object with a list of labs")
    by_id: dict[Any, dict[str, Any]] = {str(entry.get("id")): entry for entry in entries}
    ids = [lab_id(placed) for placed in labs]
    if len(entries) != len(by_id) or by_id.keys() != set(ids):
        _refuse(f"it has entries for {', '.join(sorted(by_id)) or 'no lab'} in place of one each for {', '.join(ids)}")
    return _plan(labs, "model", [_planned(placed, by_id[lab_id(placed)]) for placed in labs])


def plan_of_outline(labs: Sequence[PlacedLab], problem: str) -> ModulePlan:
    """The plan of a module's labs as far as the outline itself has one; `problem` says why no model made it."""
    planned = [
        _lab(
            placed,
            objective=" ".join(placed.lab.objectives) or placed.lab.description or placed.lab.title,
            minutes=lab_minutes(placed),
            steps=list(placed.lab.activities),
        )
        for placed in labs
    ]
    return {**_plan(labs, "outline", planned), "problems": [problem]}


def joined(outline: Outline, plans: Iterable[ModulePlan]) -> MasterPlan:
    """The master plan of these modules' plans."""
    plans = list(plans)
    labs = [lab for plan in plans for lab in plan["labs"]]
    return {
        "course": outline.title,
        "language": outline.language,
        "objectives": list(outline.learning_outcomes) or [lab["objective"] for lab in labs],
        "hardware": _once(name for lab in labs for name in lab["hardware"]),
        "software": _once(name for lab in labs for name in lab["software"]),
        "minutes": sum(lab["minutes"] for lab in labs),
        "problems": [problem for plan in plans for problem in plan["problems"]],
        "labs": labs,
    }


def _json(answer: str) -> Any:
    """The JSON of an answer, which may stand in a fenced block of it, as chat models like to answer."""
    fenced = [match[2] for match in _FENCED.finditer(answer)]
    try:
        return json.loads(fenced[0] if len(fenced) == 1 else answer, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        _refuse(f"it is no JSON: {error}")


def _planned(placed: PlacedLab, entry: dict[str, Any]) -> PlannedLab:
    id_ = lab_id(placed)
    objective, minutes = entry.get("objective"), entry.get("minutes")
    if not isinstance(objective, str) or not objective.strip():
        _refuse(f"{id_} has no objective")
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 0 < minutes <= MAX_MINUTES:
        _refuse(f"{id_} has no duration in minutes, but {minutes!r:.40}")
    hardware, software, steps = (_texts(id_, name, entry.get(name)) for name in ("hardware", "software", "steps"))
    if not steps:
        _refuse(f"{id_} has no steps")
    return _lab(placed, one_line(objective), placed.lab.duration_minutes or minutes, steps, hardware, software)


def _texts(id_: str, name: str, told: Any) -> list[str]:
    if not isinstance(told, list) or not all(isinstance(text, str) for text in told):
        _refuse(f"the {name} of {id_} are no list of texts")
    return [line for text in told if (line := one_line(text))]


def _plan(labs: Sequence[PlacedLab], source: Source, planned: list[PlannedLab]) -> ModulePlan:
    module = labs[0].module
    return {"module": module.number, "title": module.title, "source": source, "problems": [], "labs": planned}


def _lab(
    placed: PlacedLab,
    objective: str,
    minutes: float,
    steps: list[str],
    hardware: Iterable[str] = (),
    software: Iterable[str] = (),
) -> PlannedLab:
    return {
        "id": lab_id(placed),
        "module": placed.module.number,
        "number": placed.number,
        "title": placed.lab.title,
        "lesson": placed.lesson.title if placed.lesson else "",
        "objective": objective,
        "minutes": minutes,
        "hardware": list(hardware),
        "software": list(software),
        "steps": steps,
    }


def _once(names: Iterable[str]) -> list[str]:
    """Each name once, in the order in which they come; names that differ in their case alone are one."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.casefold(), name)
    return list(found.values())


def _refuse(why: str) -> NoReturn:
    raise ModelAnswerInvalid(f"The plan of labs that the text model wrote cannot be used: {why}.")
