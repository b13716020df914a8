"""Checks of a declaration before the first resource is created: a problem ends the program, previews included."""

from __future__ import annotations

from aurora.contracts import events, functions, names, resources, workflows
from aurora.declaration import Declaration


def check(declaration: Declaration) -> None:
    """Checks that the declaration can be deployed.

    Raises:
        DeclarationError: it cannot; the message says what to change.
    """
    names.check(declaration)
    resources.check(declaration)
    events.check(declaration)
    functions.check(declaration)
    workflows.check(declaration)
