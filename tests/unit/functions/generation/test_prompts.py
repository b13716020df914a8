from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from aurora.runtime.errors import ConfigurationError
from functions.content.prompting import LESSON
from functions.generation.prompts import LANGUAGES, Step, fingerprint
from functions.labs.prompting import LAB, LAB_PLAN

FUNCTIONS = Path(__file__).parents[4] / "functions"
STEPS = (LESSON, LAB_PLAN, LAB)
FILE = "---\nversion: 3\n---\n\n# System\n\nBe {{manner}}.\n\n# User\n\n{}\n"


def step(folder: Path, user: str, slots: str = "") -> Step:
    (folder / "toast.en.md").write_text(FILE.replace("{}", user), encoding="utf-8")
    return Step(folder, "toast", f"manner {slots}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("one", STEPS, ids=lambda one: one.name)
def test_every_step_has_a_file_in_every_language_with_the_slots_and_phrases_that_it_fills(
    one: Step, language: str
) -> None:
    prompt = one.prompt(language)
    assert prompt.version.startswith(f"{one.name}/")
    assert prompt.slots == set(one.slots.split())
    assert prompt.phrases.keys() == set(one.phrases.split())


def test_no_file_of_prompts_is_there_that_no_step_reads() -> None:
    read = {one.folder / f"{one.name}.{language}.md" for one in STEPS for language in LANGUAGES}
    assert set(FUNCTIONS.glob("*/prompts/*")) == read


def test_a_prompt_is_filled_with_values_that_are_taken_literally(tmp_path: Path) -> None:
    prompt = step(tmp_path, "Name: {{name}} {not a slot}", "name").prompt("en")
    assert prompt.version == "toast/3"
    assert prompt.fill({"manner": "kind", "name": r"{{manner}} \1"}) == (
        "Be kind.",
        r"Name: {{manner}} \1 {not a slot}",
    )


def test_lines_and_paragraphs_that_have_nothing_to_say_are_left_out(tmp_path: Path) -> None:
    user = "Begin.\n\nName: {{name}}\nAge: {{age}}\n\nFriends, by name:\n{{friends}}\n\nEnd."
    prompt = step(tmp_path, user, "name age friends").prompt("en")
    _, said = prompt.fill({"manner": "kind", "name": "", "age": 7, "friends": " "})
    assert said == "Begin.\n\nAge: 7\n\nEnd."


def test_a_prompt_takes_no_fewer_and_no_other_values_than_it_has_slots(tmp_path: Path) -> None:
    prompt = step(tmp_path, "{{name}}", "name").prompt("en")
    with pytest.raises(ConfigurationError, match="other slots than it has: age, name"):
        prompt.fill({"manner": "kind", "age": "7"})


@pytest.mark.parametrize(
    ("user", "said"),
    [
        ("Nothing.", "lacks name"),
        ("{{name}} {{nmae}}", "has the unknown nmae"),
        ("{{name}} {{ name }}", "braces that are no slot"),
        ("{{name}}\n\n# Phrases\n\ngreeting: Hello", "has the unknown greeting"),
        ("{{name}}\n\n# Phrases\n\ngreeting:", "phrase without a text"),
        ("{{name}}\n\n# More\n\nText", "must have the parts"),
    ],
)
def test_a_file_at_fault_cannot_be_loaded(tmp_path: Path, user: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        step(tmp_path, user, "name").prompt("en")


@pytest.mark.parametrize("front", ["", "---\nversion: one\n---\n", "---\nversion: 1\nmood: good\n---\n"])
def test_a_file_must_begin_with_its_version(tmp_path: Path, front: str) -> None:
    one = step(tmp_path, "Text.")
    path = tmp_path / "toast.en.md"
    path.write_text(front + path.read_text().split("---\n")[-1])
    with pytest.raises(ConfigurationError, match="front matter"):
        one.prompt("en")


@pytest.mark.parametrize(("language", "read"), [("es-MX", "es"), ("Español", "es"), ("en-GB", "en"), ("et", "en")])
def test_a_language_without_a_file_is_written_from_the_english_one(language: str, read: str) -> None:
    assert LESSON.prompt(language) == LESSON.prompt(read)


@dataclass(frozen=True)
class Part:
    name: str
    word_target: int


@dataclass(frozen=True)
class Whole:
    parts: tuple[Part, ...]


def test_a_fingerprint_changes_with_version_and_brief_but_not_with_a_word_target() -> None:
    whole = Whole((Part("Käse", 100),))
    assert fingerprint("toast/1", whole) == fingerprint("toast/1", Whole((Part("Käse", 900),)))
    others = {fingerprint("toast/2", whole), fingerprint("toast/1", Whole((Part("Kase", 100),)))}
    assert len({fingerprint("toast/1", whole), *others}) == 3
    assert len(fingerprint("toast/1", whole)) == 64
