"""Reads the instructions for text models: one versioned file for each step and language, filled with a brief's values.

A file `<step>.<language>.md` holds front matter (`version: 1`) and, each under a first-level heading of that name, the
parts System, User and, where the values of slots are made of them, Phrases (`name: text`, one a line). `{{name}}` in
System and User is a slot. What an outline leaves open is not asked about: a line all of whose slots are empty is left
out, and so is a whole paragraph all of whose slots are.

The version is part of what makes a stored text stale. Raise it with a change that is worth paying every text again
for; a mended typo is not. Standard library only.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aurora.runtime.errors import ConfigurationError
from functions.text.languages import primary_language
from functions.text.words import one_line

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from functions.models import LabBrief, LabPlanBrief, LessonBrief

LANGUAGES: Final = ("en", "es")
"""The languages that every step has a file of. The first one stands in for all others: it tells which to write in."""

_FRONT = re.compile(r"---\nversion: *([1-9]\d*)\n---\n")
_PART = re.compile(r"^# (.+)$", re.MULTILINE)
_SLOT = re.compile(r"{{(\w*)}}")


@dataclass(frozen=True)
class Prompt:
    """One file. `version` names the step too ("lesson/1"); `phrases` are words of that language by their names."""

    version: str
    system: str
    user: str
    phrases: Mapping[str, str]

    @property
    def slots(self) -> frozenset[str]:
        """The names of the slots in both parts."""
        return frozenset(_SLOT.findall(self.system + self.user))

    def fill(self, values: Mapping[str, str | int]) -> tuple[str, str]:
        """The system part and the user part with these values, one for each slot. What they say is taken literally."""
        if values.keys() != self.slots:
            differing = ", ".join(sorted(values.keys() ^ self.slots))
            raise ConfigurationError(f"The prompt {self.version} is filled with other slots than it has: {differing}.")
        texts = {name: str(value).strip() for name, value in values.items()}
        return _filled(self.system, texts), _filled(self.user, texts)


@dataclass(frozen=True)
class Step:
    """A step's files in `folder`, all of which must have exactly these slots and phrases (names between blanks)."""

    folder: Path
    name: str
    slots: str
    phrases: str = ""

    def prompt(self, language: str) -> Prompt:
        """The prompt for an outline's language ("es-MX", "Español"). Raises ConfigurationError for a file at fault."""
        primary = primary_language(language)
        return _read(self, primary if primary in LANGUAGES else LANGUAGES[0])


def fingerprint(version: str, brief: DataclassInstance) -> str:
    """What a text is made from, as 64 hexadecimal digits: the prompt's version and the brief without word targets.

    A target follows from settings and a pace; what is written for another one is no worse for it.
    """
    said = json.dumps([version, _without_targets(asdict(brief))], ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def about_course(brief: LessonBrief | LabBrief | LabPlanBrief) -> dict[str, str | int]:
    """The values of the slots that every step has: the course, its module and the language to write in."""
    return {
        "course": one_line(brief.course_title),
        "level": one_line(brief.level),
        "audience": "; ".join(map(one_line, brief.audience)),
        "prerequisites": "; ".join(map(one_line, brief.prerequisites)),
        "module_number": brief.module_number,
        "module": one_line(brief.module_title),
        "language": one_line(brief.language),
    }


def numbered(items: Iterable[str]) -> str:
    """A numbered list, "" of nothing."""
    return "\n".join(f"{number}. {one_line(item)}" for number, item in enumerate(items, start=1))


def bulleted(items: Iterable[str]) -> str:
    """A list with bullets, "" of nothing."""
    return "\n".join(f"- {one_line(item)}" for item in items)


@functools.cache
def _read(step: Step, language: str) -> Prompt:
    path = step.folder / f"{step.name}.{language}.md"
    text = path.read_text(encoding="utf-8")
    front = _FRONT.match(text)
    if front is None:
        raise ConfigurationError(f"{path.name} must begin with front matter that tells its version and nothing else.")
    before, *rest = _PART.split(text[front.end() :])
    names, parts = rest[::2], [part.strip() for part in rest[1::2]]
    if before.strip() or names not in (["System", "User"], ["System", "User", "Phrases"]):
        raise ConfigurationError(f"{path.name} must have the parts System, User and perhaps Phrases, in this order.")
    phrases = _phrases(path.name, parts[2] if parts[2:] else "")
    prompt = Prompt(f"{step.name}/{front[1]}", parts[0], parts[1], phrases)
    _require(path.name, "slots", prompt.slots, step.slots)
    _require(path.name, "phrases", frozenset(phrases), step.phrases)
    if not all(parts) or re.search(r"{{|}}", _SLOT.sub("", prompt.system + prompt.user)):
        raise ConfigurationError(f"{path.name} has an empty part, or braces that are no slot.")
    return prompt


def _phrases(file: str, part: str) -> dict[str, str]:
    pairs = [line.partition(": ") for line in part.splitlines() if line.strip()]
    phrases = {name: text.strip() for name, _, text in pairs}
    if len(phrases) < len(pairs) or not all(phrases.values()):
        raise ConfigurationError(f"{file} has a phrase without a text, or one name for two phrases.")
    return phrases


def _require(file: str, what: str, found: frozenset[str], wanted: str) -> None:
    names = frozenset(wanted.split())
    faults = [f"lacks {name}" for name in sorted(names - found)]
    faults += [f"has the unknown {name}" for name in sorted(found - names)]
    if faults:
        raise ConfigurationError(f"The {what} of {file} are not those that its step fills: it {', '.join(faults)}.")


def _filled(part: str, texts: Mapping[str, str]) -> str:
    paragraphs = (_paragraph(paragraph, texts) for paragraph in re.split(r"\n{2,}", part))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _paragraph(paragraph: str, texts: Mapping[str, str]) -> str:
    if not _is_said(paragraph, texts):
        return ""
    lines = [line for line in paragraph.split("\n") if _is_said(line, texts)]
    return _SLOT.sub(lambda slot: texts[slot[1]], "\n".join(lines))


def _is_said(template: str, texts: Mapping[str, str]) -> bool:
    """Whether a piece of a prompt has something to say: it has no slots, or one that is not empty."""
    slots = _SLOT.findall(template)
    return not slots or any(texts[name] for name in slots)


def _without_targets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_targets(inner) for name, inner in value.items() if name != "word_target"}
    if isinstance(value, (list, tuple)):
        return [_without_targets(inner) for inner in value]
    return value
