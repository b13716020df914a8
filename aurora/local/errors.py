"""What can go wrong with a local platform, each said in one clear sentence."""

from __future__ import annotations

from aurora.errors import CommandError


class LocalError(CommandError):
    """The local platform cannot do what was asked; the message is one sentence for the user, with the remedy."""


class EmulatorError(LocalError):
    """The embedded AWS did not start, or ended while it was needed."""


class ProgramError(LocalError):
    """``__main__.py`` cannot be deployed locally: it failed, or declares what the local platform does not know."""


class DataInUse(LocalError):
    """Another local platform keeps its data in the same folder."""
