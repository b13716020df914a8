"""The Pulumi CLI in a checkout of its own, with a backend, a home and an embedded AWS of its own."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.config import Config

from aurora.components.group import image_requests
from aurora.local.emulator import ACCOUNT_ID, Emulator
from aurora.naming import name_in
from aurora.settings import Settings
from tests.support.clone import PROJECT
from tests.support.images import push_image
from tests.support.platform import DECLARED, REGION, SERVICE, declared, settings

# The functions of each group, by name.
GROUPS = {group: tuple(function.name for function in functions) for group, functions in DECLARED.groups.items()}
MODELS = {"one": {"provider": "openai", "id": "one", "baseUrl": "https://models.example.com/v1"}}
ELSEWHERE = "elsewhere"
# What the program and the command use, as the AWS provider names them.
SERVICES = (
    "apigatewayv2",
    "cloudfront",
    "cloudwatch",
    "cognitoidp",
    "dynamodb",
    "ecr",
    "iam",
    "lambda",
    "logs",
    "s3",
    "scheduler",
    "sfn",
    "sns",
    "sqs",
    "ssm",
    "sts",
)
_IDENTITY = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com")


@dataclass(frozen=True)
class Engine:
    """A checkout and the environment in which commands run there."""

    checkout: Path
    environment: Mapping[str, str]
    emulator: Emulator
    service: str = SERVICE

    def run(self, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Runs a command in the checkout, with its output in one text."""
        return subprocess.run(
            command,
            cwd=self.checkout,
            env=dict(self.environment),
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def must(self, *command: str, stdin: str = "") -> str:
        """The output of a command that has to succeed."""
        done = self.run(*command, stdin=stdin)
        assert done.returncode == 0, f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}"
        return done.stdout

    def refused(self, *command: str) -> str:
        """The output of a command that has to fail, and in sentences."""
        done = self.run(*command)
        assert done.returncode != 0, done.stdout
        assert "Traceback" not in done.stdout, done.stdout
        return done.stdout

    def preview(self, stage: str, *options: str) -> str:
        return self.must("pulumi", "preview", "-s", stage, *options)

    def up(self, stage: str, *options: str) -> str:
        return self.must("pulumi", "up", "--yes", "--skip-preview", "-s", stage, *options)

    def deploy(self, stage: str) -> str:
        """Makes a stack and brings it up, without Docker: see `up_by_copies`."""
        self.must("pulumi", "stack", "init", stage)
        self.commit()
        return self.up_by_copies(stage)

    def up_by_copies(self, stage: str, *options: str) -> str:
        """Brings a stack up with images that another environment holds, for this time only."""
        own = self.config(stage).get("aurora:copyFrom")
        self.seed(ELSEWHERE)
        self.configure(stage, {"aurora:copyFrom": [{"stage": ELSEWHERE}]})
        try:
            return self.up(stage, *options)
        finally:
            self.configure(stage, {"aurora:copyFrom": own})
            for group in self.source_digests():
                self.aws("ecr").delete_repository(repositoryName=name_in(self.service, ELSEWHERE, group), force=True)

    def config(self, stage: str) -> dict[str, Any]:
        return yaml.safe_load((self.checkout / f"Pulumi.{stage}.yaml").read_text())["config"]

    def configure(self, stage: str, values: Mapping[str, Any]) -> None:
        """Adds to a stack's config; None takes a setting away."""
        path = self.checkout / f"Pulumi.{stage}.yaml"
        described = yaml.safe_load(path.read_text()) if path.exists() else {}
        config = {**described.get("config", {}), **values}
        described["config"] = {key: value for key, value in config.items() if value is not None}
        path.write_text(yaml.safe_dump(described))

    def edit(self, path: str, text: str) -> None:
        """Appends to a file of the checkout."""
        with (self.checkout / path).open("a") as file:
            file.write(text)

    def commit(self) -> None:
        self.must("git", *_IDENTITY, "commit", "--quiet", "--all", "--message", "A state")

    def second_clone(self, folder: Path, umask: int = 0o022) -> Engine:
        """What somebody else has: another clone of what is committed, elsewhere, under another umask."""
        clone = ("git", "-c", "core.autocrlf=true", "clone", "--quiet", str(self.checkout), str(folder))
        subprocess.run(clone, check=True, umask=umask)
        link_environment(folder)
        return replace(self, checkout=folder)

    def aws(self, service: str, account: str = ACCOUNT_ID, region: str = REGION) -> Any:
        """A client of the embedded AWS, beside everything that is tested."""
        make: Any = boto3.Session().client
        return make(
            service,
            region_name=region,
            endpoint_url=self.emulator.endpoint,
            aws_access_key_id=account,
            aws_secret_access_key=self.emulator.credentials.secret_access_key,
            config=Config(retries={"total_max_attempts": 1}),
        )

    def source_digests(self, stage: str = "dev") -> dict[str, str]:
        """The tag of each group's image, of the source in the checkout."""
        found = declared(self.config(stage), stage, ACCOUNT_ID, self.checkout)
        return {group: request.tag for group, request in image_requests(found).items()}

    def settings(self, stage: str) -> Settings:
        return settings(self.config(stage), stage)

    def seed(self, stage: str, groups: Mapping[str, str] | None = None) -> dict[str, str]:
        """Puts an image of each group's present source where ``stage`` keeps them; returns their digests.

        What is in them is of no concern to an engine: nothing runs them.
        """
        digests: dict[str, str] = {}
        ecr = self.aws("ecr")
        known = {each["repositoryName"] for each in ecr.describe_repositories()["repositories"]}
        for group, tag in (groups or self.source_digests()).items():
            repository = name_in(self.service, stage, group)
            if repository not in known:
                ecr.create_repository(repositoryName=repository)
            digests[group] = push_image(self.emulator, repository, tag, content=f"{group} {tag}".encode())
        return digests

    def add_profile(self, name: str, account: str) -> None:
        """A profile of the user's own AWS configuration."""
        path = Path(self.environment["HOME"], ".aws", "config")
        path.parent.mkdir(exist_ok=True)
        with path.open("a") as file:
            secret = self.emulator.credentials.secret_access_key
            file.write(f"[profile {name}]\naws_access_key_id = {account}\naws_secret_access_key = {secret}\n")

    def inventory(self, account: str = ACCOUNT_ID, region: str = REGION) -> dict[str, list[str]]:
        """Everything that an account holds in a region, by service."""

        def names(service: str, operation: str, answer: str, name: str, **arguments: Any) -> list[str]:
            pages = self.aws(service, account, region).get_paginator(operation).paginate(**arguments)
            found = [each for page in pages for each in page.get(answer, [])]
            return sorted(each if isinstance(each, str) else each[name] for each in found)

        cloudfront = self.aws("cloudfront", account).list_origin_access_controls()["OriginAccessControlList"]
        distributions = self.aws("cloudfront", account).list_distributions()["DistributionList"]
        return {
            "buckets": [each["Name"] for each in self.aws("s3", account).list_buckets()["Buckets"]],
            "repositories": names("ecr", "describe_repositories", "repositories", "repositoryName"),
            "functions": names("lambda", "list_functions", "Functions", "FunctionName"),
            "log groups": names("logs", "describe_log_groups", "logGroups", "logGroupName"),
            "roles": names("iam", "list_roles", "Roles", "RoleName"),
            "tables": names("dynamodb", "list_tables", "TableNames", ""),
            "user pools": names("cognito-idp", "list_user_pools", "UserPools", "Name", MaxResults=60),
            "APIs": names("apigatewayv2", "get_apis", "Items", "Name"),
            "queues": names("sqs", "list_queues", "QueueUrls", ""),
            "mappings": names("lambda", "list_event_source_mappings", "EventSourceMappings", "EventSourceArn"),
            "schedules": names("scheduler", "list_schedules", "Schedules", "Name"),
            "state machines": names("stepfunctions", "list_state_machines", "stateMachines", "name"),
            "parameters": names("ssm", "describe_parameters", "Parameters", "Name"),
            "topics": names("sns", "list_topics", "Topics", "TopicArn"),
            "alarms": names("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
            "dashboards": names("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
            "distributions": [each["Comment"] for each in distributions.get("Items", [])],
            "origin access controls": [each["Name"] for each in cloudfront.get("Items", [])],
        }

    def live(self, stage: str) -> dict[str, str]:
        """The image that callers of each function of a stack reach, by the function's name."""
        functions = self.aws("lambda")
        found: dict[str, str] = {}
        for page in functions.get_paginator("list_functions").paginate():
            for each in page["Functions"]:
                name = each["FunctionName"]
                if name.startswith(f"{self.service}-{stage}-"):
                    code = functions.get_function(FunctionName=name, Qualifier="live")["Code"]
                    found[name.removeprefix(f"{self.service}-{stage}-")] = code["ImageUri"]
        return found


def changes(told: str) -> dict[str, str]:
    """What a preview or an update with ``--diff`` tells of: the operation by `type name`, of all that does not stay."""
    found = re.findall(r"^ *\S{1,2} (\S+): \(([\w-]+)\).*\n(?: +\[id=.*\n)? +\[urn=.*::(.+)\]$", told, re.MULTILINE)
    return {f"{kind} {name}": operation for kind, operation, name in found if operation != "same"}


def link_environment(checkout: Path) -> None:
    """What `python3 run.py` leaves in a checkout."""
    (checkout / ".venv").symlink_to(PROJECT / ".venv")


def endpoints(emulator: Emulator) -> dict[str, Any]:
    """The setting that puts an embedded AWS in the place of AWS."""
    return {"aws:endpoints": [dict.fromkeys(SERVICES, emulator.endpoint)]}


def prepare(checkout: Path, emulator: Emulator) -> None:
    """Lets every stage of the checkout deploy to an embedded AWS, where all accounts are one."""
    for path in checkout.glob("Pulumi.*.yaml"):
        described = yaml.safe_load(path.read_text())
        described["config"] |= endpoints(emulator)
        if "aws:allowedAccountIds" in described["config"]:
            described["config"]["aws:allowedAccountIds"] = [ACCOUNT_ID]
        path.write_text(yaml.safe_dump(described))
    git = ("git", "-C", str(checkout))
    for command in (("init", "--quiet"), ("add", "--all"), (*_IDENTITY, "commit", "--quiet", "--message", "Start")):
        subprocess.run([*git, *command], check=True)
