"""What is read from the Pulumi CLI: a script stands in its place and answers as it does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aurora.errors import CommandError
from aurora.stack import pulumi_cli
from aurora.stack.pulumi_stack import PulumiStack
from tests.unit.aurora.conftest import OUTPUTS


def test_a_stack_is_found_by_its_outputs(pulumi: Path) -> None:
    (pulumi / "stack").write_text(json.dumps(OUTPUTS))
    stack = PulumiStack("dev")
    assert (stack.api, stack.sign_in_endpoint, stack.local) == (OUTPUTS["api"], OUTPUTS["signInEndpoint"], False)
    arguments = (pulumi / "arguments").read_text().split()
    assert arguments == ["stack", "output", "--json", "--stack", "dev", "--non-interactive"]


def test_an_unknown_stack_is_a_sentence_with_what_to_look_at(pulumi: Path) -> None:
    (pulumi / "error").write_text("error: no stack named 'dve' found\n")
    with pytest.raises(CommandError, match=r"no stack named 'dve' found\n.*pulumi stack ls"):
        pulumi_cli.outputs("dve")


def test_a_stack_that_was_never_deployed_says_how(pulumi: Path) -> None:
    (pulumi / "stack").write_text("{}")
    with pytest.raises(CommandError, match="pulumi up -s dev"):
        pulumi_cli.outputs("dev")


def test_a_stack_of_an_older_program_is_named_with_what_it_lacks(pulumi: Path) -> None:
    (pulumi / "stack").write_text(json.dumps({"api": "https://api.example.com"}))
    with pytest.raises(CommandError, match="has no output 'clientId': update it: pulumi up"):
        _ = PulumiStack("dev").client_id


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
    assert pulumi_cli.config("dev") == {"aws:region": "eu-west-1", "aws:allowedAccountIds": ["1"]}


def test_without_the_pulumi_cli_the_sentence_says_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match=r"stack dev needs the Pulumi CLI\. Install it: https://"):
        pulumi_cli.outputs("dev")


def test_the_stack_s_own_aws_credentials_are_read_even_where_they_are_secret(pulumi: Path) -> None:
    entries = {
        "aws:region": {"value": "eu-west-1", "secret": False},
        "aws:secretKey": {"value": "hidden", "secret": True},
        "aurora:openaiApiKey": {"value": "sk-hidden", "secret": True},
    }
    (pulumi / "config").write_text(json.dumps(entries))
    assert pulumi_cli.config("dev") == {"aws:region": "eu-west-1", "aws:secretKey": "hidden"}
    assert "--show-secrets" in (pulumi / "arguments").read_text()


def test_secrets_that_are_not_needed_are_not_decrypted(pulumi: Path) -> None:
    (pulumi / "config").write_text(json.dumps({"aurora:openaiApiKey": {"secret": True}}))
    assert pulumi_cli.config("dev") == {}
    assert "--show-secrets" not in (pulumi / "arguments").read_text()
    assert pulumi_cli.secret_keys("dev") == ["aurora:openaiApiKey"]


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("passphrase must be set with PULUMI_CONFIG_PASSPHRASE", r"export PULUMI_CONFIG_PASSPHRASE=\.\.\."),
        ("PULUMI_ACCESS_TOKEN must be set for login", "Nobody is logged in: pulumi login"),
        ("no stack named 'dev' found", "`pulumi stack init dev` makes this one"),
        ("invalid YAML file: yaml: line 3", r"Fix Pulumi\.dev\.yaml"),
        ("something new", "python3 run.py doctor"),
    ],
)
def test_every_refusal_of_the_cli_comes_with_what_to_do(pulumi: Path, said: str, advice: str) -> None:
    (pulumi / "error").write_text(f"error: {said}\n")
    with pytest.raises(CommandError, match=rf"{said}\n.*{advice}"):
        pulumi_cli.config("dev")


def test_without_a_login_naming_a_stack_is_not_the_cure(pulumi: Path) -> None:
    (pulumi / "error").write_text("error: PULUMI_ACCESS_TOKEN must be set for login\n")
    with pytest.raises(CommandError, match=r"^Nobody is logged in: pulumi login$"):
        pulumi_cli.selected()


def test_a_stack_without_a_deployment_has_a_state_without_resources(pulumi: Path) -> None:
    (pulumi / "stack").write_text(json.dumps({"version": 3, "deployment": {"manifest": {}}}))
    assert pulumi_cli.state("dev")["resources"] == []


def test_a_cli_that_does_not_answer_is_given_up(pulumi: Path) -> None:
    (pulumi / "bin" / "pulumi").write_text("#!/bin/sh\nexec sleep 60\n")
    with pytest.raises(CommandError, match=r"no answer within 0 s\. Is the backend reachable\?"):
        pulumi_cli.run("whoami", seconds=0.2)
