"""Checks of one stack before a deployment: config, credentials, account, images, limits, and those of its systems."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import boto3
from pydantic.alias_generators import to_camel

from aurora.aws_session import WrongAccount
from aurora.contracts import names
from aurora.image import docker
from aurora.image.ensure import ImageError, Plan, plan
from aurora.image.source import UnreadableSource
from aurora.naming import InvalidStageName
from aurora.ops import machine
from aurora.ops.checks import SECONDS, Check, Finding, Status, failed, not_checked, not_needed, ok
from aurora.project import load, systems
from aurora.settings import SettingsError
from aurora.stack import pulumi_cli
from aurora.stack.aws_errors import AWS_ERRORS, denied, explain
from aurora.stack.pulumi_stack import PulumiStack
from aurora.system import Quota

_STACK: Final = "stack"
_SETTINGS: Final = "settings"
_NAMES: Final = "names"
_REGION: Final = "region"
_CREDENTIALS: Final = "credentials"
_ACCOUNT: Final = "account"
_IMAGES: Final = "images"

# Calls of the site and of workflows' other steps.
_OTHER_CONCURRENT_CALLS: Final = 5
_CONCURRENCY_QUOTA: Final = "L-B99A9384"  # Lambda, "Concurrent executions"
# A base image, a group's packages, and BuildKit's cache of both.
_BYTES_TO_BUILD: Final = 4 * 1024**3


def checks(stack: PulumiStack, options: Mapping[str, str]) -> list[Check]:
    """The checks of ``stack``, of the engine and of its systems; ``options`` are those that systems' checks declare."""
    return [*Readiness(stack).checks(), *_of_systems(stack, options)]


def _of_systems(stack: PulumiStack, options: Mapping[str, str]) -> list[Check]:
    declared = {check.name: check for system in systems() for check in system.doctor}
    return [
        Check(
            name,
            asking_aws(stack, partial(_loaded, check.path, stack, options.get(check.option))),
            (_ACCOUNT,),
        )
        for name, check in declared.items()
    ]


def _loaded(path: str, stack: PulumiStack, value: str | None) -> Finding:
    return load(path)(stack, value)


def asking_aws(stack: PulumiStack, check: Callable[[], Finding]) -> Callable[[], Finding]:
    """The check; it fails with an explanation if AWS refuses a request."""

    def run() -> Finding:
        try:
            return check()
        except AWS_ERRORS as error:
            found = explain(error, stack.name, stack.config)
            return failed(found.problem, found.remedy)

    return run


