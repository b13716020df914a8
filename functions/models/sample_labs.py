"""What the `sample` model writes of labs: a module's plan as JSON, and guides as Markdown, from their briefs alone.

Equal briefs give equal bytes, as for lessons. A guide is marked as sample text and has every part that guides have: a
code block with lines that look like headings and visual tags, numbered steps, a checklist and a table.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple
from typing import Final

from functions.models import LabBrief, LabPlanBrief
from functions.models.sample_lab_phrases import LabPhrases, lab_phrases_for
from functions.models.sample_phrases import phrases_for
from functions.models.sample_text import Deck, Dice, Slots, capital, ended, listed, plain, short, titled
from functions.text.words import count_words, one_line

_WORDS_OF_A_STEP: Final = 30


def write_plan(brief: LabPlanBrief) -> str:
    """The plan of a module's labs, as the JSON that a real model is asked for."""
    return json.dumps({"labs": [_planned(lab) for lab in brief.labs]}, ensure_ascii=False, indent=2)


def write_guide(brief: LabBrief) -> str:
    """The Markdown of a lab guide, about `brief.word_target` words long (never shorter than its fixed parts)."""
    return _Guide(brief).write()


def _planned(brief: LabBrief) -> dict[str, object]:
    guide = _Guide(brief)
    say = guide.say
    return {
        "id": brief.lab_id,
        "objective": guide.objectives[0],
        "hardware": list(say.hardware[: 1 + guide.dice.below(len(say.hardware))]),
        "software": list(say.software[: 2 + guide.dice.below(len(say.software) - 1)]),
        "minutes": brief.minutes,
        "steps": [one_line(activity) for activity in brief.activities] or list(say.parts),
    }


class _Guide:
    def __init__(self, brief: LabBrief) -> None:
        self._brief = brief
        self.say: LabPhrases = lab_phrases_for(brief.language)
        self._shared = phrases_for(brief.language)
        self.dice = Dice(json.dumps(astuple(brief), ensure_ascii=True))
        shared = ("role", "artifact", "quality", "risk", "moment", "evidence")
        self._decks = {name: Deck(getattr(self._shared, name), self.dice) for name in shared}
        own = ("steps", "results", "checks", "reflection")
        self._decks |= {name: Deck(getattr(self.say, name), self.dice) for name in own}
        topic = short(brief.lab_title)
        given = [one_line(objective) for objective in brief.objectives]
        self.objectives = given or [capital(self._filled(template, topic)) for template in self.say.objectives]

    def write(self) -> str:
        say, brief = self.say, self._brief
        activities = [one_line(name) for name in brief.activities or brief.steps or say.parts]
        before = [
            f"# {one_line(brief.lab_title)}",
            f"> {self._shared.notice}",
            self._introduction(),
            titled(say.objectives_heading, "\n".join(f"- {ended(plain(it))}" for it in self.objectives)),
            self._materials(),
            self._duration(activities),
        ]
        after = [
            self._verification(),
            self._troubleshooting(),
            titled(say.cleanup_heading, _numbered(say.cleanup)),
            titled(say.reflection_heading, "\n".join(f"- {self._drawn('reflection')}" for _ in range(3))),
        ]
        used = sum(map(count_words, [*before, *after]))
        blocks = [*before, self._instructions(activities, brief.word_target - used), *after]
        return "\n\n".join(blocks) + "\n"

    def _introduction(self) -> str:
        brief, say = self._brief, self.say
        template = say.of_lesson if brief.lesson_title else say.of_module
        names = {"lesson": brief.lesson_title, "module": brief.module_title, "course": brief.course_title}
        parts = [template.format_map({name: plain(one_line(title)) for name, title in names.items()})]
        if brief.description.strip():
            parts.append(ended(plain(one_line(brief.description))))
        if brief.audience:
            parts.append(self._shared.for_whom.format(audience=listed(brief.audience)))
        if brief.prerequisites:
            parts.append(self._shared.you_need.format(prerequisites=listed(brief.prerequisites)))
        return " ".join(parts)

    def _materials(self) -> str:
        say, brief = self.say, self._brief
        lists = (
            (say.hardware_heading, brief.hardware or say.hardware[:1]),
            (say.software_heading, brief.software or say.software[:2]),
        )
        named = (f"### {name}\n\n" + "\n".join(f"- {plain(one_line(it))}" for it in items) for name, items in lists)
        return titled(say.materials_heading, "\n\n".join(named))

    def _duration(self, activities: Sequence[str]) -> str:
        minutes = round(self._brief.minutes)
        share, more = divmod(minutes, len(activities))
        parts = (f"- {plain(short(name))}: {share + (place < more)} min" for place, name in enumerate(activities))
        return titled(self.say.duration_heading, self.say.duration.format(minutes=minutes) + "\n\n" + "\n".join(parts))

    def _instructions(self, activities: Sequence[str], words: int) -> str:
        """The numbered steps of all activities, about `words` long together; each activity has two at least."""
        say = self.say
        blocks = [f"## {say.instructions_heading}", say.code_lead, self._code(), say.code_note]
        written = sum(map(count_words, blocks))
        number = 1
        for place, activity in enumerate(activities):
            heading = f"### {plain(activity)}"
            written += count_words(heading)
            share = (words - written) // (len(activities) - place)
            steps: list[str] = []
            length = 0
            while len(steps) < 2 or share - length > _WORDS_OF_A_STEP // 2:
                step = (
                    f"{number}. {self._drawn('steps', activity)} **{say.expected}** {self._drawn('results', activity)}"
                )
                steps.append(step)
                length += count_words(step)
                number += 1
            written += length
            blocks += [heading, "\n".join(steps)]
        return "\n\n".join(blocks)

    def _code(self) -> str:
        """What a guide's commands look like to whoever rewrites headings and tags of a text."""
        folder = self._brief.lab_id
        lines = [
            f"mkdir -p {folder} && cd {folder}",
            f"# {one_line(self._brief.lab_title)}",
            f"printf '%s\\n' '[VISUAL: not a tag]' 'limit={2 + self.dice.below(30)}' > settings.txt",
            "cat settings.txt",
        ]
        return "```sh\n" + "\n".join(lines) + "\n```"

    def _verification(self) -> str:
        checks = [*(ended(plain(it)) for it in self.objectives), *(self._drawn("checks") for _ in range(4))]
        body = "\n".join(f"- [ ] {check}" for check in checks)
        return titled(self.say.verification_heading, f"{self.say.verification_lead}\n\n{body}")

    def _troubleshooting(self) -> str:
        say = self.say
        rows = [say.troubles_header, ("---",) * len(say.troubles_header), *say.troubles]
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        return titled(say.troubleshooting_heading, f"{say.troubleshooting_lead}\n\n{table}")

    def _drawn(self, deck: str, topic: str = "") -> str:
        """The next sentence of a deck, about the lab as a whole unless it is given a topic."""
        subject = plain(short(topic or self._brief.lab_title))
        return capital(self._filled(self._decks[deck].draw(), f"*{subject}*"))

    def _filled(self, template: str, topic: str) -> str:
        return template.format_map(Slots(self._decks, {"topic": topic}))


def _numbered(items: Sequence[str]) -> str:
    return "\n".join(f"{number}. {item}" for number, item in enumerate(items, start=1))
