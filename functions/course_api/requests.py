"""What a request to start an execution may say: the options of a run, checked and filled up with the stack's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from aurora.runtime.errors import BadRequest
from functions.courses.options import CONTENT_KINDS, OPTIONS, REQUEST_OPTIONS, RunOptions, field_name
from functions.courses.rules import Content, LimitedOption
from functions.outline.units import SLIDES, unit_of

FIELDS: Final = ("uploadId", *map(field_name, REQUEST_OPTIONS))


def only_known(body: Mapping[str, Any], names: Iterable[str]) -> None:
    """Refuse fields that nobody would read: a misspelt "modules" would generate, and cost, the whole course."""
    known = tuple(names)
    unknown = sorted(set(body) - set(known))
    if unknown:
        there = f"Known fields: {', '.join(known)}." if known else "This request takes no fields."
        raise BadRequest(f"Unknown fields: {', '.join(unknown)}. {there}")


def text(body: Mapping[str, Any], name: str) -> str | None:
    """The text of that name, None if there is none. Raises BadRequest for anything else."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise BadRequest(f"{name} must be text.")
    return value


def run_options(body: Mapping[str, Any], defaults: Mapping[str, Any], limits: Mapping[str, Any]) -> RunOptions:
    """The run that `body` asks for; `defaults` and `limits` are the stack's, by the names of options.

    Raises BadRequest naming the first field that is wrong and what it may be.
    """
    only_known(body, FIELDS)
    said: dict[str, Any] = {}
    for name, option in OPTIONS.items():
        limited = option.limited(limits[name]) if isinstance(option, LimitedOption) and name in limits else option
        for each in (name, *option.instead):
            value = limited.read(field_name(each), body.get(field_name(each)))
            if value is not None:
                said.setdefault(name, value)
    options = cast("RunOptions", {**defaults, **said})
    if options["only"] is not None:
        if options["modules"] is not None:
            raise BadRequest("Give either only (single units) or modules (whole modules), not both.")
        if "content" not in said:
            options["content"] = _content_of(options["only"])
    if options["min_words"] > options["max_words"]:
        raise BadRequest(
            f"minWords ({options['min_words']}) must not be greater than maxWords ({options['max_words']})."
        )
    return options


def _content_of(only: Iterable[str]) -> Content:
    """What is to be made where a request names units and not this."""
    kinds = {found[0] for id_ in only if (found := unit_of(id_))}
    made = kinds - {SLIDES.name} or kinds
    return next(content for content, own in CONTENT_KINDS.items() if made == set(own))
