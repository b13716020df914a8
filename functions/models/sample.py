"""The built-in text model `sample`: writes a lesson from its outline alone, offline and for nothing; and plans and
guides of labs, see `sample_labs`.

Equal briefs give equal bytes on every platform: all choices are drawn from sha256 of the brief. What it writes is
marked as sample text, meets the word target within a few words and holds what books and checks must cope with:
sections for all topics, a table, a code block with a line that looks like a heading, lists and four visual tags.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass, field

from functions.models import LabBrief, LessonBrief, TextAnswer, TextRequest
from functions.models.errors import ModelTimeout
from functions.models.sample_labs import write_guide, write_plan
from functions.models.sample_phrases import Phrases, phrases_for
from functions.models.sample_text import (
    Deck,
    Dice,
    Slots,
    capital,
    ended,
    listed,
    plain,
    quoted,
    short,
    titled,
    words_in,
)
from functions.text.words import count_words, one_line


@dataclass(frozen=True)
class SampleModel:
    """`seconds_per_lesson`: how long any text is to take, to study a platform at the pace of a real model."""

    seconds_per_lesson: float = 0.0
    sleep: Callable[[float], None] = time.sleep

    def write(self, request: TextRequest, seconds: float) -> TextAnswer:
        """The text of `request.brief`; system, prompt and max_tokens are not read. Raises ModelTimeout."""
        if self.seconds_per_lesson > seconds:
            self.sleep(max(0.0, seconds))
            raise ModelTimeout(
                f"The sample model takes {self.seconds_per_lesson:g} s a text; {seconds:.0f} s were left."
            )
        if self.seconds_per_lesson:
            self.sleep(self.seconds_per_lesson)
        return TextAnswer(_text(request), input_tokens=0, output_tokens=0, model="sample")

    def max_cost(self, request: TextRequest) -> int:  # noqa: ARG002
        """Nothing: the sample model is free."""
        return 0


def _text(request: TextRequest) -> str:
    brief = request.brief
    if isinstance(brief, LessonBrief):
        return write_lesson(brief)
    return write_guide(brief) if isinstance(brief, LabBrief) else write_plan(brief)


def write_lesson(brief: LessonBrief) -> str:
    """The Markdown of a lesson, about `brief.word_target` words long (never shorter than its fixed parts)."""
    return _Writer(brief).lesson()


@dataclass
class _Section:
    """A part of a lesson about one topic: `subject` is the short form that sentences use."""

    heading: str
    subject: str
    blocks: list[str] = field(default_factory=list[str])
    visuals: list[str] = field(default_factory=list[str])


class _Writer:
    def __init__(self, brief: LessonBrief) -> None:
        self._brief = brief
        self._say = phrases_for(brief.language)
        self._dice = Dice(json.dumps(astuple(brief), ensure_ascii=True))
        names = ("role", "artifact", "quality", "risk", "moment", "evidence", "openings", "sentences", "list_leads")
        names += ("list_items", "subheadings", "visuals", "objectives", "questions", "mistakes")
        self._decks = {name: Deck(getattr(self._say, name), self._dice) for name in names}

    def lesson(self) -> str:
        sections = self._sections()
        before = [
            f"# {one_line(self._brief.lesson_title)}",
            f"> {self._say.notice}",
            self._introduction(),
            self._objectives(sections),
        ]
        after = [self._code(sections), self._table(sections)]
        optional = [self._steps(sections), self._mistakes(sections), self._summary(sections), self._questions(sections)]
        for section in sections:
            section.blocks += [f"## {section.heading}", self._paragraph(section.subject, sentences=1)]
        self._place_visuals(sections)

        used = words_in(before) + words_in(after) + sum(words_in(s.blocks) + words_in(s.visuals) for s in sections)
        for block in optional:  # a short lesson keeps room for what it is about
            if used + count_words(block) <= 0.7 * self._brief.word_target:
                used += count_words(block)
                after.append(block)
        for index, section in enumerate(sections):
            share = (self._brief.word_target - used) // (len(sections) - index)
            used += self._fill(section, share)
        blocks = [*before, *(block for section in sections for block in _with_visuals(section)), *after]
        return "\n\n".join(blocks) + "\n"

    def _sections(self) -> list[_Section]:
        topics = [one_line(topic) for topic in self._brief.topics] or _topics_in(self._brief.lesson_title, self._say)
        if topics:
            return [_Section(topic, short(topic)) for topic in topics]
        subject = short(self._brief.lesson_title)
        return [_Section(facet, subject) for facet in self._say.facets]

    def _fill(self, section: _Section, words: int) -> int:
        """Write about `words` more words into a section; returns how many they became."""
        written = 0
        round_ = 0
        while words - written > 5:
            left = words - written
            if left > 140 and round_ % 4 == 3:
                blocks = [f"### {self._decks['subheadings'].draw()}", self._list()]
            elif left > 40:
                blocks = [self._paragraph(section.subject, sentences=3 + self._dice.below(3), words=left)]
            else:
                blocks = [self._close(left)]
            section.blocks += blocks
            written += words_in(blocks)
            round_ += 1
        return written

    def _paragraph(self, subject: str, sentences: int, words: int = 10_000) -> str:
        """An opening about the subject and more sentences, as long as `words` allows."""
        text = self._sentence(self._decks["openings"].draw(), topic=f"*{plain(subject)}*")
        for _ in range(sentences):
            more = self._sentence(self._decks["sentences"].draw())
            if count_words(text) + count_words(more) > words + 5:
                break
            text = f"{text} {more}"
        return text

    def _close(self, words: int) -> str:
        """One or two sentences that come nearest to a small number of words."""
        candidates = [self._sentence(self._decks["sentences"].draw()) for _ in range(8)]
        candidates += [f"{candidates[0]} {other}" for other in candidates[1:]]
        return min(candidates, key=lambda text: abs(count_words(text) - words))

    def _list(self) -> str:
        items = [f"- {self._sentence(self._decks['list_items'].draw())}" for _ in range(3 + self._dice.below(2))]
        return "\n".join([self._decks["list_leads"].draw(), "", *items])

    def _introduction(self) -> str:
        brief, say = self._brief, self._say
        template = say.introduction[self._dice.below(len(say.introduction))]
        names = {"lesson": brief.lesson_title, "module": brief.module_title, "course": brief.course_title}
        parts = [template.format_map({name: plain(one_line(title)) for name, title in names.items()})]
        if brief.description.strip():
            parts.append(ended(plain(one_line(brief.description))))
        if brief.audience:
            parts.append(say.for_whom.format(audience=listed(brief.audience)))
        if brief.prerequisites:
            parts.append(say.you_need.format(prerequisites=listed(brief.prerequisites)))
        return " ".join(parts)

    def _objectives(self, sections: Sequence[_Section]) -> str:
        objectives = [plain(one_line(objective)) for objective in self._brief.objectives] or [
            self._sentence(self._decks["objectives"].draw(), topic=plain(section.subject)) for section in sections[:4]
        ]
        return titled(self._say.objectives_heading, "\n".join(f"- {ended(objective)}" for objective in objectives))

    def _code(self, sections: Sequence[_Section]) -> str:
        say = self._say
        title = one_line(self._brief.lesson_title)
        limits = [(section.subject, 2 + self._dice.below(30)) for section in sections[:4]]
        language, code = (_python, _json, _yaml)[self._dice.below(3)](title, limits)
        lead = say.code_leads[self._dice.below(len(say.code_leads))]
        after = self._sentence(say.code_after)
        return titled(say.code_heading, f"{lead}\n\n```{language}\n{code}\n```\n\n{after}")

    def _table(self, sections: Sequence[_Section]) -> str:
        say = self._say
        rows = [say.table_header, ("---",) * len(say.table_header)]
        for section in sections:
            cells = (self._decks[name].draw() for name in ("quality", "evidence", "risk"))
            subject = section.heading if section.heading in say.facets else section.subject
            rows.append((plain(subject), *map(capital, cells)))
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        return titled(say.table_heading, f"{say.table_lead}\n\n{table}")

    def _steps(self, sections: Sequence[_Section]) -> str:
        subject = plain(sections[self._dice.below(len(sections))].subject)
        steps = (self._sentence(step, topic=subject) for step in self._say.steps)
        return titled(self._say.steps_heading, "\n".join(f"{n}. {step}" for n, step in enumerate(steps, 1)))

    def _mistakes(self, sections: Sequence[_Section]) -> str:
        return titled(self._say.mistakes_heading, self._bullets("mistakes", sections, 4))

    def _questions(self, sections: Sequence[_Section]) -> str:
        return titled(self._say.questions_heading, self._bullets("questions", sections, 3))

    def _bullets(self, deck: str, sections: Sequence[_Section], count: int) -> str:
        subjects = [plain(sections[number % len(sections)].subject) for number in range(count)]
        return "\n".join(f"- {self._sentence(self._decks[deck].draw(), topic=subject)}" for subject in subjects)

    def _summary(self, sections: Sequence[_Section]) -> str:
        topics = listed([section.heading for section in sections])
        return titled(self._say.summary_heading, " ".join(s.format(topics=topics) for s in self._say.summary))

    def _place_visuals(self, sections: Sequence[_Section]) -> None:
        for number in range(self._brief.visuals):
            section = sections[number * len(sections) // self._brief.visuals]
            description = self._decks["visuals"].draw().format(topic=re.sub(r"[\[\]]", "", section.subject))
            section.visuals.append(f"[VISUAL: {self._brief.lesson_id}-{number + 1:04d} - {description}]")

    def _sentence(self, template: str, **given: str) -> str:
        return capital(template.format_map(Slots(self._decks, given)))


def _with_visuals(section: _Section) -> list[str]:
    """The blocks of a section with its visuals spread among them, each after a block that is no heading."""
    places = [place for place, block in enumerate(section.blocks) if not block.startswith("#")]
    after: dict[int, list[str]] = {}
    for number, visual in enumerate(section.visuals):
        after.setdefault(places[number * len(places) // len(section.visuals)], []).append(visual)
    return [text for place, block in enumerate(section.blocks) for text in (block, *after.get(place, ()))]


def _topics_in(title: str, say: Phrases) -> list[str]:
    """Topics that a title lists after a colon ("Gateway: routing, plugins and inspection"); [] if it lists none."""
    _, colon, rest = one_line(title).partition(":")
    parts = re.split(rf",\s+|\s+{say.joining}\s+", re.sub(r"\([^)]*\)", "", rest))
    names = [part.strip(" .;") for part in parts]
    names = [capital(name) if name[1:2].islower() else name for name in names]  # "mTLS" stays as it is
    return names if colon and len(names) > 1 and all(0 < len(name.split()) <= 6 for name in names) else []


def _python(title: str, limits: Iterable[tuple[str, int]]) -> tuple[str, str]:
    rows = "\n".join(f'    {quoted(name)}: {{"owner": "team", "limit": {limit}}},' for name, limit in limits)
    after = "def over_limit(name: str, measured: int) -> bool:\n    # A limit belongs to the work that it stops.\n"
    return "python", f'# {title}\nLIMITS = {{\n{rows}\n}}\n\n\n{after}    return measured > LIMITS[name]["limit"]'


def _json(title: str, limits: Iterable[tuple[str, int]]) -> tuple[str, str]:
    checks = [{"topic": name, "owner": "team", "limit": limit} for name, limit in limits]
    return "json", json.dumps({"lesson": title, "checks": checks}, ensure_ascii=False, indent=2)


def _yaml(title: str, limits: Iterable[tuple[str, int]]) -> tuple[str, str]:
    rows = "\n".join(f"  - topic: {quoted(name)}\n    owner: team\n    limit: {limit}" for name, limit in limits)
    return "yaml", f"# {title}\nlesson: {quoted(title)}\nchecks:\n{rows}"
