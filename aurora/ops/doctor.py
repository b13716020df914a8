"""Whether this machine and a stack are ready, before anything changes: a line for each check, and its remedy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aurora.console import counted, result, say
from aurora.errors import COMPLETE, FAILED, InvalidInput
from aurora.ops import machine
from aurora.ops.checks import SECONDS, Check, Finding, Status, findings

_WIDTH_OF_STATUS: Final = max(len(status) for status in Status)


def examine(stack: str | None, options: Mapping[str, str]) -> int:
    """Checks this machine, and ``stack`` if one is named, and prints a line for each check. Returns the exit code.

    ``options`` are those of the systems' checks that were given, such as ``{"--bedrock": "a-model"}``.

    Raises:
        InvalidInput: an option was given that needs a stack.
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
    say("Nothing is wrong." if stack else "Nothing is wrong with this machine; -s STACK checks a stack as well.")
    return COMPLETE


def _show(check: Check, finding: Finding, width: int) -> None:
    first, *more = finding.detail.splitlines()
    margin = " " * (width + _WIDTH_OF_STATUS + 4)
    result(f"{check.name:{width}}  {finding.status:{_WIDTH_OF_STATUS}}  {first}")
    for line in more:
        result(margin + line)
    for number, line in enumerate(finding.remedy.splitlines()):
        result(f"{margin}{'   ' if number else '-> '}{line}".rstrip())
