"""Checks of a stack, against the embedded AWS where all is well and a refusing one where it is not."""

from __future__ import annotations

import json
import re
import socket
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from aurora.aws_session import StackSession
from aurora.errors import InvalidInput
from aurora.image import docker
from aurora.local.emulator import Emulator
from aurora.ops import readiness
from aurora.ops.checks import Finding, Status, findings, ok
from aurora.ops.doctor import examine
from aurora.ops.readiness import Readiness
from aurora.settings import StackModel
from aurora.stack import pulumi_stack
from aurora.stack.pulumi_stack import PulumiStack
from aurora.system import DoctorCheck, Quota, System
from infra import SYSTEMS
from tests.support.embedded_aws import access_key
from tests.unit.aurora.ops.conftest import FakePulumi, RefusingAws, doctor, in_place_of_aws

ACCOUNT = "000000000000"
AWS_CHECKS = ("account", "images", "Docker", "Lambda concurrency", "Bedrock")


@pytest.fixture(autouse=True)
def docker_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker as the client finds it is tested with the client."""
    monkeypatch.setattr(docker, "check", lambda: None)
    monkeypatch.setattr(docker, "free_bytes", lambda: 50 * 1024**3)


def test_a_stack_that_is_ready_passes_every_check(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    table = doctor(capsys, pulumi.stack)
    assert table.code == 0, table
    rows = table.rows
    assert rows["stack"] == ("ok", "nothing is deployed in it yet")
    assert rows["passphrase"] == ("not needed", "the stack's secrets are encrypted by service")
    assert rows["settings"] == ("ok", f"Pulumi.{pulumi.stack}.yaml is valid")
    assert rows["names"] == ("ok", f"aurora-{pulumi.stack}-... is within AWS's limits")
    assert rows["region"] == ("ok", "eu-west-1, with the stack's own endpoints for bedrockruntime, ecr, lambda, sts")
    assert rows["credentials"] == ("ok", f"arn:aws:iam::{ACCOUNT}:root")
    assert rows["account"] == ("ok", f"{ACCOUNT}; aws:allowedAccountIds is not set")
    assert rows["images"] == ("ok", "course_api: build, content: build, labs: build, slides: build")
    assert rows["Docker"] == ("ok", "it can build course_api, content, labs, slides, 50 GiB free")
    assert re.fullmatch(
        r"the account can run \d+ functions at once: enough for \d+ courses that take 4 each",
        rows["Lambda concurrency"][1],
    )
    assert rows["Bedrock"][0] == "not needed"


def test_the_doctor_only_reads(
    pulumi: FakePulumi, config: dict[str, Any], session: StackSession, capsys: pytest.CaptureFixture[str]
) -> None:
    repositories = session.client("ecr").describe_repositories()["repositories"]
    doctor(capsys, pulumi.stack)
    assert session.client("ecr").describe_repositories()["repositories"] == repositories
    commands = {" ".join(call.split(" --")[0].split()) for call in pulumi.calls}
    assert commands == {"version", "plugin ls", "whoami", "config", "stack export"}


def test_a_stack_that_the_backend_does_not_know_is_to_be_made(
    pulumi: FakePulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.fails("stack-export", "no stack named 'dev' found")
    table = doctor(capsys, "dev")
    assert table.code == 1
    assert table.rows["stack"] == ("failed", "this backend has no stack dev")
    assert table.remedies["stack"] == "pulumi stack init dev"
    assert table.rows["credentials"] == ("not checked", "needs: stack")


def test_a_passphrase_that_is_needed_and_not_set_is_a_failure(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.state([], secrets="passphrase")
    table = doctor(capsys, pulumi.stack)
    assert table.rows["passphrase"] == ("failed", "the stack's secrets need it, but it is not set")
    assert table.remedies["passphrase"] == "export PULUMI_CONFIG_PASSPHRASE=..."
    assert table.rows["settings"][0] == "ok"


def test_a_passphrase_is_tried_on_the_secrets_there_are(
    pulumi: FakePulumi, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.state([], secrets="passphrase")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "a passphrase")
    assert doctor(capsys, pulumi.stack).rows["passphrase"][1] == "it is set; the stack has no secret yet to try it on"
    pulumi.config(config, {"aurora:openaiApiKey": "sk-secret"})
    assert doctor(capsys, pulumi.stack).rows["passphrase"] == ("ok", "it decrypts the stack's secrets")
    pulumi.fails("config-secrets", "incorrect passphrase")
    table = doctor(capsys, pulumi.stack)
    assert table.rows["passphrase"] == ("failed", "the stack's secrets cannot be decrypted: incorrect passphrase")


def test_a_wrong_setting_is_shown_with_the_lines_to_write(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.config({**config, "aurora:logRetentionDays": "8"})
    table = doctor(capsys, pulumi.stack)
    status, detail = table.rows["settings"]
    assert status == "failed"
    assert "logRetentionDays must be one of" in detail
    assert f"add to Pulumi.{pulumi.stack}.yaml, with your own values" in table.remedies["settings"]
    assert "aurora:logRetentionDays: 14" in table.remedies["settings"]
    assert table.rows["credentials"] == ("not checked", "needs: settings")


def test_a_settings_file_that_is_no_yaml_is_a_failure_of_the_settings(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.fails("config", "invalid YAML file: yaml: line 1: did not find expected node content")
    table = doctor(capsys, pulumi.stack)
    assert table.rows["stack"][0] == "ok"
    assert table.rows["settings"][0] == "failed"
    assert "yaml: line 1: did not find expected node content" in table.rows["settings"][1]
    assert table.remedies["settings"] == f"edit Pulumi.{pulumi.stack}.yaml"


def test_a_settings_file_that_is_no_yaml_is_not_laid_to_the_passphrase(
    pulumi: FakePulumi, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.state([], secrets="passphrase")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "a passphrase")
    pulumi.fails("config", "invalid YAML file: yaml: line 1: did not find expected node content")
    table = doctor(capsys, pulumi.stack)
    assert table.rows["passphrase"] == ("not checked", "needs: settings")
    assert table.rows["settings"][0] == "failed"


def test_a_misspelt_setting_is_a_failure_with_the_one_that_was_meant(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.config({**config, "aurora:maxConcurency": "3"})
    assert "did you mean aurora:maxConcurrency?" in doctor(capsys, pulumi.stack).rows["settings"][1]


def test_a_name_over_aws_s_limits_is_a_failure_before_anything_is_created(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    table = doctor(capsys, "d" * 50)
    assert table.rows["names"][0] == "failed"
    assert "characters too long" in table.rows["names"][1]
    assert table.rows["images"][0] == "not checked"


def test_an_unknown_region_is_a_failure_with_the_one_that_was_meant(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.config({**config, "aws:region": "eu-wset-1"})
    table = doctor(capsys, pulumi.stack)
    assert table.rows["region"] == ("failed", "AWS Lambda has no region eu-wset-1; did you mean eu-west-1?")
    assert table.remedies["region"] == f"pulumi config set -s {pulumi.stack} aws:region eu-west-1"
    assert table.rows["credentials"] == ("not checked", "needs: region")


def test_an_endpoint_of_another_region_is_refused(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.config({**config, "aws:endpoints": [{"ecr": "https://api.ecr.us-east-1.amazonaws.com"}]})
    status, detail = doctor(capsys, pulumi.stack).rows["region"]
    assert (status, detail) == ("failed", "aws:endpoints sends ecr to us-east-1, but aws:region is eu-west-1")


def test_a_profile_that_the_machine_lacks_is_named(pulumi: FakePulumi, capsys: pytest.CaptureFixture[str]) -> None:
    pulumi.config({"aws:region": "eu-west-1", "aws:profile": "my-team-dev"})
    table = doctor(capsys, pulumi.stack)
    assert table.rows["credentials"][0] == "failed"
    assert "lacks: The config profile (my-team-dev) could not be found" in table.rows["credentials"][1]
    assert table.remedies["credentials"] == f"pulumi config set -s {pulumi.stack} aws:profile PROFILE"


def test_no_credentials_at_all_are_a_failure_with_two_ways_to_get_them(
    pulumi: FakePulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    table = doctor(capsys, pulumi.stack)
    assert table.rows["credentials"] == ("failed", "there are no credentials")
    assert table.remedies["credentials"].startswith("aws sso login")
    for check in AWS_CHECKS:
        assert table.rows[check] == ("not checked", "needs: credentials")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ExpiredToken", "the credentials have expired"),
        ("InvalidClientTokenId", "the access key is not valid, or the region eu-west-1 is not enabled"),
        ("SignatureDoesNotMatch", "the secret access key does not match the access key, or this machine's clock"),
        ("AccessDenied", "the credentials do not allow it: no way"),
        ("ThrottlingException", "AWS is throttling these requests: no way"),
        ("SomethingElse", "AWS refuses: no way"),
    ],
)
def test_every_kind_of_bad_credentials_is_a_sentence_of_its_own(
    code: str, said: str, pulumi: FakePulumi, refusing: RefusingAws, capsys: pytest.CaptureFixture[str]
) -> None:
    refusing.refusals["^/$"] = (code, "no way")
    pulumi.config(in_place_of_aws(refusing.url))
    table = doctor(capsys, pulumi.stack)
    assert table.rows["credentials"][0] == "failed"
    assert table.rows["credentials"][1].startswith(said)
    assert table.rows["account"] == ("not checked", "needs: credentials")


def test_an_account_that_the_stack_does_not_allow_is_a_failure_of_the_account_alone(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.config({**config, "aws:allowedAccountIds": ["444455556666"]})
    table = doctor(capsys, pulumi.stack)
    assert table.rows["credentials"][0] == "ok"
    assert table.rows["account"][0] == "failed"
    assert f"belong to account {ACCOUNT}" in table.rows["account"][1]
    assert "444455556666" in table.rows["account"][1]
    assert table.rows["images"] == ("not checked", "needs: account")


def test_an_account_that_the_stack_allows_passes(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.config({**config, "aws:allowedAccountIds": [ACCOUNT]})
    assert doctor(capsys, pulumi.stack).rows["account"] == ("ok", f"{ACCOUNT}, which the stack allows")


def test_a_stack_that_may_not_build_fails_where_no_image_is_to_be_found(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.config({**config, "aurora:buildImages": "false"})
    table = doctor(capsys, pulumi.stack)
    assert table.rows["images"][0] == "failed"
    assert "this stack does not build" in table.rows["images"][1]
    assert table.remedies["images"] == f"python3 run.py why -s {pulumi.stack}"
    assert table.rows["Docker"] == ("not checked", "needs: images")


@pytest.fixture
def push(session: StackSession) -> Callable[[Mapping[str, Any]], None]:
    """Puts an image of each request into its repository."""

    def push(requests: Mapping[str, Any]) -> None:
        ecr = session.client("ecr")
        for request in requests.values():
            ecr.create_repository(repositoryName=request.repository)
            ecr.put_image(
                repositoryName=request.repository,
                imageManifest='{"schemaVersion": 2, "layers": []}',
                imageManifestMediaType="application/vnd.oci.image.manifest.v1+json",
                imageTag=request.tag,
            )

    return push


def test_docker_is_not_looked_at_where_nothing_has_to_be_built(
    pulumi: FakePulumi,
    config: dict[str, Any],
    push: Callable[[Mapping[str, Any]], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails() -> None:
        raise docker.DockerError("Docker was looked at.")

    monkeypatch.setattr(docker, "check", fails)
    push(PulumiStack(pulumi.stack).image_requests)
    table = doctor(capsys, pulumi.stack)
    assert table.code == 0
    assert table.rows["images"] == ("ok", "course_api: present, content: present, labs: present, slides: present")
    assert table.rows["Docker"] == ("not needed", "no image has to be built")


def test_docker_s_own_sentence_is_shown_where_it_is_needed(
    pulumi: FakePulumi, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> None:
        raise docker.DockerError("The Docker daemon is not running: start it.")

    monkeypatch.setattr(docker, "check", fails)
    assert doctor(capsys, pulumi.stack).rows["Docker"] == ("failed", "The Docker daemon is not running: start it.")


def test_a_disk_that_is_too_full_for_a_build_is_a_failure(
    pulumi: FakePulumi, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(docker, "free_bytes", lambda: 1024**3)
    table = doctor(capsys, pulumi.stack)
    assert table.rows["Docker"][1].startswith("1.0 GiB are free where Docker keeps images")
    assert table.remedies["Docker"] == "docker builder prune"


def test_pulumi_s_own_builder_needs_docker_and_its_plugin_always(
    pulumi: FakePulumi, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi.config({**config, "aurora:imageBuilder": "pulumi-docker"})
    table = doctor(capsys, pulumi.stack)
    assert table.rows["images"][0] == "not needed"
    assert table.rows["Docker"] == ("ok", "it can build images, 50 GiB free")
    monkeypatch.setenv("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "1")
    table = doctor(capsys, pulumi.stack)
    assert table.remedies["Docker"].startswith("pulumi plugin install resource docker ")


class Limits:
    """Lambda's account settings with a limit of one's choice; the emulator's own cannot be changed."""

    def __init__(self, unreserved: int) -> None:
        self.unreserved = unreserved

    def get_account_settings(self) -> dict[str, Any]:
        return {"AccountLimit": {"UnreservedConcurrentExecutions": self.unreserved}}


