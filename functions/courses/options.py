"""What a run of a course may be asked for: each option is one field of `RunOptions`, its rule beside its type.

The workflow's event, the stored record, the API's body, the command line and the stack's settings derive from these
fields, bounds and defaults included. Standard library only: the program that deploys reads them too, and API functions
must start fast.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, TypedDict, cast, get_type_hints

from functions.courses.rules import (
    Content,
    ContentChoice,
    Dollars,
    Flag,
    Model,
    ModuleNumbers,
    Number,
    Option,
    Setting,
    Text,
    UnitIds,
)
from functions.outline.units import Kind

CONTENT_KINDS: Final[Mapping[Content, tuple[Kind, ...]]] = {
    "theory": ("lesson",),
    "labs": ("lab",),
    "both": ("lesson", "lab"),
    "slides": ("slides",),
}
"""The kinds of units that a run makes; slides may be asked for beside the others."""

_MODELS: Final = "Models (the site lists them)"
_WRITING: Final = "Writing (defaults: the stack's settings)"


class RunOptions(TypedDict):
    """What a run makes of a course, and how; every option has a value.

    `modules` None means all. `only` names units ("03-02", "lab-03-01", "slides-03") that alone are made, and made
    again. `language` "" is the outline's own. `budget` is in millionths of a US dollar, 0 for no limit.
    """

    content: Annotated[
        Content, ContentChoice(help="Lessons and their book, lab guides and their book, both, or slides.")
    ]
    slides: Annotated[bool, Flag(help="Also make slides of the lessons, one file for each module.")]
    modules: Annotated[list[int] | None, ModuleNumbers(help="Only these modules.")]
    only: Annotated[
        list[str] | None, UnitIds(help="Write only these units, even if they exist, and rebuild the books.")
    ]
    force: Annotated[bool, Flag(help="Write units again that exist already.")]
    lesson_model: Annotated[
        str,
        Model(
            kind="text",
            instead=("model",),
            setting=Setting("sample", "the model that writes lessons when a request names none", name="text_model"),
        ),
    ]
    lab_model: Annotated[
        str,
        Model(
            kind="text",
            help="The model that writes lab guides.",
            panel=_MODELS,
            instead=("model",),
            otherwise="lesson_model",
            setting=Setting("", "the model that writes lab guides; textModel where it is not set"),
        ),
    ]
    plan_model: Annotated[
        str,
        Model(
            kind="text",
            help="The model that plans labs.",
            panel=_MODELS,
            instead=("model",),
            otherwise="lesson_model",
            setting=Setting("", "the model that plans labs; textModel where it is not set"),
        ),
    ]
    image_model: Annotated[
        str,
        Model(
            kind="image",
            help="The model that draws images.",
            panel=_MODELS,
            setting=Setting("sample", "the model that draws images when a request names none"),
        ),
    ]
    budget: Annotated[
        int,
        Dollars(
            help="Maximum total cost of the course, in US dollars.",
            panel=_MODELS,
            setting=Setting(0.0, "maximum total cost of a course in US dollars; 0 for no limit", name="course_budget"),
        ),
    ]
    language: Annotated[
        str,
        Text(
            what="a language, such as es or Español",
            longest=40,
            help="The language to write in, as in es; by default the outline's.",
            panel=_WRITING,
            setting=Setting("", "the language to write in when it is not the outline's own"),
        ),
    ]
    words_per_minute: Annotated[
        int,
        Number(
            minimum=1,
            maximum=400,
            help="Words of text for each minute of a lesson.",
            panel=_WRITING,
            setting=Setting(45, "words of text for one minute of a lesson"),
        ),
    ]
    min_words: Annotated[
        int,
        Number(
            minimum=50,
            maximum=20_000,
            help="Minimum words of a lesson.",
            panel=_WRITING,
            setting=Setting(1000, "minimum words of a lesson"),
        ),
    ]
    max_words: Annotated[
        int,
        Number(
            minimum=50,
            maximum=20_000,
            help="Maximum words of a lesson.",
            panel=_WRITING,
            setting=Setting(5000, "maximum words of a lesson"),
        ),
    ]
    lessons_per_batch: Annotated[
        int,
        Number(
            minimum=1,
            maximum=20,
            help="Lessons in one call of a function.",
            panel=_WRITING,
            setting=Setting(3, "lessons in one call of ContentGen", name="max_lessons_per_batch"),
        ),
    ]
    labs_per_batch: Annotated[
        int,
        Number(
            minimum=1,
            maximum=20,
            help="Labs in one call of a function.",
            panel=_WRITING,
            setting=Setting(2, "labs in one call of LabWriter", name="max_labs_per_batch"),
        ),
    ]
    max_concurrency: Annotated[
        int,
        Number(
            minimum=1,
            maximum=40,
            help="Batches written at the same time.",
            panel=_WRITING,
            setting=Setting(2, "batches written at the same time"),
            max_setting=Setting(10, "maximum batches at a time that a request may ask for", name="concurrency_limit"),
        ),
    ]


OPTIONS: Final[Mapping[str, Option]] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(RunOptions, include_extras=True).items()
}
"""The rule of each option, in the order of the fields."""
REQUEST_OPTIONS: Final[Mapping[str, Option]] = {
    "model": Model(kind="text", help="The model for all texts.", panel=_MODELS),
    **OPTIONS,
}
"""The options of a request: `model` is short for those of every model of texts."""


def field_name(name: str) -> str:
    """An option's name in a request: "maxWords" of "max_words"."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _settings() -> Iterator[tuple[str, Setting, Option]]:
    for name, option in OPTIONS.items():
        if option.setting:
            yield option.setting.name or name, option.setting, option
        if isinstance(option, Number) and option.max_setting:
            yield option.max_setting.name, option.max_setting, option


SETTINGS: Final = tuple(_settings())
"""Every stack setting of the options: its name in snake case, what it is, and the option whose bounds it has."""


def defaults(stack: Mapping[str, Any]) -> RunOptions:
    """The options of a request that leaves out all of them, by the settings of a stack."""

    def default(name: str) -> Any:
        option = OPTIONS[name]
        value = option.setting and option.stored(stack[option.setting.name or name])
        if isinstance(option, Model) and option.otherwise:
            return value or default(option.otherwise)
        return option.absent if value is None else value

    return cast("RunOptions", {name: default(name) for name in OPTIONS})


def limits(stack: Mapping[str, Any], models: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What a stack allows of the options that it restricts, by its settings and the names of its models by kind."""
    allowed: dict[str, Any] = {}
    for name, option in REQUEST_OPTIONS.items():
        if isinstance(option, Model):
            allowed[name] = list(models[option.kind])
        elif isinstance(option, Number) and option.max_setting:
            allowed[name] = stack[option.max_setting.name]
        elif isinstance(option, Dollars) and option.setting:
            allowed[name] = stack[option.setting.name or name]
    return allowed


def stored(item: Mapping[str, Any]) -> RunOptions:
    """The options that a record holds, whatever options there were when it was written."""
    return cast("RunOptions", {name: item.get(name, option.absent) for name, option in OPTIONS.items()})
