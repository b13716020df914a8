"""How a command or the program fails: exceptions whose message is for the person who typed the command."""

from __future__ import annotations

from typing import Final

COMPLETE: Final = 0
FAILED: Final = 1
INVALID: Final = 2
INCOMPLETE: Final = 3
INTERRUPTED: Final = 130


class DeclarationError(Exception):
    """What the project declares, or its stack's settings, cannot be deployed; the message says what to change."""


class CommandError(Exception):
    """What was asked cannot be done; the message is for the person who asked and says what to do next."""

    exit_code = FAILED


class InvalidInput(CommandError):
    """The outline or the command line is wrong: nothing was started and nothing was overwritten."""

    exit_code = INVALID


class PlatformLost(CommandError):
    """The platform stopped answering while it was needed."""


class SignInFailed(CommandError):
    """The user name and password were not accepted, or no longer are."""
