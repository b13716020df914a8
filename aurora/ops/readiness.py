"""Checks of one stack before anything of it changes: config, credentials, account, images, limits. Changes nothing."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable
from typing import Final

import boto3

from aurora import project
from aurora.aws_session import WrongAccount
from aurora.image import docker
from aurora.image.ensure import ImageError, Plan, plan
from aurora.image.source import UnreadableSource
from aurora.naming import InvalidStageName
from aurora.ops import machine
from aurora.ops.checks import SECONDS, Check, Finding, Status, failed, not_checked, not_needed, ok
from aurora.settings import SettingsError
from aurora.stack import pulumi_cli as pulumi_stack
from aurora.stack.faults import AWS_ERRORS, code, denied, explain, said
from aurora.stack.ground import Ground
from infra.courses import RunSettings
from infra.models import API_KEYS, ModelSettings

_STACK: Final = "stack"
_SETTINGS: Final = "settings"
_NAMES: Final = "names"
_REGION: Final = "region"
_CREDENTIALS: Final = "credentials"
_ACCOUNT: Final = "account"
_IMAGES: Final = "images"

# Calls of the site, and the steps of a course that run beside its batches.
_OTHER_CALLS_AT_ONCE: Final = 5
_CONCURRENCY_QUOTA: Final = "L-B99A9384"  # Lambda, "Concurrent executions"
# A base image, a group's packages, and what BuildKit keeps of both.
_BYTES_TO_BUILD: Final = 4 * 1024**3


def checks(stack: str, bedrock_model: str | None) -> list[Check]:
    """The checks of ``stack``; with a Bedrock model's id also that it answers, for one token."""
    return Readiness(Ground(stack, seconds=SECONDS), bedrock_model).checks()


