"""An edit that is saved answers with the new code; what does not run that code is left alone."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from aurora.local.errors import ProgramError
from aurora.local.platform import LocalPlatform
from aurora.testing.calls import invoke

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
        self.await_news(f"deployed {groups}")

    def await_error(self, group: str) -> str:
        return self.await_news(f"error: {group} is not deployed; its functions stay as they are:\n")

    def await_news(self, beginning: str) -> str:
        with self._news:
            found = [news for news in self.said if news.startswith(beginning)]
            while not found and self._news.wait(60):
                found = [news for news in self.said if news.startswith(beginning)]
            assert found, self.said
            self.said.remove(found[0])
            return found[0]


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
        assert invoke(platform, "probe-echo", {"do": "shared"}).payload == "second"


@pytest.mark.parametrize(
    ("file", "before", "after", "place", "what"),
    [
        (MODULE, '"first"', '"first', MODULE, "line 3: unterminated string literal (detected at line 3)"),
        (MODULE, "VERSION =", "import pandas\nVERSION =", MODULE, "line 3 imports pandas, which is not locked"),
        (
            MODULE,
            "SHARED\n",
            "SHARE\n",
            MODULE,
            "line 1: ImportError: cannot import name 'SHARE' from 'functions.text.",
        ),
        (MODULE, "text.shared", "text.share", MODULE, "line 1 imports functions.text.share, which does not exist"),
        (
            MODULE,
            "text.shared",
            "probe.echo",
            MODULE,
            "line 1 imports functions.probe.echo, which belongs to the group",
        ),
        (MODULE, "def handler", "def handle", "Handler 'handler'", "missing on module 'functions.other.version'"),
        (SHARED, '"first"', "1 / 0", SHARED, "line 1: ZeroDivisionError: division by zero"),
        (SHARED, '"first"', "exit('no')", SHARED, "line 1: SystemExit: no"),
    ],
)
def test_an_edit_that_cannot_be_imported_is_an_error_and_the_functions_stay_until_the_next_good_one(
    project: Path, deployments: Deployments, file: str, before: str, after: str, place: str, what: str
) -> None:
    with LocalPlatform(project=project, announce=False, progress=deployments) as platform:
        running = live_version(platform, "probe-other")
        assert invoke(platform, "probe-other", {}).payload["version"] == "first"

        save(project / file, before, after)
        said = deployments.await_error("other")
        assert said.splitlines()[1].startswith(place)
        assert what in said
        assert live_version(platform, "probe-other") == running
        assert invoke(platform, "probe-other", {}).payload["version"] == "first"

        save(project / file, after, before)
        deployments.await_news("the functions of other run the saved code again")
        assert live_version(platform, "probe-other") == running
        save(project / MODULE, 'VERSION = "first"', 'VERSION = "third"')
        deployments.await_deployed("other")
        assert invoke(platform, "probe-other", {}).payload["version"] == "third"
        assert [news for news in deployments.said if news.startswith("deployed")] == []


def test_a_group_that_can_be_imported_is_deployed_though_another_one_cannot(
    project: Path, deployments: Deployments
) -> None:
    (project / "functions/probe/echo.py").write_text(
        "from functions.text.shared import SHARED\n\nhandler = SHARED.join\n"
    )
    with LocalPlatform(project=project, announce=False, progress=deployments) as platform:
        untouched = live_version(platform, "probe-echo")
        save(project / SHARED, 'SHARED = "first"', "SHARED = 7")
        deployments.await_error("probe")
        deployments.await_deployed("other")
        assert invoke(platform, "probe-other", {}).payload["shared"] == 7
        assert live_version(platform, "probe-echo") == untouched


def test_what_no_group_imports_deploys_nothing(project: Path, deployments: Deployments) -> None:
    (project / "functions/book").mkdir()
    with LocalPlatform(project=project, announce=False, progress=deployments):
        (project / "functions/book/pages.py").write_text("1 +")
        (project / "functions/README.md").write_text("Read me.")
        save(project / MODULE, 'VERSION = "first"', 'VERSION = "second"')
        deployments.await_deployed("other")
        assert deployments.said[-1] == "ready"


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        ("functions/other/version.py", "import pandas\n", "functions/other/version.py, line 1 imports pandas, which"),
        ("functions/other/lazy.py", "def lazy(:\n", "functions/other/lazy.py, line 1: invalid syntax"),
        (
            "functions/other/version.py",
            "import os\n\nos._exit(3)\n",
            "functions.other.version.handler cannot be imported",
        ),
        ("functions/other/version.py", "import os\n\nos.environ['NONE']\n", "version.py, line 3: KeyError: 'NONE'"),
    ],
)
def test_a_platform_whose_functions_cannot_be_imported_does_not_start(
    project: Path, file: str, content: str, problem: str
) -> None:
    (project / file).write_text(content)
    with pytest.raises(ProgramError) as refused:
        LocalPlatform(project=project, announce=False).__enter__()
    assert problem in str(refused.value)


def test_a_function_finds_its_variables_while_it_is_imported(project: Path) -> None:
    (project / MODULE).write_text(
        "import os\n\nimport boto3\n\nTABLE = os.environ['TABLE']\n"
        "NAMES = boto3.client('dynamodb').list_tables()['TableNames']\n"
        "print('said while it is imported')\n\n\n"
        "def handler(event, context):\n    return TABLE in NAMES\n"
    )
    (project / "images/other/requirements.txt").write_text("boto3==1\n")
    with LocalPlatform(project=project, announce=False, watch=False) as platform:
        assert "probe-other" in {
            each["FunctionName"] for each in platform.client("lambda").list_functions()["Functions"]
        }


def test_many_edits_keep_no_more_than_two_versions(project: Path, deployments: Deployments) -> None:
    with LocalPlatform(project=project, announce=False, progress=deployments) as platform:
        for number in range(4):
            (project / MODULE).write_text(f"def handler(event, context):\n    return {number}\n")
            # A file that is written in two steps may be deployed in two.
            while invoke(platform, "probe-other", {}).payload != number:
                deployments.await_deployed("other")

        versions = platform.client("lambda").list_versions_by_function(FunctionName="probe-other")["Versions"]
        assert len([version for version in versions if version["Version"] != "$LATEST"]) == 2
