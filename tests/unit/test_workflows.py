"""The GitHub workflows: what they may do, what they run, and that every name in them is one that exists."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from aurora.commands.declared import ENGINE
from aurora.project import load
from tests.support.clone import PROJECT

WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
ACTIONS = sorted((PROJECT / ".github" / "actions").glob("*/action.yml"))
FILES = [*WORKFLOWS, *ACTIONS]
# What a job may be allowed: nothing else, and these only where they are listed.
PERMISSIONS = {
    "checks": {"contents": "read"},
    "tests": {"contents": "read"},
    "preview": {"contents": "read", "id-token": "write", "pull-requests": "write"},
    "dev": {"contents": "read", "id-token": "write"},
    "staging": {"contents": "read", "id-token": "write"},
    "prod-preview": {"contents": "read", "id-token": "write"},
    "prod": {"contents": "read", "id-token": "write"},
    "look": {"contents": "read", "id-token": "write"},
    "end": {"contents": "read", "id-token": "write"},
}
CHANGES_A_STACK = re.compile(r"\bpulumi (up|destroy|refresh|import|cancel)\b")


def read(path: Path) -> dict[str, Any]:
    # YAML 1.1 reads the key `on` as a boolean, which GitHub does not.
    return {"on" if key is True else key: value for key, value in yaml.safe_load(path.read_text("utf-8")).items()}


def jobs() -> dict[str, dict[str, Any]]:
    found = [(name, job) for path in WORKFLOWS for name, job in read(path)["jobs"].items()]
    assert len({name for name, _ in found}) == len(found)
    return dict(found)


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every step, with the job or action that it belongs to."""
    for name, job in jobs().items():
        yield from ((name, step) for step in job["steps"])
    for path in ACTIONS:
        yield from ((path.parent.name, step) for step in read(path)["runs"]["steps"])


def commands() -> Iterator[tuple[str, str]]:
    for name, step in steps():
        if "run" in step:
            yield name, step["run"]


def of_stack(command: str) -> str | None:
    found = re.search(r"-s (\S+)", command)
    return found[1] if found else None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_actions_are_pinned_by_the_commit_and_say_which_release_that_is(path: Path) -> None:
    used = re.findall(r"uses: (\S+)(.*)", path.read_text("utf-8"))
    for action, comment in used:
        if action.startswith("./"):
            assert (PROJECT / action / "action.yml").is_file()
        else:
            assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", action)
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment)


def test_one_action_is_pinned_to_one_commit() -> None:
    pins = {pin for path in FILES for pin in re.findall(r"uses: ([^.\s]\S+@\S+ # \S+)", path.read_text("utf-8"))}
    assert len({pin.partition("@")[0] for pin in pins}) == len(pins) == 5


def test_a_workflow_may_do_nothing_and_each_job_only_what_it_needs() -> None:
    assert [path.name for path in WORKFLOWS if read(path)["permissions"] != {}] == []
    assert {name: job["permissions"] for name, job in jobs().items()} == PERMISSIONS


def test_who_gets_an_identity_asks_aws_for_one_and_nobody_keeps_a_key() -> None:
    for name, job in jobs().items():
        prepared = any(step.get("uses") == "./.github/actions/prepare" for step in job["steps"])
        assert prepared == ("id-token" in job["permissions"]), name
    assert not [path for path in FILES if "AWS_SECRET" in path.read_text("utf-8").upper()]


def test_a_fork_s_change_gets_every_test_and_no_credentials() -> None:
    pull_request = read(PROJECT / ".github/workflows/pull-request.yml")
    assert "pull_request" in pull_request["on"]
    assert "pull_request_target" not in pull_request["on"]
    for name, job in pull_request["jobs"].items():
        if "id-token" in job["permissions"] or "secrets." in str(job):
            assert "github.event.pull_request.head.repo.full_name == github.repository" in job["if"], name
        else:
            assert "if" not in job, name


def test_every_job_ends_in_time_and_leaves_no_token_in_the_checkout() -> None:
    for name, job in jobs().items():
        assert 5 <= job["timeout-minutes"] <= 60, name
        first = job["steps"][0]
        assert first["uses"].startswith("actions/checkout@"), name
        assert first["with"]["persist-credentials"] is False, name


def test_what_changes_a_stack_waits_for_whatever_else_does_and_is_never_cut_off() -> None:
    changing = {name: job for name, job in jobs().items() if CHANGES_A_STACK.search(str(job["steps"]))}
    assert set(changing) == {"dev", "staging", "prod", "end"}
    for name, job in changing.items():
        stacks = {of_stack(step["run"]) for step in job["steps"] if "run" in step}
        assert len(stacks) == 1, name
        assert job["concurrency"] == {"group": f"stack-{stacks.pop()}", "cancel-in-progress": False}, name
    # Whoever only looks would otherwise take a waiting deployment's place in the queue.
    assert [name for name, job in jobs().items() if "concurrency" in job] == list(changing)


