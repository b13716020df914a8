"""Errors of a local platform; each message is one sentence for the user."""

from __future__ import annotations

from aurora.errors import CommandError


class LocalError(CommandError):
    """The local platform failed; the message is one sentence for the user, with the remedy."""


class EmulatorError(LocalError):
    """The embedded AWS did not start, or ended too early."""


class ProgramError(LocalError):
    """``__main__.py`` cannot be deployed locally: it failed, or declares something that the local platform lacks."""


class DataInUse(LocalError):
    """Another local platform keeps its data in the same folder."""
