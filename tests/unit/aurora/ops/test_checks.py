"""How checks are made: in order, none without what it needs, none for ever, none that ends the others."""

from __future__ import annotations

import threading

from aurora.ops.checks import Check, Finding, Status, failed, findings, not_needed, ok


def made(*checks: Check, seconds: float = 5) -> dict[str, Finding]:
    return {check.name: finding for check, finding in findings(checks, seconds=seconds)}


def never() -> Finding:
    raise AssertionError("This check must not be made.")


def test_a_check_is_not_made_without_what_it_needs_and_names_the_first_of_the_chain() -> None:
    found = made(
        Check("backend", lambda: failed("gone", "log in")),
        Check("stack", never, ("backend",)),
        Check("settings", never, ("stack",)),
        Check("clock", lambda: ok("right")),
    )
    assert found["stack"] == Finding(Status.NOT_CHECKED, "needs: backend")
    assert found["settings"] == Finding(Status.NOT_CHECKED, "needs: backend")
    assert found["clock"].status is Status.OK


def test_what_is_not_needed_keeps_no_other_check_from_being_made() -> None:
    found = made(Check("docker", lambda: not_needed("nothing to build")), Check("next", lambda: ok(""), ("docker",)))
    assert found["next"].status is Status.OK


def test_a_check_that_hangs_is_given_up_and_the_others_are_made() -> None:
    ends = threading.Event()

    def hangs() -> Finding:
        ends.wait(30)
        return ok("")

    found = made(Check("network", hangs), Check("clock", lambda: ok("right")), seconds=0.2)
    ends.set()
    assert (found["network"].status, found["network"].detail) == (Status.FAILED, "no answer within 0 s")
    assert found["clock"].status is Status.OK


def test_a_check_that_breaks_says_how_in_its_own_line() -> None:
    def breaks() -> Finding:
        raise ValueError("a surprise")

    found = made(Check("network", breaks), Check("clock", lambda: ok("right")))
    assert found["network"].detail == "the check itself failed: ValueError: a surprise"
    assert found["clock"].status is Status.OK
