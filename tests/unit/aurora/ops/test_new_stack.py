"""What a stack of one's own takes over and what not, and that a failure leaves nothing of it behind.

The real CLI makes stacks in tests/engine; here a script stands in its place, so that any step can fail.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from aurora.errors import CommandError, InvalidInput
from aurora.ops import new_stack
from aurora.ops.new_stack import derived, make_stack
from aurora.stack import pulumi_cli as pulumi_stack
from tests.unit.aurora.ops.conftest import FakePulumi

DEV = """\
# Where the team tries things.
config:
  aws:region: eu-west-1
  # The accounts that this stack may be deployed to.
  aws:allowedAccountIds: ["444455556666"]
  aws:endpoints:
    - ecr: http://127.0.0.1:1
      sts: http://127.0.0.1:1
  aurora:maxConcurrency: "8"  # as many as the quota allows
  # Nobody ends this by mistake.
  aurora:protect: "true"
  aurora:openaiApiKey:
    secure: v1:abc:def
  aurora:alarms: "true"
  aurora:alarmEmail: on-call@example.com
  aurora:copyFrom: [{stage: staging, account: "111122223333"}, {stage: dev-me}]
  aurora:keepHistory: "false"
encryptionsalt: v1:salt
"""


@pytest.fixture
def project(pulumi: FakePulumi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the stack dev, whose CLI makes and removes stacks."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: aurora\n")
    (folder / "Pulumi.dev.yaml").write_text(DEV)
    for module in (new_stack, pulumi_stack):
        monkeypatch.setattr(module, "ROOT", folder)
    for command in ("stack-init", "stack-rm"):
        pulumi.answers(command, "")
    of_dev(pulumi, DEV)
    return folder


def of_dev(pulumi: FakePulumi, text: str) -> None:
    """Makes the CLI answer with the config that dev's file holds."""
    config = yaml.safe_load(text)["config"]
    secrets = {key: "sk-secret" for key, value in config.items() if isinstance(value, dict)}
    pulumi.config({key: value for key, value in config.items() if key not in secrets}, secrets)


def made(pulumi: FakePulumi) -> list[str]:
    """The commands that changed something."""
    return [call for call in pulumi.calls if call.startswith(("stack init", "stack rm", "config cp"))]


@pytest.mark.usefixtures("project")
def test_settings_are_taken_over_with_their_comments() -> None:
    text, _ = derived(DEV, "dev-me", "dev", ["aurora:openaiApiKey"])
    assert text == (
        "# Made from dev.\n"
        "config:\n"
        "  aws:region: eu-west-1\n"
        "  # The accounts that this stack may be deployed to.\n"
        '  aws:allowedAccountIds: ["444455556666"]\n'
        "  aws:endpoints:\n"
        "    - ecr: http://127.0.0.1:1\n"
        "      sts: http://127.0.0.1:1\n"
        '  aurora:maxConcurrency: "8"  # as many as the quota allows\n'
        '  aurora:keepHistory: "false"\n'
        "  aurora:copyFrom:\n"
        "  - stage: dev\n"
        "  - stage: staging\n"
        "    account: '111122223333'\n"
    )


@pytest.mark.usefixtures("project")
def test_what_is_the_other_stack_s_alone_is_left_out_and_named() -> None:
    text, left_out = derived(DEV, "dev-me", "dev", ["aurora:openaiApiKey"])
    assert left_out == ["aurora:protect", "aurora:alarms", "aurora:alarmEmail"]
    assert "Nobody ends this by mistake" not in text
    assert "secure" not in text


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("template", ["config:\n  aws:region: eu-west-1", "config:\n\n  aws:region: eu-west-1\n\n"])
def test_a_file_of_one_setting_is_enough(template: str) -> None:
    text, _ = derived(template, "dev-me", "dev", [])
    assert yaml.safe_load(text) == {"config": {"aws:region": "eu-west-1", "aurora:copyFrom": [{"stage": "dev"}]}}


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("template", ["", "encryptionsalt: v1:salt\n", "config:\n"])
def test_a_file_without_settings_gives_one_that_says_where_images_are(template: str) -> None:
    text, left_out = derived(template, "dev-me", "dev", [])
    assert yaml.safe_load(text) == {"config": {"aurora:copyFrom": [{"stage": "dev"}]}}
    assert left_out == []


@pytest.mark.usefixtures("project")
def test_what_settings_are_imported_from_is_imported_here_too() -> None:
    text, _ = derived(f"environment:\n  - aws/dev\n{DEV}", "dev-me", "dev", ["aurora:openaiApiKey"])
    found = yaml.safe_load(text)
    assert found["environment"] == ["aws/dev"]
    assert set(found) == {"environment", "config"}


