"""What a text model is asked for a plan of labs and for a lab guide: briefs from the outline, prompts from briefs.

Knows no model and no storage. The same outline and plan always give the same prompts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from functions.generation import prompts
from functions.labs.master_plan import PlannedLab, lab_id, lab_minutes
from functions.models import LabBrief, LabPlanBrief, TextRequest
from functions.outline.model import Outline
from functions.outline.selection import PlacedLab
from functions.outline.targets import bloom_levels
from functions.text.words import one_line

WORDS_PER_MINUTE: Final = 20
"""Fewer than in a lesson: most of a lab's time is spent at work and not at reading."""
WORDS_PER_ACTIVITY: Final = 100
MIN_WORDS: Final = 600
MAX_WORDS: Final = 3000

TOKENS_PER_WORD: Final = 2.4
"""Tokens that a word of a guide takes at most, on average: commands and their output take more than prose does."""
SPARE_TOKENS: Final = 400
PLAN_TOKENS_PER_LAB: Final = 700
"""Tokens that a plan's entry of ten steps takes at most."""

_DIRECTORY = Path(__file__).with_name("prompts")
LAB_PLAN: Final = prompts.Step(
    _DIRECTORY,
    "lab-plan",
    slots="course level audience prerequisites module_number module labs first_id language",
    phrases="lesson description objectives activities bloom minutes",
)
LAB: Final = prompts.Step(
    _DIRECTORY,
    "lab",
    slots="course level audience prerequisites module_number module lesson title description bloom minutes demands "
    "objectives activities steps hardware software language words",
    phrases="remember understand apply analyze evaluate create",
)


def word_target(minutes: float, activities: int) -> int:
    """How many words a guide should have: minutes x 20 + 100 an activity, held between 600 and 3,000."""
    return round(min(max(minutes * WORDS_PER_MINUTE + WORDS_PER_ACTIVITY * activities, MIN_WORDS), MAX_WORDS))


def lab_brief(outline: Outline, placed: PlacedLab, planned: PlannedLab | None = None) -> LabBrief:
    """What the outline says of a lab, and what the plan adds to it (None: nothing)."""
    lab, module, lesson = placed.lab, placed.module, placed.lesson
    minutes = lab_minutes(placed, planned)
    objectives = lab.objectives or ((planned["objective"],) if planned else ())
    return LabBrief(
        course_title=outline.title,
        language=outline.language,
        level=outline.level,
        module_number=module.number,
        module_title=module.title,
        lab_number=placed.number,
        lab_title=lab.title,
        lesson_title=lesson.title if lesson else "",
        description=lab.description,
        objectives=objectives,
        activities=lab.activities,
        bloom_level=lab.bloom_level or (lesson.bloom_level if lesson else "") or module.bloom_level,
        minutes=minutes,
        word_target=word_target(minutes, len(lab.activities)),
        hardware=tuple(planned["hardware"]) if planned else (),
        software=tuple(planned["software"]) if planned else (),
        steps=tuple(planned["steps"]) if planned else (),
        audience=outline.audience,
        prerequisites=outline.prerequisites,
    )


def lab_request(brief: LabBrief) -> TextRequest:
    """The request for a guide. `max_tokens` follows the word target: providers reserve it of a quota at once."""
    prompt = LAB.prompt(brief.language)
    system, user = prompt.fill(
        {
            **prompts.about_course(brief),
            "lesson": one_line(brief.lesson_title),
            "title": one_line(brief.lab_title),
            "description": one_line(brief.description),
            "bloom": one_line(brief.bloom_level),
            "minutes": round(brief.minutes),
            "demands": prompts.bulleted(prompt.phrases[name] for name in bloom_levels(brief.bloom_level)),
            "objectives": prompts.numbered(brief.objectives),
            "activities": prompts.numbered(brief.activities),
            "steps": prompts.numbered(brief.steps),
            "hardware": prompts.bulleted(brief.hardware),
            "software": prompts.bulleted(brief.software),
            "words": brief.word_target,
        }
    )
    return TextRequest(system, user, math.ceil(brief.word_target * TOKENS_PER_WORD) + SPARE_TOKENS, brief)


def lab_fingerprint(outline: Outline, placed: PlacedLab) -> str:
    """What a guide is made from, as 64 hexadecimal digits: a stored guide of another fingerprint is stale.

    The plan does not count: a module is planned anew when any of its labs has changed, in other words each time, and
    the guides of the labs that have not changed are to stay.
    """
    return prompts.fingerprint(LAB.prompt(outline.language).version, lab_brief(outline, placed))


def plan_brief(outline: Outline, labs: Sequence[PlacedLab]) -> LabPlanBrief:
    """What the outline says of the labs of one module, of which there is at least one."""
    module = labs[0].module
    return LabPlanBrief(
        course_title=outline.title,
        language=outline.language,
        level=outline.level,
        module_number=module.number,
        module_title=module.title,
        labs=tuple(lab_brief(outline, placed) for placed in labs),
        audience=outline.audience,
        prerequisites=outline.prerequisites,
    )


def plan_request(outline: Outline, labs: Sequence[PlacedLab]) -> TextRequest:
    """The request for the plan of the labs of one module."""
    brief = plan_brief(outline, labs)
    prompt = LAB_PLAN.prompt(brief.language)
    system, user = prompt.fill(
        {
            **prompts.about_course(brief),
            "labs": "\n\n".join(
                _lab(placed, lab.bloom_level, prompt) for placed, lab in zip(labs, brief.labs, strict=True)
            ),
            "first_id": lab_id(labs[0]),
        }
    )
    return TextRequest(system, user, PLAN_TOKENS_PER_LAB * len(labs) + SPARE_TOKENS, brief)


def plan_fingerprint(outline: Outline, labs: Sequence[PlacedLab]) -> str:
    """What a module's plan is made from: a stored plan of another fingerprint is stale."""
    return prompts.fingerprint(LAB_PLAN.prompt(outline.language).version, plan_brief(outline, labs))


def _lab(placed: PlacedLab, bloom_level: str, prompt: prompts.Prompt) -> str:
    """What the outline says of one lab, as an entry of a list; minutes left open are the model's to choose."""
    lab = placed.lab
    facts = {
        "lesson": placed.lesson.title if placed.lesson else "",
        "description": lab.description,
        "objectives": "; ".join(lab.objectives),
        "activities": "; ".join(lab.activities),
        "bloom": bloom_level,
        "minutes": f"{lab.duration_minutes:g}" if lab.duration_minutes else "",
    }
    told = [f"  {prompt.phrases[name]}: {one_line(value)}" for name, value in facts.items() if value.strip()]
    return "\n".join([f"- {lab_id(placed)}: {one_line(lab.title)}", *told])