class Readiness:
    """One stack's checks; later ones use what earlier ones found."""

    def __init__(self, stack: PulumiStack) -> None:
        self._stack = stack
        self._plans: dict[str, Plan] = {}

    def checks(self) -> list[Check]:
        asking = partial(asking_aws, self._stack)
        return [
            Check(_STACK, self._exists, (machine.BACKEND,)),
            Check("passphrase", self._passphrase, (_STACK,)),
            Check(_SETTINGS, self._settings, (_STACK,)),
            Check(_NAMES, self._names, (_SETTINGS,)),
            Check(_REGION, self._region, (_SETTINGS,)),
            Check(_CREDENTIALS, asking(self._credentials), (_REGION,)),
            Check(_ACCOUNT, asking(self._account), (_CREDENTIALS,)),
            Check(_IMAGES, asking(self._images), (_NAMES, _ACCOUNT)),
            Check("Docker", self._docker, (_IMAGES,)),
            Check("Lambda concurrency", asking(self._concurrency), (_ACCOUNT,)),
        ]

    def _exists(self) -> Finding:
        try:
            resources = self._stack.state["resources"]
        except pulumi_cli.PulumiFailed as error:
            if "no stack named" in error.reason:
                return failed(f"this backend has no stack {self._stack.name}", f"pulumi stack init {self._stack.name}")
            return failed(error.reason, f"pulumi stack export -s {self._stack.name}")
        return ok(f"{len(resources)} resources" if resources else "nothing is deployed in it yet")

    def _passphrase(self) -> Finding:
        if self._stack.secrets_provider != "passphrase":
            return not_needed(f"the stack's secrets are encrypted by {self._stack.secrets_provider}")
        if not {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"} & os.environ.keys():
            return failed("the stack's secrets need it, but it is not set", "export PULUMI_CONFIG_PASSPHRASE=...")
        try:
            if not self._stack.secret_keys:
                return ok("it is set; the stack has no secret yet to try it on")
            pulumi_cli.decrypt(self._stack.name, seconds=SECONDS)
        except pulumi_cli.PulumiFailed as error:
            if pulumi_cli.NO_YAML in error.reason:
                return not_checked(f"needs: {_SETTINGS}")
            return failed(
                f"the stack's secrets cannot be decrypted: {error.reason}", "export PULUMI_CONFIG_PASSPHRASE=..."
            )
        return ok("it decrypts the stack's secrets")

    def _settings(self) -> Finding:
        try:
            _ = self._stack.settings
        except SettingsError as error:
            problem, _, lines = str(error).partition("\nAdd to ")
            return failed(problem, f"add to {lines}" if lines else f"edit Pulumi.{self._stack.name}.yaml")
        except pulumi_cli.PulumiFailed as error:
            file = f"Pulumi.{self._stack.stage}.yaml"
            remedy = f"edit {file}" if pulumi_cli.NO_YAML in error.reason else f"pulumi config -s {self._stack.name}"
            return failed(f"{file} cannot be read: {error.reason}", remedy)
        return ok(f"Pulumi.{self._stack.name}.yaml is valid")

    def _names(self) -> Finding:
        try:
            naming = self._stack.naming
            names.check(self._stack.declaration)
        except InvalidStageName as error:
            return failed(str(error), f"pulumi stack rename -s {self._stack.name} SHORTER-NAME")
        return ok(f"{naming.name('...')} is within AWS's limits")

    def _region(self) -> Finding:
        region = self._stack.settings.region
        session = boto3.Session()
        known = {
            name
            for partition in session.get_available_partitions()
            for name in session.get_available_regions("lambda", partition_name=partition)
        }
        if region not in known:
            near = difflib.get_close_matches(region, known, n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            remedy = f"pulumi config set -s {self._stack.name} aws:region {near[0] if near else 'eu-west-1'}"
            return failed(f"AWS Lambda has no region {region}{meant}", remedy)
        for service, url in self._stack.settings.endpoints.items():
            elsewhere = re.search(r"\.([a-z]{2}(?:-[a-z]+)+-\d+)\.(?:vpce\.)?amazonaws\.com", url)
            if elsewhere and elsewhere[1] != region:
                return failed(
                    f"aws:endpoints sends {service} to {elsewhere[1]}, but aws:region is {region}",
                    f"edit aws:endpoints in Pulumi.{self._stack.name}.yaml",
                )
        replaced = sorted(self._stack.settings.endpoints)
        return ok(region + (f", with the stack's own endpoints for {', '.join(replaced)}" if replaced else ""))

    def _credentials(self) -> Finding:
        who = self._stack.identity
        profile = self._stack.config.get("aws:profile")
        return ok(who.arn + (f" (profile {profile})" if profile else ""))

    def _account(self) -> Finding:
        account = self._stack.identity.account
        try:
            self._stack.session.client("sts")
        except WrongAccount as error:
            return failed(str(error), f"pulumi config set -s {self._stack.name} aws:profile PROFILE")
        allowed = self._stack.config.get("aws:allowedAccountIds")
        return ok(f"{account}, which the stack allows" if allowed else f"{account}; aws:allowedAccountIds is not set")

    def _images(self) -> Finding:
        if self._stack.settings.stack.image_builder == "pulumi-docker":
            return not_needed("pulumi-docker decides what to build")
        try:
            for group, request in self._stack.image_requests.items():
                self._plans[group] = plan(request, self._stack.session)
        except UnreadableSource as error:
            return failed(str(error), "git status")
        except ImageError as error:
            if isinstance(error.__cause__, AWS_ERRORS):
                raise error.__cause__ from error
            return failed(str(error), f"python3 run.py why -s {self._stack.name}")
        missing = [planned.reason for planned in self._plans.values() if planned.step == "missing"]
        if missing:
            return failed("\n".join(missing), f"python3 run.py why -s {self._stack.name}")
        return ok(", ".join(f"{group}: {planned.step}" for group, planned in self._plans.items()))

    def _docker(self) -> Finding:
        always = self._stack.settings.stack.image_builder == "pulumi-docker"
        to_build = [group for group, planned in self._plans.items() if planned.step == "build"]
        if not to_build and not always:
            return not_needed("no image has to be built")
        if always and (plugin := machine.plugin("docker")).status is Status.FAILED:
            return plugin
        try:
            docker.check()
        except docker.DockerError as error:
            return failed(str(error), "")  # the message says what to do
        free = docker.free_bytes()
        if free is not None and free < _BYTES_TO_BUILD:
            return failed(
                f"{free / 1024**3:.1f} GiB are free where Docker keeps images; a build needs about "
                f"{_BYTES_TO_BUILD / 1024**3:.0f}",
                "docker builder prune",
            )
        room = "" if free is None else f", {free / 1024**3:.0f} GiB free"
        return ok(f"it can build {', '.join(to_build) or 'images'}{room}")

    def _concurrency(self) -> Finding:
        try:
            limits = self._stack.session.client("lambda").get_account_settings()["AccountLimit"]
        except AWS_ERRORS as error:
            if denied(error):
                return not_checked("the credentials may not read it (lambda:GetAccountSettings)")
            raise
        free = int(limits["UnreservedConcurrentExecutions"])
        needs = self._needed_at_once()
        needed = sum(needs.values()) + _OTHER_CONCURRENT_CALLS
        available = f"the account can run {free} functions at once"
        if free < needed:
            taken = [
                f"a {quota.work} takes {functions} ({quota.each} x {self._setting(quota)})"
                for quota, functions in needs.items()
            ]
            lower = [
                f"pulumi config set -s {self._stack.name} {self._setting(quota)} "
                f"{max(1, (free - _OTHER_CONCURRENT_CALLS) // (quota.each * len(needs)))}"
                for quota in needs
            ]
            return failed(
                f"{available}; {', '.join([*taken, f'the rest of the platform takes {_OTHER_CONCURRENT_CALLS}'])}",
                f"aws service-quotas request-service-quota-increase --service-code lambda --quota-code "
                f"{_CONCURRENCY_QUOTA} --desired-value {max(100, 2 * needed)}"
                + (f"   (or: {'; '.join(lower)})" if lower else ""),
            )
        enough = [
            f"{(free - _OTHER_CONCURRENT_CALLS) // functions} {quota.work}s that take {functions} each"
            for quota, functions in needs.items()
        ]
        return ok(f"{available}: enough for {' or '.join(enough) or 'its functions'}")

    def _needed_at_once(self) -> dict[Quota, int]:
        """The concurrent functions that one unit of each system's work takes."""
        return {
            quota: quota.each * int(getattr(self._stack.settings.of(quota.settings), quota.setting))
            for system in systems()
            for quota in system.quotas
        }

    def _setting(self, quota: Quota) -> str:
        return f"{self._stack.settings.service}:{to_camel(quota.setting)}"
