"""Checks whether this machine and a stack are ready: prints a line for each check, with a remedy if it failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aurora.console import counted, result, say
from aurora.errors import COMPLETE, FAILED, InvalidInput
from aurora.ops import machine
from aurora.ops.checks import SECONDS, Check, Finding, Status, findings

_WIDTH_OF_STATUS: Final = max(len(status) for status in Status)


def examine(stack: str | None, options: Mapping[str, str]) -> int:
    """Checks this machine and, if it is not None, ``stack``; prints a line for each check. Returns the exit code.

    ``options`` are the used options of systems' checks, such as ``{"--region": "eu-west-1"}``.

    Raises:
        InvalidInput: an option needs a stack.
    """
    checks = machine.checks()
    if stack is not None:
        # They import what the program needs, which the machine may lack.
        from aurora.ops import readiness
        from aurora.stack.pulumi_stack import PulumiStack

        checks += readiness.checks(PulumiStack(stack, seconds=SECONDS), options)
    elif options:
        raise InvalidInput(f"{next(iter(options))} needs a stack, whose credentials and region it uses: -s dev")
    width = max(len(check.name) for check in checks)
    wrong = 0
    for check, finding in findings(checks):
        _show(check, finding, width)
        wrong += finding.status is Status.FAILED
    if wrong:
        say(f"{counted(wrong, 'check')} failed.")
        return FAILED
    say("All checks passed." if stack else "All checks of this machine passed; -s STACK also checks a stack.")
    return COMPLETE


def _show(check: Check, finding: Finding, width: int) -> None:
    first, *more = finding.detail.splitlines()
    margin = " " * (width + _WIDTH_OF_STATUS + 4)
    result(f"{check.name:{width}}  {finding.status:{_WIDTH_OF_STATUS}}  {first}")
    for line in more:
        result(margin + line)
    for number, line in enumerate(finding.remedy.splitlines()):
        result(f"{margin}{'   ' if number else '-> '}{line}".rstrip())
