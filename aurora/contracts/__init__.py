"""What must hold before the first resource is declared: whatever does not ends the program, and every preview."""

from __future__ import annotations

from aurora.contracts import events, functions, names, resources, workflows
from aurora.declaration import Declaration


def check(declaration: Declaration) -> None:
    """Returns if the declaration can be deployed as it stands.

    Raises:
        DeclarationError: it cannot; the message says what to change.
    """
    names.check(declaration)
    resources.check(declaration)
    events.check(declaration)
    functions.check(declaration)
    workflows.check(declaration)
