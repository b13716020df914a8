"""Whether this machine and a stack are ready, before anything changes: a line for each check, and how to mend it."""

from __future__ import annotations

from typing import Final

from aurora.console import counted, result, say
from aurora.errors import COMPLETE, FAILED, InvalidInput
from aurora.ops import machine
from aurora.ops.checks import Check, Finding, Status, findings

_WIDTH_OF_STATUS: Final = max(len(status) for status in Status)


def examine(stack: str | None, bedrock_model: str | None) -> int:
    """Checks this machine, and ``stack`` if one is named, and prints a line for each check. Returns the exit code.

    Raises:
        InvalidInput: a Bedrock model is to be tried, but no stack says with which credentials.
    """
    checks = machine.checks()
    if stack is not None:
        from aurora.ops import readiness  # imports what the program needs, which the machine may lack

        checks += readiness.checks(stack, bedrock_model)
    elif bedrock_model is not None:
        raise InvalidInput("--bedrock needs a stack, whose credentials and region it uses: -s dev")
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
    for number, line in enumerate(finding.mend.splitlines()):
        result(f"{margin}{'   ' if number else '-> '}{line}".rstrip())