def test_the_stack_is_made_and_its_file_written(
    project: Path, pulumi: FakePulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    text = DEV.replace('  aurora:protect: "true"\n', "")
    (project / "Pulumi.dev.yaml").write_text(text)
    of_dev(pulumi, text)
    pulumi.answers("config", (pulumi.folder / "config").read_text())
    assert make_stack("dev-me", "dev") == 0
    assert made(pulumi) == [
        "stack init dev-me --no-select --non-interactive",
        "config cp aurora:openaiApiKey --stack dev --dest dev-me --non-interactive",
    ]
    assert "aurora:maxConcurrency" in (project / "Pulumi.dev-me.yaml").read_text()
    printed = capsys.readouterr()
    assert printed.out == "pulumi up -s dev-me\n"
    assert "Not copied: aurora:alarms, aurora:alarmEmail." in printed.err


def test_secrets_of_a_protected_stack_are_not_taken_over(
    project: Path, pulumi: FakePulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    make_stack("dev-me", "dev")
    assert made(pulumi) == ["stack init dev-me --no-select --non-interactive"]
    printed = capsys.readouterr()
    assert "dev is protected: its secrets are not copied." in printed.err
    assert printed.out == "pulumi config set -s dev-me --secret aurora:openaiApiKey\npulumi up -s dev-me\n"


def test_a_key_service_that_encrypts_the_other_stack_encrypts_the_new_one(project: Path, pulumi: FakePulumi) -> None:
    (project / "Pulumi.dev.yaml").write_text(f"secretsprovider: awskms://alias/secrets\nencryptedkey: abc\n{DEV}")
    make_stack("dev-me", "dev")
    assert made(pulumi) == ["stack init dev-me --no-select --secrets-provider=awskms://alias/secrets --non-interactive"]
    assert "encryptedkey" not in (project / "Pulumi.dev-me.yaml").read_text()


@pytest.mark.parametrize("name", ["Dev", "dev_me", "dev--me", "-dev", "d" * 50, "../dev", ""])
def test_a_name_that_aws_cannot_hold_is_refused_before_anything_is_made(
    name: str, project: Path, pulumi: FakePulumi
) -> None:
    before = sorted(project.iterdir())
    with pytest.raises(InvalidInput, match=r"tack name "):
        make_stack(name, "dev")
    assert sorted(project.iterdir()) == before
    assert made(pulumi) == []


def test_the_name_of_the_platform_on_this_machine_is_refused(project: Path, pulumi: FakePulumi) -> None:
    with pytest.raises(InvalidInput, match="-s local means the platform on this machine"):
        make_stack("local", "dev")
    assert not (project / "Pulumi.local.yaml").exists()


def test_a_settings_file_that_is_there_is_never_overwritten(project: Path, pulumi: FakePulumi) -> None:
    (project / "Pulumi.dev-me.yaml").write_text("config: {}\n")
    with pytest.raises(InvalidInput, match=r"Pulumi\.dev-me\.yaml already exists"):
        make_stack("dev-me", "dev")
    assert (project / "Pulumi.dev-me.yaml").read_text() == "config: {}\n"


def test_a_stack_that_is_there_is_refused_and_unchanged(project: Path, pulumi: FakePulumi) -> None:
    pulumi.fails("stack-init", "stack 'organization/aurora/dev-me' already exists")
    with pytest.raises(CommandError, match=r"The stack dev-me was not made: stack '.*dev-me' already exists\."):
        make_stack("dev-me", "dev")
    assert not (project / "Pulumi.dev-me.yaml").exists()
    assert not any(call.startswith("stack rm") for call in pulumi.calls)


@pytest.fixture
def unprotected(project: Path, pulumi: FakePulumi) -> None:
    text = DEV.replace('  aurora:protect: "true"\n', "")
    (project / "Pulumi.dev.yaml").write_text(text)
    of_dev(pulumi, text)
    script = pulumi.folder.parent / "bin" / "pulumi"
    # Only copying fails: reading the config is the same command.
    script.write_text(script.read_text().replace('name="$1"\n', 'name="$1"\n[ "$2" = cp ] && name=config-cp\n', 1))
    pulumi.fails("config-cp", "incorrect passphrase")


@pytest.mark.usefixtures("unprotected")
def test_a_secret_that_cannot_be_copied_undoes_everything(project: Path, pulumi: FakePulumi) -> None:
    with pytest.raises(CommandError, match=r"^The stack dev-me was not made: incorrect passphrase\.$"):
        make_stack("dev-me", "dev")
    assert not (project / "Pulumi.dev-me.yaml").exists()
    assert made(pulumi)[-1] == "stack rm dev-me --yes --non-interactive"


@pytest.mark.usefixtures("unprotected")
def test_a_stack_that_cannot_be_removed_again_is_named_with_the_command(project: Path, pulumi: FakePulumi) -> None:
    pulumi.fails("stack-rm", "no network")
    with pytest.raises(
        CommandError, match=r"could not be removed \(.*no network\)\. Remove it: pulumi stack rm dev-me"
    ):
        make_stack("dev-me", "dev")
    assert not (project / "Pulumi.dev-me.yaml").exists()


def test_a_source_without_settings_is_a_sentence(project: Path, pulumi: FakePulumi) -> None:
    (project / "Pulumi.dev.yaml").unlink()
    with pytest.raises(CommandError, match=r"Pulumi\.dev\.yaml, whose settings are to be copied, cannot be read"):
        make_stack("dev-me", "dev")


def test_a_source_that_pulumi_does_not_know_is_a_sentence(project: Path, pulumi: FakePulumi) -> None:
    pulumi.fails("config", "no stack named 'dev' found")
    with pytest.raises(CommandError, match="Pulumi does not know this stack: no stack named 'dev' found"):
        make_stack("dev-me", "dev")


def test_a_guarded_name_needs_what_every_stack_of_that_name_needs(project: Path, pulumi: FakePulumi) -> None:
    text = DEV.replace('  aws:allowedAccountIds: ["444455556666"]\n', "")
    (project / "Pulumi.dev.yaml").write_text(text)
    of_dev(pulumi, text)
    with pytest.raises(InvalidInput, match="aws:allowedAccountIds is missing"):
        make_stack("prod", "dev")
    assert not (project / "Pulumi.prod.yaml").exists()
