"""Runs checks in order: reports those that hang or break, and skips those that need a failed one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SECONDS: Final = 10.0
"""The time limit of one call of another program or of AWS."""
_SECONDS_OF_A_CHECK: Final = 45.0  # a few calls, and a name server that does not answer


class Status(StrEnum):
    """How a check ended."""

    OK = "ok"
    FAILED = "failed"
    NOT_NEEDED = "not needed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Finding:
    """The result of a check; ``remedy`` is what to type when it failed, unless ``detail`` says so."""

    status: Status
    detail: str
    remedy: str = ""


@dataclass(frozen=True)
class Check:
    """One line of the table; the check is skipped if one of those that it ``needs`` failed."""

    name: str
    run: Callable[[], Finding]
    needs: tuple[str, ...] = ()


def ok(detail: str) -> Finding:
    return Finding(Status.OK, detail)


def failed(detail: str, remedy: str) -> Finding:
    return Finding(Status.FAILED, detail, remedy)


def not_needed(reason: str) -> Finding:
    return Finding(Status.NOT_NEEDED, reason)


def not_checked(reason: str) -> Finding:
    return Finding(Status.NOT_CHECKED, reason)


def findings(checks: Sequence[Check], *, seconds: float = _SECONDS_OF_A_CHECK) -> Generator[tuple[Check, Finding]]:
    """Runs the checks in order, each for at most ``seconds``; skips those that need a failed one."""
    unusable: dict[str, str] = {}
    for check in checks:
        missing = [unusable[name] for name in check.needs if name in unusable]
        if missing:
            # The first of the chain has to be fixed.
            unusable[check.name] = missing[0]
            yield check, not_checked(f"needs: {', '.join(dict.fromkeys(missing))}")
            continue
        finding = _within(check, seconds)
        if finding.status in (Status.FAILED, Status.NOT_CHECKED):
            unusable[check.name] = check.name
        yield check, finding


def _within(check: Check, seconds: float) -> Finding:
    found: list[Finding] = []

    def run() -> None:
        try:
            found.append(check.run())
        except Exception as error:  # noqa: BLE001 - the other checks run even if one breaks
            found.append(failed(f"the check itself failed: {type(error).__name__}: {error}", "report this line"))

    # A daemon thread does not keep the command from ending.
    worker = threading.Thread(target=run, name=check.name, daemon=True)
    worker.start()
    worker.join(seconds)
    return found[0] if found else failed(f"no answer within {seconds:.0f} s", "check the network, then try again")
