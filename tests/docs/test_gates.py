"""The page of the gates agrees with the workflows and the policy pack."""

from __future__ import annotations

import json
import re

from tests.docs.documents import PROJECT
from tests.unit.aurora.policy.judging import POLICIES
from tests.unit.test_workflows import FILES, WORKFLOWS, jobs

PAGE = (PROJECT / "docs/guide/gates.md").read_text("utf-8")


def first_cells(heading: str) -> list[str]:
    """The names in the first column of the table that begins with this row."""
    rows = PAGE[PAGE.index(heading) :].split("\n\n", 1)[0].splitlines()[2:]
    return [row.split("|")[1].strip().strip("`") for row in rows]


def test_every_policy_has_its_line() -> None:
    assert first_cells("| policy | holds |") == [policy.name for policy in POLICIES]


def test_every_workflow_has_its_line() -> None:
    assert sorted(first_cells("| workflow | when |")) == [path.name for path in WORKFLOWS]


def test_every_variable_and_secret_has_its_line_with_its_kind() -> None:
    used = {
        (name, {"vars": "variable", "secrets": "secret"}[kind])
        for path in FILES
        for kind, name in re.findall(r"\b(vars|secrets)\.(\w+)", path.read_text("utf-8"))
    }
    told = set(re.findall(r"^\| `(\w+)` \| (variable|secret) \|", PAGE, re.MULTILINE))
    assert told == used


def test_every_environment_has_its_line_and_a_role_of_its_own() -> None:
    environments = {job["environment"] for job in jobs().values() if "environment" in job}
    assert set(first_cells("| environment | branches |")) == environments
    assert set(re.findall(r"^\|.*`repo:ORG/REPO:environment:([\w-]+)`", PAGE, re.MULTILINE)) == environments


def test_the_trust_policy_names_one_whole_subject() -> None:
    (document,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    (statement,) = json.loads(document)["Statement"]
    assert list(statement["Condition"]) == ["StringEquals"]
    assert not [value for value in statement["Condition"]["StringEquals"].values() if "*" in value]
