"""Exit codes of commands, and exceptions whose message is shown to the user."""

from __future__ import annotations

from typing import Final

COMPLETE: Final = 0
FAILED: Final = 1
INVALID: Final = 2
INCOMPLETE: Final = 3
"""Not all of it is done, or not yet: the help of each command that ends so says what it means."""
INTERRUPTED: Final = 130


class DeclarationError(Exception):
    """The project's declaration or the stack's settings cannot be deployed; the message says what to change."""


class CommandError(Exception):
    """A command cannot do its work; the message is shown to the user and says what to do next."""

    exit_code = FAILED


class InvalidInput(CommandError):
    """The command line, or a file that it names, is wrong: nothing was started and nothing was overwritten."""

    exit_code = INVALID


class PlatformLost(CommandError):
    """The platform stopped answering while it was needed."""


class SignInFailed(CommandError):
    """The user name and password are not accepted."""
