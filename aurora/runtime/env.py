"""A function's environment variables, declared once as a frozen dataclass and read once.

Standard library only: API functions must import fast, and the Pulumi program imports the dataclasses too.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Self, get_type_hints

from aurora.runtime.errors import ConfigurationError

_KINDS: Final[Mapping[type, str]] = {int: "a whole number", float: "a number", str: "text"}


@dataclass(frozen=True)
class Environment:
    """Base of a function's settings: field `visits_table` is variable `VISITS_TABLE`; types are str, int or float.

    There are no defaults: the program sets exactly the variables in `names()`.
    """

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The environment variables that this function reads, in order of declaration."""
        return tuple(field.name.upper() for field in fields(cls))

    def variables(self) -> dict[str, str]:
        """These settings as environment variables, the inverse of `read`."""
        return {field.name.upper(): str(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Settings from `environ` (default: the process's). Raises ConfigurationError with each bad variable."""
        source = os.environ if environ is None else environ
        kinds = get_type_hints(cls)
        values: dict[str, Any] = {}
        faults: list[str] = []
        for field in fields(cls):
            variable, kind = field.name.upper(), kinds[field.name]
            text = source.get(variable)
            if text is None:
                faults.append(f"{variable} is not set")
            elif not text:
                faults.append(f"{variable} is empty")
            else:
                try:
                    values[field.name] = kind(text)
                except ValueError:
                    faults.append(f"{variable} is {text!r}, which is not {_KINDS[kind]}")
        if faults:
            raise ConfigurationError(f"{cls.__name__}: {'; '.join(faults)}")
        return cls(**values)