def test_every_stack_is_one_of_the_project_s_and_deployed_in_its_own_environment() -> None:
    for name, job in jobs().items():
        for step in job["steps"]:
            stack = of_stack(step.get("run", ""))
            if stack is not None:
                assert (PROJECT / f"Pulumi.{stack}.yaml").is_file(), name
                if name != "preview":  # asked of dev, by a change that is not merged: in no environment
                    assert job["environment"] in (stack, f"{stack}-preview"), name


def test_prod_follows_staging_and_what_is_approved_can_be_seen() -> None:
    main = read(PROJECT / ".github/workflows/main.yml")
    assert main["on"] == {"push": {"branches": ["main"]}}
    assert (main["jobs"]["prod-preview"]["needs"], main["jobs"]["prod"]["needs"]) == ("staging", "prod-preview")
    assert main["jobs"]["prod"]["environment"] == "prod"


def test_every_preview_and_update_is_held_to_the_policies() -> None:
    judged = [command for _, command in commands() if re.search(r"\bpulumi (preview|up)\b", command)]
    assert len(judged) == 5
    assert [command for command in judged if "--policy-pack policy" not in command] == []


def test_idleness_is_asked_again_right_before_an_end() -> None:
    end = [step["run"] for step in jobs()["end"]["steps"] if "run" in step]
    assert [command.split()[:3] for command in end] == [["python3", "run.py", "idle"], ["pulumi", "destroy", "-s"]]
    assert "continue-on-error" not in str(jobs()["end"])


@pytest.mark.parametrize(("code", "idle", "fails"), [(0, True, False), (3, False, False), (1, False, True)])
def test_the_look_ends_something_only_on_a_clear_answer(tmp_path: Path, code: int, idle: bool, fails: bool) -> None:
    (look,) = [step["run"] for step in jobs()["look"]["steps"] if step.get("id") == "idle"]
    answering = look.replace("python3 run.py idle -s dev $LIMITS", f"(exit {code})")
    assert answering != look
    output = tmp_path / "output"
    output.touch()
    # As GitHub runs it.
    done = subprocess.run(["bash", "-e", "-c", answering], env={"GITHUB_OUTPUT": str(output)}, check=False)
    assert (output.read_text() == "idle=true\n", done.returncode != 0) == (idle, fails)


def test_every_command_of_ours_exists_with_its_options() -> None:
    ours = [
        shlex.split(command.partition("&&")[0])[2:]
        for _, command in commands()
        if command.startswith("python3 run.py ")
    ]
    assert len(ours) >= 8
    known = {name: get_command(load(path)) for name, (path, _) in ENGINE.items()}
    for name, *arguments in ours:
        if name in ("--help", "test"):
            continue
        options = {option for parameter in known[name].params for option in parameter.opts}
        assert {argument for argument in arguments if argument.startswith("-")} <= options, name
    limits = read(PROJECT / ".github/workflows/end-idle.yml")["env"]["LIMITS"].split()
    assert {option for parameter in known["idle"].params for option in parameter.opts} >= set(limits[::2])


def test_every_path_in_a_command_exists() -> None:
    matrix = jobs()["tests"]["strategy"]["matrix"]["include"]
    paths = [path for entry in matrix for path in entry["tests"].split()]
    assert paths
    assert [path for path in [*paths, "policy/PulumiPolicy.yaml"] if not (PROJECT / path).exists()] == []


def test_no_secret_reaches_a_command_line_or_a_job_without_an_identity() -> None:
    assert [command for _, command in commands() if "secrets." in command] == []
    for name, job in jobs().items():
        assert ("secrets." in str(job)) == ("id-token" in job["permissions"]), name
        assert "secrets." not in str(job["steps"]), name
    for _, command in commands():
        assert "PULUMI_CONFIG_PASSPHRASE" not in command
        assert "PULUMI_ACCESS_TOKEN" not in command
        assert not re.search(r"\b(env|printenv|set)\b( -x)?$", command, re.MULTILINE)


def test_nothing_that_an_author_of_a_change_writes_becomes_part_of_a_command() -> None:
    for name, step in steps():
        for text in (step.get("run", ""), step.get("with", {}).get("script", "")):
            assert set(re.findall(r"\${{ *([\w.-]+)", text)) <= {"matrix.tests"}, name


def test_the_pulumi_cli_is_the_one_of_the_locked_package() -> None:
    lock = tomllib.loads((PROJECT / "uv.lock").read_text("utf-8"))
    (locked,) = [package["version"] for package in lock["package"] if package["name"] == "pulumi"]
    installed = {v for path in FILES for v in re.findall(r"pulumi-version: (\S+)", path.read_text("utf-8"))}
    assert installed == {locked}
