"""The rules of run options: what a request, a stack setting and a record may hold of each kind of option.

Standard library only, as `functions.courses.options` is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, get_args

from aurora.runtime.errors import BadRequest
from functions.outline.units import UNIT_KINDS, unit_of
from functions.progress.money import MICRO

Content = Literal["theory", "labs", "both", "slides"]
"""What a run makes: lessons and their book, lab guides and their book, both, or slides of what is written."""


@dataclass(frozen=True)
class Setting:
    """A stack setting that decides what a request leaves out. `name` is in snake case, "" for the option's own."""

    default: Any
    description: str
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Option(ABC):
    """The rule of an option. `help` is the command line's, without which it has no such option; `panel` heads it there.

    `instead` names fields of a request that count where the option's own is left out.
    """

    help: str = ""
    panel: str = ""
    setting: Setting | None = None
    instead: tuple[str, ...] = ()

    absent: ClassVar[Any] = None
    """The value where neither a request nor a setting decides, and in records older than the option."""

    @abstractmethod
    def read(self, field: str, value: Any) -> Any:
        """The option's value for `value` of a request's `field`, None where that says nothing.

        Raises BadRequest that says what the field may be.
        """

    def stored(self, setting: Any) -> Any:
        """The option's value for that of its setting."""
        return setting

    def shown(self, value: Any) -> Any:
        """The option's value as the API shows it: what a request may say to ask for the same again."""
        return value


@dataclass(frozen=True, kw_only=True)
class ContentChoice(Option):
    """One of `Content`."""

    absent = "theory"

    def read(self, field: str, value: Any) -> Content | None:
        if _text(field, value) not in (None, *get_args(Content)):
            raise BadRequest(f"{field} must be one of {', '.join(get_args(Content))}; not {value!r}.")
        return value


@dataclass(frozen=True, kw_only=True)
class Flag(Option):
    """True or false."""

    absent = False

    def read(self, field: str, value: Any) -> bool | None:
        if value is not None and not isinstance(value, bool):
            raise BadRequest(f"{field} must be true or false.")
        return value


@dataclass(frozen=True, kw_only=True)
class ModuleNumbers(Option):
    """Numbers of modules; None for all."""

    def read(self, field: str, value: Any) -> list[int] | None:
        if value is None:
            return None
        if not isinstance(value, list) or not value or not all(type(number) is int for number in value):
            raise BadRequest(f"{field} must be a list of module numbers, or be left out for all of them.")
        return sorted(set(value))


@dataclass(frozen=True, kw_only=True)
class UnitIds(Option):
    """Ids of units; None for all."""

    def read(self, field: str, value: Any) -> list[str] | None:
        if value is None:
            return None
        if not isinstance(value, list) or not value or not all(isinstance(id_, str) and unit_of(id_) for id_ in value):
            first, *others = (f'"{kind.id(3, 2)}"' for kind in UNIT_KINDS.values())
            raise BadRequest(f"{field} must be a list of units, such as {first} or {' or '.join(others)}.")
        return sorted(set(value))


@dataclass(frozen=True, kw_only=True)
class Text(Option):
    """A short text on one line; `what` says in a refusal what it is."""

    what: str
    longest: int

    absent = ""

    def read(self, field: str, value: Any) -> str | None:
        text = (_text(field, value) or "").strip()
        if len(text) > self.longest or not text.isprintable():
            raise BadRequest(f"{field} must be {self.what}: at most {self.longest} characters.")
        return text or None


@dataclass(frozen=True, kw_only=True)
class LimitedOption(Option):
    """An option of which a stack may allow less than its rule does."""

    @abstractmethod
    def limited(self, limit: Any) -> Option:
        """The option with the stack's limit, as `functions.courses.options.limits` has it."""


@dataclass(frozen=True, kw_only=True)
class Model(LimitedOption):
    """A model of that kind, one of the `names` that a stack has.

    Where neither a request nor the stack names one, it is that of the option `otherwise`.
    """

    kind: Literal["text", "image"]
    otherwise: str = ""
    names: tuple[str, ...] = ()

    absent = ""

    def read(self, field: str, value: Any) -> str | None:
        name = _text(field, value)
        if name and name not in self.names:
            raise BadRequest(f"Unknown model {name!r}. Available: {', '.join(self.names)}.")
        return name or None

    def limited(self, limit: Sequence[str]) -> Model:
        return replace(self, names=tuple(limit))


@dataclass(frozen=True, kw_only=True)
class Number(LimitedOption):
    """A whole number; the setting `max_setting` of a stack may allow less than `maximum`."""

    minimum: int
    maximum: int
    max_setting: Setting | None = None

    absent = 0

    def read(self, field: str, value: Any) -> int | None:
        if value is not None and (type(value) is not int or not self.minimum <= value <= self.maximum):
            raise BadRequest(f"{field} must be a whole number from {self.minimum} to {self.maximum}.")
        return value

    def limited(self, limit: int) -> Number:
        return replace(self, maximum=limit)


@dataclass(frozen=True, kw_only=True)
class Dollars(LimitedOption):
    """US dollars in requests and settings, kept as millionths; 0 is no limit. A request may not exceed the stack's."""

    maximum: float = 1_000_000

    absent = 0

    def read(self, field: str, value: Any) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= self.maximum:
            raise BadRequest(f"{field} must be US dollars: more than 0 and at most {self.maximum:,.10g}.")
        return max(1, round(value * MICRO))  # 0 would be no limit

    def limited(self, limit: float) -> Dollars:
        return replace(self, maximum=limit or self.maximum)

    def stored(self, setting: float) -> int:
        return round(setting * MICRO)

    def shown(self, value: int) -> float | None:
        return value / MICRO or None


def _text(field: str, value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise BadRequest(f"{field} must be text.")
    return value
