"""What a person types and nobody else may see: never an argument, which every user of the machine can read."""

from __future__ import annotations

import getpass
import os
import sys
from typing import Final

from aurora.errors import InvalidInput

NEW_PASSWORD_VARIABLE: Final = "AURORA_NEW_PASSWORD"


def asked(prompt: str, variable: str, *, secret: bool = True) -> str:
    """The value of an environment variable or, where it has none, what is typed at the prompt.

    A ``secret`` is not shown. Without a terminal a line of standard input is taken.

    Raises:
        EOFError: there is neither.
    """
    if given := os.environ.get(variable):
        return given
    if secret and sys.stdin is not None and sys.stdin.isatty():
        return getpass.getpass(f"{prompt}: ")
    return input(f"{prompt}: " if sys.stdin is not None and sys.stdin.isatty() else "")


def read_new_password() -> str:
    """A new password for somebody.

    Raises:
        InvalidInput: nobody gives one.
    """
    try:
        password = asked("New password", NEW_PASSWORD_VARIABLE)
    except EOFError:
        password = ""
    if not password:
        raise InvalidInput(
            f"--password needs a password: set {NEW_PASSWORD_VARIABLE}, pipe it in, or type it in a terminal."
        )
    return password
