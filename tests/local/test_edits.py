"""An edit that is saved answers with the new code; what does not run that code is left alone."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from aurora.local.platform import LocalPlatform
from tests.local.calls import invoke

MODULE = "functions/other/version.py"
SHARED = "functions/text/shared.py"


class Deployments:
    """Collects what a platform says, and waits for what it is expected to say."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self._news = threading.Condition()

    def __call__(self, text: str) -> None:
        with self._news:
            self.said.append(text)
            self._news.notify_all()

    def await_deployed(self, groups: str) -> None:
        with self._news:
            assert self._news.wait_for(lambda: f"deployed {groups}" in self.said, timeout=60), self.said
            self.said.remove(f"deployed {groups}")


def save(file: Path, before: str, after: str) -> None:
    """As most editors do, in one step: a file that is half written would be a deployment of its own."""
    whole = file.parents[2] / "saved"
    whole.write_text(file.read_text().replace(before, after))
    whole.replace(file)


@pytest.fixture
def deployments() -> Deployments:
    return Deployments()


def live_version(platform: LocalPlatform, function: str) -> str:
    return str(platform.client("lambda").get_alias(FunctionName=function, Name="live")["FunctionVersion"])


def test_a_saved_edit_reaches_its_group_alone_and_a_shared_one_every_group(
    project: Path, deployments: Deployments
) -> None:
    with LocalPlatform(project=project, announce=False, progress=deployments) as platform:
        assert invoke(platform, "probe-other", {}).payload == {"version": "first", "shared": "first"}
        untouched = live_version(platform, "probe-echo")

        save(project / MODULE, 'VERSION = "first"', 'VERSION = "second"')
        deployments.await_deployed("other")
        assert invoke(platform, "probe-other", {}).payload == {"version": "second", "shared": "first"}
        assert live_version(platform, "probe-echo") == untouched

        save(project / SHARED, "first", "second")
        deployments.await_deployed("other, probe")
        assert invoke(platform, "probe-other", {}).payload == {"version": "second", "shared": "second"}
        assert live_version(platform, "probe-echo") != untouched


def test_an_edit_that_breaks_the_code_is_told_by_the_call_and_mended_by_the_next_save(
    project: Path, deployments: Deployments
) -> None:
    with LocalPlatform(project=project, announce=False, progress=deployments) as platform:
        save(project / MODULE, 'VERSION = "first"', 'VERSION = "first')
        deployments.await_deployed("other")
        assert (
            "Syntax error in module 'functions.other.version'"
            in invoke(platform, "probe-other", {}).payload["errorMessage"]
        )

        save(project / MODULE, 'VERSION = "first', 'VERSION = "third"')
        deployments.await_deployed("other")
        assert invoke(platform, "probe-other", {}).payload["version"] == "third"


def test_many_edits_keep_no_more_than_two_versions(project: Path, deployments: Deployments) -> None:
    with LocalPlatform(project=project, announce=False, progress=deployments) as platform:
        for number in range(4):
            (project / MODULE).write_text(f"def handler(event, context):\n    return {number}\n")
            # A file that is written in two steps may be deployed in two.
            while invoke(platform, "probe-other", {}).payload != number:
                deployments.await_deployed("other")

        versions = platform.client("lambda").list_versions_by_function(FunctionName="probe-other")["Versions"]
        assert len([version for version in versions if version["Version"] != "$LATEST"]) == 2
