"""`doctor`: whether this machine and a stack are ready."""

from __future__ import annotations

import inspect
from typing import Annotated

import typer

from aurora.commands.declared import known_systems
from aurora.commands.parameters import Stack, new_app, non_empty

app = new_app()


def doctor(stack: Stack = None, **values: str | None) -> int:
    """Check this machine and a stack, before anything is changed.

    Python, packages, the Pulumi CLI, its plugins and its backend; with -s STACK also the stack's settings and names,
    credentials, region and account, where its images will come from, Docker if one must be built, and the limits that
    it needs. It changes nothing.
    """
    from aurora.ops.doctor import examine

    return examine(stack, {f"--{name.replace('_', '-')}": value for name, value in values.items() if value})


def _options() -> list[inspect.Parameter]:
    """The engine's option, and those of the systems' checks."""
    options = {check.option: check for system in known_systems() for check in system.doctor if check.option}
    return [
        inspect.signature(doctor).parameters["stack"].replace(annotation=Stack),
        *(
            inspect.Parameter(
                option.removeprefix("--").replace("-", "_"),
                inspect.Parameter.KEYWORD_ONLY,
                default=None,
                annotation=Annotated[
                    str | None, typer.Option(option, metavar=check.metavar, parser=non_empty, help=check.help)
                ],
            )
            for option, check in options.items()
        ),
    ]


# Typer reads options from the signature.
doctor.__signature__ = inspect.Signature(_options())  # pyright: ignore[reportFunctionMemberAccess]
app.command(
    epilog="""\b
Examples:
  python3 run.py doctor
  python3 run.py doctor -s dev
\b
Exit code 1: a check failed; the line below it says what to type.
"""
)(doctor)