class Readiness:
    """One stack's checks, and what earlier ones found out for later ones."""

    def __init__(self, ground: Ground, bedrock_model: str | None) -> None:
        self._ground = ground
        self._stack = ground.name
        self._bedrock_model = bedrock_model
        self._plans: dict[str, Plan] = {}

    def checks(self) -> list[Check]:
        return [
            Check(_STACK, self._exists, (machine.BACKEND,)),
            Check("passphrase", self._passphrase, (_STACK,)),
            Check(_SETTINGS, self._settings, (_STACK,)),
            Check(_NAMES, self._names, (_SETTINGS,)),
            Check(_REGION, self._region, (_SETTINGS,)),
            Check(_CREDENTIALS, self._asking_aws(self._credentials), (_REGION,)),
            Check(_ACCOUNT, self._asking_aws(self._account), (_CREDENTIALS,)),
            Check(_IMAGES, self._asking_aws(self._images), (_NAMES, _ACCOUNT)),
            Check("Docker", self._docker, (_IMAGES,)),
            Check("Lambda concurrency", self._asking_aws(self._concurrency), (_ACCOUNT,)),
            Check("Bedrock", self._asking_aws(self._bedrock), (_ACCOUNT,)),
        ]

    def _asking_aws(self, check: Callable[[], Finding]) -> Callable[[], Finding]:
        def run() -> Finding:
            try:
                return check()
            except AWS_ERRORS as error:
                fault = explain(error, self._stack, self._ground.config)
                return failed(fault.what, fault.mend)

        return run

    def _exists(self) -> Finding:
        try:
            resources = self._ground.state["resources"]
        except pulumi_stack.PulumiFailed as error:
            if "no stack named" in error.reason:
                return failed(f"this backend has no stack {self._stack}", f"pulumi stack init {self._stack}")
            return failed(error.reason, f"pulumi stack export -s {self._stack}")
        return ok(f"{len(resources)} resources" if resources else "nothing is deployed in it yet")

    def _passphrase(self) -> Finding:
        if self._ground.secrets_provider != "passphrase":
            return not_needed(f"the stack's secrets are kept by {self._ground.secrets_provider}")
        if not {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"} & os.environ.keys():
            return failed("the stack's secrets need it, and it is not set", "export PULUMI_CONFIG_PASSPHRASE=...")
        try:
            if not pulumi_stack.secret_keys(self._stack, seconds=SECONDS):
                return ok("it is set; there is no secret yet to try it on")
            pulumi_stack.decrypt(self._stack, seconds=SECONDS)
        except pulumi_stack.PulumiFailed as error:
            if pulumi_stack.NO_YAML in error.reason:
                return not_checked(f"needs: {_SETTINGS}")
            return failed(f"the stack's secrets cannot be read: {error.reason}", "export PULUMI_CONFIG_PASSPHRASE=...")
        return ok("it opens the stack's secrets")

    def _settings(self) -> Finding:
        try:
            _ = self._ground.settings
        except SettingsError as error:
            problem, _, lines = str(error).partition("\nPut into ")
            return failed(problem, f"put into {lines}" if lines else f"edit Pulumi.{self._stack}.yaml")
        except pulumi_stack.PulumiFailed as error:
            file = f"Pulumi.{self._ground.stage}.yaml"
            mend = f"edit {file}" if pulumi_stack.NO_YAML in error.reason else f"pulumi config -s {self._stack}"
            return failed(f"{file} cannot be read: {error.reason}", mend)
        return ok(f"Pulumi.{self._stack}.yaml describes the stack")

    def _names(self) -> Finding:
        try:
            naming = self._ground.names_anywhere()
        except InvalidStageName as error:
            return failed(str(error), f"pulumi stack rename -s {self._stack} SHORTER-NAME")
        return ok(f"{naming.name('...')} is within AWS's limits")

    def _region(self) -> Finding:
        region = self._ground.settings.region
        session = boto3.Session()
        known = {
            name
            for partition in session.get_available_partitions()
            for name in session.get_available_regions("lambda", partition_name=partition)
        }
        if region not in known:
            near = difflib.get_close_matches(region, known, n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            mend = f"pulumi config set -s {self._stack} aws:region {near[0] if near else 'eu-west-1'}"
            return failed(f"AWS Lambda has no region {region}{meant}", mend)
        for service, url in self._ground.settings.endpoints.items():
            elsewhere = re.search(r"\.([a-z]{2}(?:-[a-z]+)+-\d+)\.(?:vpce\.)?amazonaws\.com", url)
            if elsewhere and elsewhere[1] != region:
                return failed(
                    f"aws:endpoints sends {service} to {elsewhere[1]}, and aws:region is {region}",
                    f"edit aws:endpoints in Pulumi.{self._stack}.yaml",
                )
        replaced = sorted(self._ground.settings.endpoints)
        return ok(region + (f", with endpoints of the stack's own for {', '.join(replaced)}" if replaced else ""))

    def _credentials(self) -> Finding:
        who = self._ground.identity
        profile = self._ground.config.get("aws:profile")
        return ok(who.arn + (f" (profile {profile})" if profile else ""))

    def _account(self) -> Finding:
        account = self._ground.identity.account
        try:
            self._ground.session.client("sts")
        except WrongAccount as error:
            return failed(str(error), f"pulumi config set -s {self._stack} aws:profile PROFILE")
        allowed = self._ground.config.get("aws:allowedAccountIds")
        return ok(
            f"{account}, one that the stack allows" if allowed else f"{account}; aws:allowedAccountIds is not set"
        )

    def _images(self) -> Finding:
        if self._ground.settings.stack.image_builder == "pulumi-docker":
            return not_needed("pulumi-docker decides for itself what to build")
        try:
            for group, request in self._ground.requests.items():
                self._plans[group] = plan(request, self._ground.session)
        except UnreadableSource as error:
            return failed(str(error), "git status")
        except ImageError as error:
            if isinstance(error.__cause__, AWS_ERRORS):
                raise error.__cause__ from error
            return failed(str(error), f"python3 run.py why -s {self._stack}")
        missing = [planned.reason for planned in self._plans.values() if planned.step == "missing"]
        if missing:
            return failed("\n".join(missing), f"python3 run.py why -s {self._stack}")
        return ok(", ".join(f"{group}: {planned.step}" for group, planned in self._plans.items()))

    def _docker(self) -> Finding:
        always = self._ground.settings.stack.image_builder == "pulumi-docker"
        to_build = [group for group, planned in self._plans.items() if planned.step == "build"]
        if not to_build and not always:
            return not_needed("no image has to be built")
        if always and (plugin := machine.plugin("docker")).status is Status.FAILED:
            return plugin
        try:
            docker.check()
        except docker.DockerError as error:
            return failed(str(error), "")  # it says itself what to do
        free = docker.free_bytes()
        if free is not None and free < _BYTES_TO_BUILD:
            return failed(
                f"{free / 1024**3:.1f} GiB are free where Docker keeps images; a build needs some "
                f"{_BYTES_TO_BUILD / 1024**3:.0f}",
                "docker builder prune",
            )
        room = "" if free is None else f", {free / 1024**3:.0f} GiB free"
        return ok(f"it can build {', '.join(to_build) or 'images'}{room}")

    def _concurrency(self) -> Finding:
        try:
            limits = self._ground.session.client("lambda").get_account_settings()["AccountLimit"]
        except AWS_ERRORS as error:
            if denied(error):
                return not_checked("the credentials may not read it (lambda:GetAccountSettings)")
            raise
        free = int(limits["UnreservedConcurrentExecutions"])
        at_a_time = (
            2 * self._ground.settings.of(RunSettings).model_dump()["max_concurrency"]
        )  # lessons and labs are written beside each other
        needed = at_a_time + _OTHER_CALLS_AT_ONCE
        told = f"the account may run {free} functions at once"
        if free < needed:
            return failed(
                f"{told}; a course takes {at_a_time} (twice aurora:maxConcurrency), and {_OTHER_CALLS_AT_ONCE} are for "
                "the rest of the platform",
                f"aws service-quotas request-service-quota-increase --service-code lambda --quota-code "
                f"{_CONCURRENCY_QUOTA} --desired-value {max(100, 2 * needed)}   (or: pulumi config set -s "
                f"{self._stack} aurora:maxConcurrency {max(1, (free - _OTHER_CALLS_AT_ONCE) // 2)})",
            )
        return ok(f"{told}: enough for {(free - _OTHER_CALLS_AT_ONCE) // at_a_time} courses of {at_a_time} batches")

    def _bedrock(self) -> Finding:
        models = self._ground.settings.of(ModelSettings).models.values()
        named = [(spec.id, spec.region) for spec in models if spec.provider == "bedrock" and spec.kind == "text"]
        tried = [(self._bedrock_model, "")] if self._bedrock_model else named
        if not tried:
            return not_needed("no text model of Bedrock is configured; --bedrock MODEL_ID tries one")
        key = f"{project.service()}:{API_KEYS['bedrock']}"
        if not self._bedrock_model and key in pulumi_stack.secret_keys(self._stack, seconds=SECONDS):
            return not_checked(f"functions ask with {key}, which is not read here; --bedrock MODEL_ID asks without it")
        answered: list[str] = []
        for model, elsewhere in tried:
            region = elsewhere or self._ground.settings.region
            client = self._ground.session.client("bedrock-runtime", region)
            try:
                client.converse(
                    modelId=model,
                    messages=[{"role": "user", "content": [{"text": "Hi"}]}],
                    inferenceConfig={"maxTokens": 1},
                )
            except AWS_ERRORS as error:
                found = bedrock_fault(error, model, region)
                if found is None:
                    raise
                return found
            answered.append(f"{model} answers in {region}")
        return ok("; ".join(answered))


def bedrock_fault(error: Exception, model: str, region: str) -> Finding | None:
    """What keeps a Bedrock model from answering; None where it is nothing of Bedrock's own."""
    told = said(error)
    console = f"https://{region}.console.aws.amazon.com/bedrock/home?region={region}#/model-catalog"
    match code(error):
        case "AccessDeniedException" if "not authorized to perform" in told:
            return failed(f"the credentials may not call {model}: {told}", "allow bedrock:InvokeModel on this model")
        case "AccessDeniedException":
            return failed(f"the account has no access to {model} in {region}: {told}", f"ask for it: {console}")
        case "ThrottlingException":
            return failed(f"{model} is there, but throttled: {told}", "the same command again in a minute")
        case "ResourceNotFoundException" | "ValidationException":
            return failed(
                f"{model} cannot be called so in {region}: {told}",
                f"aws bedrock list-inference-profiles --region {region}",
            )
        case "ModelNotReadyException" | "ModelTimeoutException" | "ServiceUnavailableException":
            return failed(f"{model} is not ready: {told}", "the same command again in a minute")
        case _:
            return None
