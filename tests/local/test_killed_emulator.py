"""The plug is pulled while a course is made: the next session completes it, and nobody could tell by the books."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import httpx
import yaml

from aurora.local.platform import LocalPlatform
from tests.local.real import SHORT_LESSONS
from tests.support.somebody import Somebody, wait_until

OUTLINE = yaml.safe_dump(
    {
        "title": "Interrupted",
        "language": "en",
        "modules": [
            {"title": f"Part {part}", "lessons": [{"title": f"Step {part}.{step}"} for step in (1, 2, 3)]}
            for part in (1, 2)
        ],
    }
).encode()
OPTIONS: dict[str, Any] = {"content": "both", "slides": True}
KEPT = ("book/", "lessons/", "labguide/", "slides/", "images/")


def test_a_course_whose_emulator_is_killed_is_completed_in_the_next_session_byte_for_byte(tmp_path: Path) -> None:
    slowly = {**SHORT_LESSONS, "aurora:sampleSecondsPerLesson": "0.5"}
    with httpx.Client(trust_env=False) as http:
        with platform(tmp_path, slowly) as first:
            author = Somebody(first, http)
            started = author.start(OUTLINE, **OPTIONS)

            def is_half_written() -> bool:
                units = author.get(f"/executions/{started.execution_id}")["units"]
                return 3 <= sum(unit["state"] == "written" for unit in units) < len(units)

            wait_until(is_half_written, lambda: "it was never half written")
            os.kill(first.emulator_pid, signal.SIGKILL)

        with platform(tmp_path, SHORT_LESSONS) as second:
            author = Somebody(second, http)
            interrupted = author.get(f"/executions/{started.execution_id}")
            assert (interrupted["status"], interrupted["outcome"]) == ("FAILED", "failed")
            assert "interrupted" in interrupted["error"]
            resumed = author.course(OUTLINE, started.course_id, **OPTIONS)
            assert (resumed.outcome, set(resumed.states.values())) == ("complete", {"written", "skipped"})
            undisturbed = author.course(OUTLINE, **OPTIONS)
            assert kept(author, started.course_id) == kept(author, undisturbed.course_id)


def platform(folder: Path, settings: dict[str, str]) -> LocalPlatform:
    return LocalPlatform(data_dir=folder / "data", stack_config=settings, announce=False, watch=False)


def kept(author: Somebody, course_id: str) -> dict[str, bytes]:
    """Everything of a course that its author keeps, by its name."""
    names = (name for name in author.objects(course_id) if name.startswith(KEPT))
    return {name: author.stored(course_id, name)["Body"] for name in names}
