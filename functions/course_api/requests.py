"""What a request to start an execution may say, checked and filled up with the stack's own settings.

Knows neither HTTP nor storage. What a request leaves out is as the stack has it; what it says is held within limits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, get_args

from aurora.runtime.errors import BadRequest
from functions.courses.events import Content
from functions.courses.records import ExecutionRequest
from functions.outline.units import unit_of
from functions.progress.records import MICRO

if TYPE_CHECKING:
    from functions.course_api.settings import StarterApiSettings

FIELDS: Final = (
    *("uploadId", "content", "slides", "modules", "only", "force", "language"),
    *("model", "lessonModel", "planModel", "labModel", "imageModel"),
    *("wordsPerMinute", "minWords", "maxWords", "lessonsPerBatch", "labsPerBatch", "maxConcurrency", "budget"),
)
_CONTENTS: Final[tuple[str, ...]] = get_args(Content)
_LONGEST_LANGUAGE: Final = 40


def only_known(body: Mapping[str, Any], names: Iterable[str]) -> None:
    """Refuse fields that nobody would read: a misspelt "modules" would generate, and cost, the whole course."""
    known = tuple(names)
    unknown = sorted(set(body) - set(known))
    if unknown:
        there = f"Known are: {', '.join(known)}." if known else "There are none to give."
        raise BadRequest(f"Unknown fields: {', '.join(unknown)}. {there}")


def text(body: Mapping[str, Any], name: str) -> str | None:
    """The text of that name, None if there is none. Raises BadRequest for anything else."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise BadRequest(f"{name} must be text.")
    return value


def execution_request(body: Mapping[str, Any], settings: StarterApiSettings) -> ExecutionRequest:
    """The execution that `body` asks for. Raises BadRequest naming the first field that is wrong and what it may be."""
    only_known(body, FIELDS)
    only = _only(body)
    min_words = _number(body, "minWords", 50, 20_000, settings.min_words)
    max_words = _number(body, "maxWords", 50, 20_000, settings.max_words)
    if min_words > max_words:
        raise BadRequest(f"minWords ({min_words}) must not be greater than maxWords ({max_words}).")

    def text_model(name: str, default: str) -> str:
        given = text(body, name) or text(body, "model")
        return _model(given or default, settings.text_models)

    return ExecutionRequest(
        content=_content(body, only),
        slides=_flag(body, "slides"),
        modules=_modules(body),
        only=only,
        force=_flag(body, "force"),
        language=_language(body) or settings.language,
        lesson_model=text_model("lessonModel", settings.lesson_model),
        plan_model=text_model("planModel", settings.plan_model),
        lab_model=text_model("labModel", settings.lab_model),
        image_model=_model(text(body, "imageModel") or settings.image_model, settings.image_models),
        words_per_minute=_number(body, "wordsPerMinute", 1, 400, settings.words_per_minute),
        min_words=min_words,
        max_words=max_words,
        lessons_per_batch=_number(body, "lessonsPerBatch", 1, 20, settings.lessons_per_batch),
        labs_per_batch=_number(body, "labsPerBatch", 1, 20, settings.labs_per_batch),
        max_concurrency=_number(body, "maxConcurrency", 1, settings.concurrency_limit, settings.max_concurrency),
        budget=_budget(body, settings.course_budget),
    )


def _content(body: Mapping[str, Any], only: tuple[str, ...] | None) -> Content:
    """What is to be made; where a request names units and not this, it follows from the units."""
    value = text(body, "content")
    kinds = {kind for id_ in only or () if (found := unit_of(id_)) for kind in found[:1]}
    if value is None:
        if kinds >= {"lesson", "lab"}:
            return "both"
        if kinds == {"slides"}:
            return "slides"
        return "labs" if "lab" in kinds else "theory"
    for content in get_args(Content):
        if value == content:
            return content
    raise BadRequest(f"content must be one of {', '.join(_CONTENTS)}; not {value!r}.")


def _only(body: Mapping[str, Any]) -> tuple[str, ...] | None:
    value = body.get("only")
    if value is None:
        return None
    if not isinstance(value, list) or not value or not all(isinstance(id_, str) and unit_of(id_) for id_ in value):
        raise BadRequest('only must be a list of units, such as "03-02", "lab-03-01" or "slides-03".')
    if body.get("modules") is not None:
        raise BadRequest("only names units and modules whole modules: a request can have one of them.")
    return tuple(sorted(set(value)))


def _modules(body: Mapping[str, Any]) -> tuple[int, ...] | None:
    value = body.get("modules")
    if value is None:
        return None
    if not isinstance(value, list) or not value or not all(type(number) is int for number in value):
        raise BadRequest("modules must be a list of module numbers, or be left out for all of them.")
    return tuple(sorted(set(value)))


def _flag(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise BadRequest(f"{name} must be true or false.")
    return bool(value)


def _language(body: Mapping[str, Any]) -> str:
    value = (text(body, "language") or "").strip()
    if len(value) > _LONGEST_LANGUAGE or not value.isprintable():
        raise BadRequest(f"language must be a language, such as es or Español: at most {_LONGEST_LANGUAGE} characters.")
    return value


def _number(body: Mapping[str, Any], name: str, least: int, most: int, default: int) -> int:
    value = body.get(name)
    if value is None:
        return default
    if type(value) is not int or not least <= value <= most:
        raise BadRequest(f"{name} must be a whole number from {least} to {most}.")
    return value


def _budget(body: Mapping[str, Any], limit: float) -> int:
    """In millionths of a US dollar: the request's own, or the stack's, which it cannot exceed."""
    value = body.get("budget")
    if value is None:
        return round(limit * MICRO)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= (limit or 1e6):
        least = f"at most {limit:g}, which is the most here" if limit else "a million at most"
        raise BadRequest(f"budget must be US dollars: more than 0 and {least}.")
    return max(1, round(value * MICRO))  # 0 would be no limit


def _model(name: str, allowed: str) -> str:
    names = allowed.split(",")
    if name not in names:
        raise BadRequest(f"There is no model {name!r} here. There is: {', '.join(names)}.")
    return name
