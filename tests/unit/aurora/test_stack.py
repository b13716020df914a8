"""What is read from the Pulumi CLI: a script stands in its place and answers as it does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aurora import stack
from aurora.errors import CommandError
from aurora.target import Target
from tests.unit.aurora.conftest import OUTPUTS


def test_a_stack_is_found_by_its_outputs(pulumi: Path) -> None:
    (pulumi / "stack").write_text(json.dumps(OUTPUTS))
    place = Target.of_stack("dev")
    assert (place.api, place.sign_in, place.local) == (OUTPUTS["api"], OUTPUTS["signInEndpoint"], False)
    arguments = (pulumi / "arguments").read_text().split()
    assert arguments == ["stack", "output", "--json", "--stack", "dev", "--non-interactive"]


def test_an_unknown_stack_is_a_sentence_with_what_to_look_at(pulumi: Path) -> None:
    (pulumi / "error").write_text("error: no stack named 'dve' found\n")
    with pytest.raises(CommandError, match=r"no stack named 'dve' found\n.*pulumi stack ls"):
        stack.outputs("dve")


def test_a_stack_that_was_never_deployed_says_how(pulumi: Path) -> None:
    (pulumi / "stack").write_text("{}")
    with pytest.raises(CommandError, match="pulumi up -s dev"):
        stack.outputs("dev")


def test_a_stack_of_an_older_program_is_named_with_what_it_lacks(pulumi: Path) -> None:
    (pulumi / "stack").write_text(json.dumps({"api": "https://api.example.com"}))
    with pytest.raises(CommandError, match="has no output 'region': bring it up to date"):
        Target.of_stack("dev")


def test_config_gives_plain_values_and_leaves_secrets_out(pulumi: Path) -> None:
    (pulumi / "config").write_text(
        json.dumps(
            {
                "aws:region": {"value": "eu-west-1", "secret": False},
                "aws:allowedAccountIds": {"value": '["1"]', "objectValue": ["1"], "secret": False},
                "aurora:openaiApiKey": {"secret": True},
            }
        )
    )
    assert stack.config("dev") == {"aws:region": "eu-west-1", "aws:allowedAccountIds": ["1"]}


def test_without_the_pulumi_cli_the_sentence_says_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match=r"stack dev .* Pulumi CLI, which is not installed: https://"):
        stack.outputs("dev")
