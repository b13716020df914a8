"""The commands that look after stacks, with the real CLI: what it prints is what they read."""

from __future__ import annotations

import re
import sys

import pytest

from tests.engine.engine import GROUPS, MODELS, Engine
from tests.support.clone import PROJECT

AURORA = (sys.executable, "-m", "aurora")


@pytest.fixture
def installed(engine: Engine) -> Engine:
    """A checkout in which `python3 run.py` installed everything."""
    (engine.checkout / ".aurora").mkdir()
    (engine.checkout / ".aurora" / "uv").symlink_to(PROJECT / ".aurora" / "uv")
    return engine


def status(told: str, check: str) -> str:
    (found,) = re.findall(rf"^{check}  +(ok|failed|not needed|not checked)  ", told, re.MULTILINE)
    return found


def test_the_doctor_finds_what_is_missing_and_is_content_when_it_is_there(installed: Engine) -> None:
    installed.must(*AURORA, "doctor")
    told = installed.refused(*AURORA, "doctor", "-s", "dev")
    assert (status(told, "login"), status(told, "stack"), status(told, "account")) == ("ok", "failed", "not checked")
    assert "-> pulumi stack init dev\n" in told
    installed.must("pulumi", "stack", "init", "dev")
    installed.seed("staging")
    told = installed.must(*AURORA, "doctor", "-s", "dev")
    assert re.search(r"^images +ok +course_api: copy, content: copy, labs: copy, slides: copy$", told, re.MULTILINE)
    assert status(told, "Docker") == "not needed"


def test_the_doctor_holds_an_update_back_from_another_account(installed: Engine) -> None:
    installed.must("pulumi", "stack", "init", "dev")
    installed.must("pulumi", "config", "set", "-s", "dev", "--path", "aws:allowedAccountIds[0]", "111122223333")
    told = installed.refused(*AURORA, "doctor", "-s", "dev")
    assert (status(told, "credentials"), status(told, "account")) == ("ok", "failed")
    assert "may only be deployed to 111122223333" in told


def test_the_doctor_tries_the_passphrase(installed: Engine) -> None:
    installed.must("pulumi", "stack", "init", "dev")
    installed.must("pulumi", "config", "set", "-s", "dev", "--secret", "aurora:openaiApiKey", stdin="sk-secret\n")
    installed.seed("staging")
    assert status(installed.must(*AURORA, "doctor", "-s", "dev"), "passphrase") == "ok"
    wrong = Engine(
        installed.checkout, {**installed.environment, "PULUMI_CONFIG_PASSPHRASE": "wrong"}, installed.emulator
    )
    told = wrong.refused(*AURORA, "doctor", "-s", "dev")
    assert status(told, "passphrase") == "failed"
    assert "incorrect passphrase" in told


def test_why_names_the_file_and_prune_leaves_what_is_deployed(engine: Engine) -> None:
    engine.deploy("dev")
    assert engine.must(*AURORA, "why", "-s", "dev").splitlines() == [
        f"{group}: unchanged; `pulumi up -s dev` leaves it alone" for group in GROUPS
    ]
    first = engine.live("dev")["images-gen"].partition("@")[2]
    engine.edit("functions/slides/lettering.py", "# smaller\n")
    content, _labs, slides, *files = engine.must(*AURORA, "why").splitlines()  # of the stack that is selected
    assert content == "content: unchanged; `pulumi up -s dev` leaves it alone"
    assert slides.startswith(
        "slides: 1 file changed; `pulumi up -s dev` builds and pushes the image: aurora-dev-slides"
    )
    assert files == ["  changed  functions/slides/lettering.py"]

    engine.up_by_copies("dev")
    second = engine.live("dev")["images-gen"].partition("@")[2]
    refused = engine.run(*AURORA, "prune", "-s", "dev", "--keep", "1")
    assert (refused.returncode, "Use --yes" in refused.stdout) == (2, True)
    told = engine.must(*AURORA, "prune", "-s", "dev", "--keep", "1", "--yes")
    assert f"aurora-dev-slides@{first[:19]}" in told
    stored = engine.aws("ecr").describe_images(repositoryName="aurora-dev-slides")["imageDetails"]
    assert [each["imageDigest"] for each in stored] == [second]
    versions = engine.aws("lambda").list_versions_by_function(FunctionName="aurora-dev-images-gen")["Versions"]
    assert [version["Version"] for version in versions] == ["$LATEST", "2"]
    engine.preview("dev", "--refresh", "--expect-no-changes")


def test_a_stack_of_one_s_own_has_its_own_secrets_and_takes_no_other_one_s_place(engine: Engine) -> None:
    engine.must("pulumi", "stack", "init", "dev")
    engine.must("pulumi", "config", "set", "-s", "dev", "--secret", "aurora:openaiApiKey", stdin="sk-secret\n")
    engine.configure("dev", {"aurora:models": MODELS})
    engine.must(*AURORA, "stack", "new", "dev-sandbox", "--from", "dev")
    shown = engine.must("pulumi", "config", "get", "-s", "dev-sandbox", "aurora:openaiApiKey")
    assert shown.strip() == "sk-secret"
    encrypted = [engine.config(stage)["aurora:openaiApiKey"]["secure"] for stage in ("dev", "dev-sandbox")]
    assert encrypted[0] != encrypted[1]
    assert engine.config("dev-sandbox")["aurora:copyFrom"][0] == {"stage": "dev"}
    assert engine.must("pulumi", "stack", "--show-name").strip() == "dev"  # nobody asked to leave it

    settings = engine.checkout / "Pulumi.dev-sandbox.yaml"
    assert "already exists" in engine.refused(*AURORA, "stack", "new", "dev-sandbox", "--from", "dev")
    settings.unlink()
    assert "already exists" in engine.refused(*AURORA, "stack", "new", "dev-sandbox", "--from", "dev")
    assert not settings.exists()
    assert "dev-sandbox" in engine.must("pulumi", "stack", "ls")


def test_a_secret_that_cannot_be_read_leaves_no_stack_behind(engine: Engine) -> None:
    engine.must("pulumi", "stack", "init", "dev")
    engine.must("pulumi", "config", "set", "-s", "dev", "--secret", "aurora:openaiApiKey", stdin="sk-secret\n")
    engine.configure("dev", {"aurora:models": MODELS})
    wrong = Engine(engine.checkout, {**engine.environment, "PULUMI_CONFIG_PASSPHRASE": "wrong"}, engine.emulator)
    told = wrong.refused(*AURORA, "stack", "new", "dev-sandbox", "--from", "dev")
    assert re.search(r"^The stack dev-sandbox was not made: .*incorrect passphrase\.$", told, re.MULTILINE)
    assert not (engine.checkout / "Pulumi.dev-sandbox.yaml").exists()
    assert "dev-sandbox" not in engine.must("pulumi", "stack", "ls")
