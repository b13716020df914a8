"""The real engine reads the program: what `.venv` holds is all that it needs."""

from __future__ import annotations

import json

import pytest

from aurora.local.emulator import ACCOUNT_ID
from tests.engine.engine import Engine, endpoints


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_a_first_preview_shows_everything_as_created(engine: Engine, stage: str) -> None:
    if stage == "prod":
        engine.seed("staging")  # what prod may copy from, since it does not build
    assert engine.run("pulumi", "stack", "init", stage).returncode == 0
    preview = engine.run("pulumi", "preview", "-s", stage, "--json")
    assert preview.returncode == 0, preview.stdout
    steps = json.loads(preview.stdout[preview.stdout.index("{") :])["steps"]
    assert {step["op"] for step in steps} == {"create"}
    types = {step["urn"].split("::")[2].split("$")[-1] for step in steps}
    assert {"aws:lambda/function:Function", "pulumi-python:dynamic/aurora:EnsuredImage"} <= types


def test_a_wrong_setting_ends_the_preview_with_a_sentence_and_no_traceback(engine: Engine) -> None:
    engine.run("pulumi", "stack", "init", "dev")
    engine.run("pulumi", "config", "set", "-s", "dev", "aurora:maxConcurency", "3")
    preview = engine.run("pulumi", "preview", "-s", "dev")
    assert preview.returncode != 0
    assert "did you mean aurora:maxConcurrency?" in preview.stdout
    assert "Traceback" not in preview.stdout


def test_a_stack_name_that_aws_cannot_hold_ends_the_preview_with_a_sentence(engine: Engine) -> None:
    engine.run("pulumi", "stack", "init", "Dev_X")
    engine.configure("Dev_X", {"aws:region": "eu-west-1", **endpoints(engine.emulator)})
    preview = engine.run("pulumi", "preview", "-s", "Dev_X")
    assert preview.returncode != 0
    assert "stack name 'Dev_X' cannot be part of AWS names" in preview.stdout
    assert "Traceback" not in preview.stdout


def test_the_commands_that_the_readme_gives_for_a_new_stack_work(engine: Engine) -> None:
    (engine.checkout / "Pulumi.dev.yaml").unlink()
    for command in (
        "pulumi stack init dev",
        "pulumi config set -s dev aws:region eu-west-1",
        "pulumi config set -s dev aws:profile my-team-dev",
        "pulumi config set -s dev aurora:maxConcurrency 4",
    ):
        assert engine.run(*command.split()).returncode == 0
    secret = engine.run("pulumi", "config", "set", "-s", "dev", "--secret", "aurora:openaiApiKey", stdin="sk-secret\n")
    assert secret.returncode == 0, secret.stdout
    assert "sk-secret" not in (engine.checkout / "Pulumi.dev.yaml").read_text()
    engine.add_profile("my-team-dev", ACCOUNT_ID)
    engine.configure("dev", endpoints(engine.emulator))
    preview = engine.run("pulumi", "preview", "-s", "dev", "--diff")
    assert preview.returncode == 0, preview.stdout
    assert "sk-secret" not in preview.stdout
    assert "functions/slides/images_gen.py" in preview.stdout
