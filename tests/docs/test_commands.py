"""Every command in the README and the guide is run, as it stands there, or is known to need what this machine lacks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.docs.documents import PROJECT, console_commands, runbook_commands
from tests.support.clone import clone_into

# Run by tests/engine, with the Pulumi CLI and a stand-in for the AWS provider.
RUN_BY_ENGINE_TESTS = {
    "pulumi stack init dev",
    "pulumi config set -s dev aws:region eu-west-1",
    "pulumi config set -s dev aws:profile my-team-dev",
    "pulumi config set -s dev aurora:maxConcurrency 4",
    "pulumi config set -s dev --secret aurora:openaiApiKey",
    "pulumi config set -s dev --path aws:allowedAccountIds[0] 111122223333",
    "pulumi preview -s dev --diff",
    "pulumi preview -s dev --expect-no-changes",
    "pulumi preview -s dev --policy-pack policy",
    "pulumi up -s dev",
    "pulumi up -s dev --refresh",
    "pulumi up -s dev --target '**::slides**'",
    "pulumi up -s dev-sandbox",
    "pulumi up -s staging",
    "pulumi up -s prod",
    "pulumi cancel -s dev",
    "pulumi destroy -s dev",
    "python3 run.py doctor",
    "python3 run.py doctor -s dev",
    "python3 run.py why -s dev",
    "python3 run.py prune -s dev",
    "python3 run.py stack new dev-sandbox --from dev",
    "python3 run.py idle -s dev",
}
# Run by tests/examples, with an installed engine.
RUN_BY_EXAMPLES = {"python3 run.py new ../tales --name tales"}
# Run by tests/docker, with a base image that needs no registry.
RUN_BY_DOCKER_TESTS = {"python3 run.py local --containers"}
# These change, or ask, a real AWS account or Pulumi's own service; the README says what has not been tried there.
NEED_AN_ACCOUNT = {
    "pulumi login",
    "python3 run.py user add you@example.com -s dev",
    "python3 run.py course examples/git-for-small-teams.yaml --out my-course -s dev",
}
# These ask a package index or a registry; what they do there is tested beside the code.
NEED_THE_NETWORK = {
    "python3 run.py lock",
    "python3 run.py base update",
}
# Run by .ci/run, which runs this test.
RUN_BY_CI = {"python3 run.py test"}
LOCAL = "python3 run.py local"
RUN_BESIDE_LOCAL = {
    "python3 run.py user add colleague@example.com -s local",
    "python3 run.py course examples/git-for-small-teams.yaml --out my-course",
    "python3 run.py logs my-course",  # after the course: they are run in the order of the alphabet
}
RUN_ALONE = {"python3 run.py --help"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader's clone: the documented commands find in it what they name, and leave there what they make."""
    return clone_into(tmp_path_factory.mktemp("reader"))


def installed(command: str) -> list[str]:
    """What `python3 run.py ...` becomes once everything is installed; the installation is the business of .ci/run."""
    python, script, *arguments = command.split()
    assert (python, script) == ("python3", "run.py")
    return [sys.executable, "-m", "aurora", *arguments]


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        installed(command), cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def local(folder: Path) -> Generator[None]:
    """`run.py local` as documented, and as a script would wait for it."""
    process = subprocess.Popen(
        [*installed(LOCAL), "--json"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    ready = process.stdout.readline()
    assert ready, process.communicate()[1]
    assert json.loads(ready)["stack"] == "local"
    yield
    os.kill(process.pid, signal.SIGINT)
    process.communicate()
    assert process.returncode == 0


def test_every_documented_command_is_accounted_for() -> None:
    elsewhere = (
        RUN_BY_ENGINE_TESTS | RUN_BY_DOCKER_TESTS | RUN_BY_EXAMPLES | RUN_BY_CI | NEED_AN_ACCOUNT | NEED_THE_NETWORK
    )
    known = elsewhere | {LOCAL} | RUN_BESIDE_LOCAL | RUN_ALONE
    assert {*console_commands(), *runbook_commands()} == known


def test_ci_runs_the_documented_test_command() -> None:
    lines = (PROJECT / ".ci" / "run").read_text()
    assert all(command in lines for command in RUN_BY_CI)


@pytest.mark.parametrize("command", sorted(RUN_ALONE))
def test_a_documented_command_works(command: str, folder: Path) -> None:
    assert run(command, folder).returncode == 0


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("command", sorted(RUN_BESIDE_LOCAL))
def test_a_documented_command_works_beside_a_running_platform(command: str, folder: Path) -> None:
    done = run(command, folder)
    assert done.returncode == 0, done.stderr


def test_the_readme_s_first_command_leaves_a_book(folder: Path, local: None) -> None:
    run("python3 run.py course examples/git-for-small-teams.yaml --out my-course", folder)
    book = folder / "my-course"
    assert (book / "book.pdf").read_bytes().startswith(b"%PDF")
    assert {"book.html", "book.json", "book.md"} <= {path.name for path in book.iterdir()}
    assert len(list((book / "lessons").glob("module-*-lesson-*.md"))) == 6