@pytest.mark.parametrize(("unreserved", "at_a_time", "status"), [(10, 2, "ok"), (10, 3, "failed")])
def test_the_account_must_let_as_many_functions_run_at_once_as_a_course_takes(
    unreserved: int,
    at_a_time: int,
    status: str,
    pulumi: FakePulumi,
    config: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = StackSession.client

    def limited(self: StackSession, service: str, region: str = "") -> Any:
        return Limits(unreserved) if service == "lambda" else client(self, service, region)

    monkeypatch.setattr(StackSession, "client", limited)
    pulumi.config({**config, "aurora:maxConcurrency": str(at_a_time)})
    table = doctor(capsys, pulumi.stack)
    assert table.rows["Lambda concurrency"][0] == status
    if status == "failed":
        assert "service-quotas request-service-quota-increase" in table.remedies["Lambda concurrency"]
        assert f"pulumi config set -s {pulumi.stack} aurora:maxConcurrency 2" in table.remedies["Lambda concurrency"]


class Tales(StackModel):
    """The settings of another system."""

    tellers: int = 4


@pytest.mark.parametrize(
    ("unreserved", "said"),
    [
        (12, "; a course takes 4 (2 x aurora:maxConcurrency), a tale takes 4 (1 x aurora:tellers), the rest"),
        (13, ": enough for 2 courses that take 4 each or 2 tales that take 4 each"),
    ],
)
def test_what_several_systems_take_at_once_must_be_there_together(
    unreserved: int,
    said: str,
    pulumi: FakePulumi,
    config: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tales = System("tales", settings=(Tales,), quotas=(Quota("tale", Tales, "tellers"),))
    for module in (readiness, pulumi_stack):
        monkeypatch.setattr(module, "systems", lambda: (*SYSTEMS, tales))
    stack = PulumiStack(pulumi.stack)
    monkeypatch.setattr(stack, "session", Session(Limits(unreserved)))
    (check,) = [check for check in Readiness(stack).checks() if check.name == "Lambda concurrency"]
    assert check.run().detail.startswith(f"the account can run {unreserved} functions at once{said}")


@dataclass(frozen=True)
class Session:
    """A session whose every client is that one."""

    of_lambda: Limits

    def client(self, _: str, region: str = "") -> Any:
        return self.of_lambda


def test_systems_add_checks_which_get_what_was_typed_for_their_option(
    pulumi: FakePulumi, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, str | None]] = []

    def check(stack: PulumiStack, value: str | None) -> Finding:
        asked.append((stack.name, value))
        return ok("there are some")

    system = System("tales", doctor=(DoctorCheck("Tales", "tales:check", "--tale", "NAME", "Tell it."),))
    monkeypatch.setattr(readiness, "systems", lambda: (system,))
    monkeypatch.setattr(readiness, "load", lambda path: {"tales:check": check}[path])
    assert doctor(capsys, pulumi.stack, tale="hare").rows["Tales"] == ("ok", "there are some")
    assert doctor(capsys, pulumi.stack).rows["Tales"] == ("ok", "there are some")
    assert asked == [(pulumi.stack, "hare"), (pulumi.stack, None)]


def test_limits_that_the_credentials_may_not_read_are_no_failure(
    pulumi: FakePulumi, refusing: RefusingAws, capsys: pytest.CaptureFixture[str]
) -> None:
    refusing.refusals["account-settings"] = ("AccessDeniedException", "not authorized")
    pulumi.config(in_place_of_aws(refusing.url))
    status, detail = doctor(capsys, pulumi.stack).rows["Lambda concurrency"]
    assert (status, detail) == (
        "not checked",
        "the credentials may not read it (lambda:GetAccountSettings)",
    )


def test_a_bedrock_model_is_tried_by_one_token(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    table = doctor(capsys, pulumi.stack, bedrock="eu.amazon.nova-lite-v1:0")
    assert table.rows["Bedrock"] == ("ok", "eu.amazon.nova-lite-v1:0 answers in eu-west-1")


def test_models_that_are_asked_with_a_key_are_not_asked_with_the_stack_s_credentials(
    pulumi: FakePulumi, config: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    models = json.dumps({"claude": {"provider": "bedrock", "id": "a.model"}})
    pulumi.config({**config, "aurora:models": models}, {"aurora:bedrockApiKey": "b-secret"})
    status, detail = doctor(capsys, pulumi.stack).rows["Bedrock"]
    assert status == "not checked"
    assert detail.startswith("functions use aurora:bedrockApiKey")


@pytest.mark.parametrize(
    ("code", "message", "said"),
    [
        ("AccessDeniedException", "User is not authorized to perform bedrock:InvokeModel", "the credentials may not"),
        ("AccessDeniedException", "You don't have access to the model", "the account has no access to a.model"),
        ("ThrottlingException", "Too many tokens", "a.model is there, but throttled: Too many tokens"),
        ("ValidationException", "on-demand throughput isn't supported", "a.model cannot be called so in eu-west-1"),
        ("ResourceNotFoundException", "end of its life", "a.model cannot be called so in eu-west-1"),
        ("ModelNotReadyException", "wait", "a.model is not ready: wait"),
        ("ExpiredTokenException", "expired", "the credentials have expired"),
    ],
)
def test_every_way_in_which_bedrock_refuses_is_a_sentence_of_its_own(
    code: str,
    message: str,
    said: str,
    pulumi: FakePulumi,
    refusing: RefusingAws,
    capsys: pytest.CaptureFixture[str],
) -> None:
    refusing.refusals["/model/"] = (code, message)
    pulumi.config(in_place_of_aws(refusing.url))
    status, detail = doctor(capsys, pulumi.stack, bedrock="a.model").rows["Bedrock"]
    assert status == "failed"
    assert detail.startswith(said)


def test_a_bedrock_model_without_a_stack_is_a_wrong_command_line() -> None:
    with pytest.raises(InvalidInput, match="--bedrock needs a stack"):
        examine(None, {"--bedrock": "a.model"})


def test_an_aws_that_does_not_answer_is_given_up(pulumi: FakePulumi) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        pulumi.config(in_place_of_aws(f"http://127.0.0.1:{silent.getsockname()[1]}"))
        checks = Readiness(PulumiStack(pulumi.stack, seconds=0.3)).checks()
        found = {check.name: finding for check, finding in findings(checks)}
    assert found["credentials"].status is Status.FAILED
    assert found["credentials"].detail.startswith("AWS cannot be reached: Read timeout")


def test_an_aws_that_is_not_there_is_a_failure(pulumi: FakePulumi, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"
    pulumi.config(in_place_of_aws(url))
    table = doctor(capsys, pulumi.stack)
    assert table.rows["credentials"][1].startswith("AWS cannot be reached: ")
    assert "HTTPS_PROXY" in table.remedies["credentials"]


def test_no_secret_is_ever_printed(
    emulator: Emulator, pulumi: FakePulumi, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    values = {**in_place_of_aws(emulator.endpoint), **access_key(emulator)}
    secrets = {"aws:secretKey": values.pop("aws:secretKey"), "aurora:openaiApiKey": f"secret-{uuid.uuid4().hex}"}
    pulumi.config(values, secrets)
    code = examine(pulumi.stack, {})
    printed = capsys.readouterr()
    assert code == 0
    assert not any(secret in printed.out + printed.err for secret in secrets.values())
