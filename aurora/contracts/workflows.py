"""Checks of state machines: definitions are valid, call declared functions and handle errors that these raise."""

from __future__ import annotations

import ast
from pathlib import Path

from aurora import asl
from aurora.declaration import Declaration
from aurora.errors import DeclarationError
from aurora.runtime import errors
from aurora.runtime.errors import error_names
from aurora.suggestions import did_you_mean


def check(declaration: Declaration) -> None:
    """Checks that every workflow can run.

    Raises:
        InvalidWorkflow: a definition is not valid.
        DeclarationError: one calls a function that no system declares.
    """
    if not declaration.workflows:
        return
    raised = raised_errors(declaration.project)
    for name, workflow in declaration.workflows.items():
        for function in workflow.functions:
            if function not in declaration.functions:
                meant = did_you_mean(function, declaration.functions)
                raise DeclarationError(f"workflow '{name}': there is no function '{function}'{meant}")
        aliases = {declaration.naming.live_arn(function) for function in workflow.functions}
        asl.check(name, workflow.definition, aliases, raised)


def raised_errors(project: Path) -> set[str]:
    """The names that Lambda reports for what functions raise: errors of the engine and of each room's errors.py."""
    names = set(error_names(errors))
    for module in sorted(project.glob("functions/*/errors.py")):
        try:
            tree = ast.parse(module.read_bytes())
        except SyntaxError:
            continue  # the check of imports reports it
        names |= {
            node.name
            for node in tree.body
            if isinstance(node, ast.ClassDef) and not any(keyword.arg == "is_base" for keyword in node.keywords)
        }
    return names
