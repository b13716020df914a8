"""Passwords, from the environment or a prompt. Never from an argument, which every user of the machine can read."""

from __future__ import annotations

import getpass
import os
import sys
from typing import Final

from aurora.errors import InvalidInput

NEW_PASSWORD_VARIABLE: Final = "AURORA_NEW_PASSWORD"


def prompt_for(prompt: str, variable: str, *, secret: bool = True) -> str:
    """The value of an environment variable or, if it is not set, what the user types at the prompt.

    A ``secret`` is not shown while it is typed. Without a terminal, a line is read from standard input.

    Raises:
        EOFError: there is neither.
    """
    if given := os.environ.get(variable):
        return given
    if secret and sys.stdin is not None and sys.stdin.isatty():
        return getpass.getpass(f"{prompt}: ")
    return input(f"{prompt}: " if sys.stdin is not None and sys.stdin.isatty() else "")


def read_new_password() -> str:
    """A new password for a user, as `prompt_for` gets it.

    Raises:
        InvalidInput: there is none.
    """
    try:
        password = prompt_for("New password", NEW_PASSWORD_VARIABLE)
    except EOFError:
        password = ""
    if not password:
        raise InvalidInput(
            f"--password needs a password: set {NEW_PASSWORD_VARIABLE}, pipe it in, or type it in a terminal."
        )
    return password
