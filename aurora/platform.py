"""The platform of one stage: the catalogue turned into resources, in the order in which they need each other."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from aurora import contracts
from aurora.components.alarms import AlarmProps, Alarms
from aurora.components.api import ApiProps, HttpApi
from aurora.components.dashboard import Dashboard, DashboardProps
from aurora.components.function import ImageFunction
from aurora.components.group import FunctionGroup, GroupProps
from aurora.components.notifications import Notifications, NotificationsProps
from aurora.components.sign_in import SignIn, SignInProps
from aurora.components.site import Site, SiteProps
from aurora.components.storage import BucketProps, PrivateBucket, Table, TableProps
from aurora.components.workflow import Workflow, WorkflowProps
from aurora.naming import Naming
from aurora.settings import Settings
from infra import catalogue


class Platform(pulumi.ComponentResource):
    """Everything of one stage. ``exports`` is what a person and a CI need to know of it."""

    exports: dict[str, pulumi.Input[Any]]

    def __init__(self, settings: Settings, project: Path) -> None:
        stack = settings.stack
        # Children inherit protection from here: a protected stack refuses to be destroyed as a whole.
        super().__init__(
            "aurora:platform:Platform", settings.service, None, pulumi.ResourceOptions(protect=stack.protect)
        )
        child = pulumi.ResourceOptions(parent=self)
        tags = settings.tags
        caller = _caller()
        naming = Naming(settings.service, settings.stage, settings.region, caller.account_id, caller.arn.split(":")[1])
        # Before the first resource: a platform that could not work is not half created.
        specs = contracts.functions(settings, naming, project)
        definition = contracts.workflow(naming)

        site = Site("site", SiteProps(project / "site", stack.site_origin, naming, tags), child)
        sign_in = SignIn(
            "sign-in", SignInProps(_endpoint(settings, "cognitoidp", "cognito-idp"), stack.protect, naming, tags), child
        )
        content = PrivateBucket(
            # Not the bucket's own name: `--target '**::content**'` means the group of that name, and it alone.
            "bucket",
            BucketProps(
                naming.global_name(catalogue.BUCKET),
                tags,
                versioning=stack.keep_history,
                browser_origins=site.origin.apply(lambda origin: [origin]),
            ),
            # Stacks of earlier versions know it by that very name: to them it must not be another bucket.
            pulumi.ResourceOptions(parent=self, aliases=[pulumi.Alias(name=catalogue.BUCKET)]),
        )
        content.apply_policy()
        for name, table in catalogue.TABLES.items():
            Table(
                name,
                TableProps(
                    naming.name(name),
                    table.hash_key,
                    table.range_key,
                    tags,
                    ttl_attribute=table.ttl_attribute,
                    point_in_time_recovery=stack.keep_history,
                    deletion_protection=stack.protect,
                ),
                child,
            )
        Notifications("notifications", NotificationsProps(catalogue.TOPIC, stack.notify_emails, naming, tags), child)
        for provider, key in settings.api_keys.items():
            aws.ssm.Parameter(
                catalogue.api_key(provider),
                name=naming.parameter_name(catalogue.api_key(provider)),
                type="SecureString",
                value=pulumi.Output.secret(key),
                tags=tags,
                opts=child,
            )

        groups = {
            group: FunctionGroup(GroupProps(group, functions, project, naming, settings), child)
            for group, functions in specs.items()
        }
        functions: dict[str, ImageFunction] = {}
        for group in groups.values():
            functions.update(group.functions)
        workflow = Workflow(
            "workflow",
            WorkflowProps(
                catalogue.WORKFLOW,
                definition,
                {name: functions[name] for name in catalogue.WORKFLOW_FUNCTIONS},
                stack.log_retention_days,
                naming,
                tags,
            ),
            child,
        )
        api = HttpApi(
            "api",
            ApiProps(catalogue.ROUTES, functions, sign_in, site.origin, stack.log_retention_days, naming, tags),
            child,
        )
        site.publish(
            pulumi.Output.all(api.endpoint, sign_in.client.id).apply(
                lambda known: {
                    "environment": settings.stage,
                    "stage": settings.stage,
                    "region": settings.region,
                    "apiEndpoint": known[0],
                    "signIn": {"endpoint": sign_in.endpoint, "clientId": known[1]},
                    "models": {
                        "text": _first(stack.text_model, stack.names("text")),
                        "image": _first(stack.image_model, stack.names("image")),
                    },
                    "limits": {"maxConcurrency": stack.concurrency_limit},
                }
            ),
            pulumi.Output.all(api.endpoint, sign_in.endpoint, _uploads_url(settings, naming)),
        )
        dashboard = Dashboard(
            "dashboard",
            DashboardProps(
                {name: [spec.name for spec in group] for name, group in specs.items()},
                catalogue.WORKFLOW,
                definition,
                api.id,
                naming,
            ),
            child,
        )
        if stack.alarms:
            Alarms(
                "alarms",
                AlarmProps(
                    stack.alarm_email,
                    [spec.name for group in specs.values() for spec in group if spec.alarm],
                    catalogue.WORKFLOW,
                    definition,
                    api.id,
                    stack.cost_alarm_per_hour,
                    dashboard.url,
                    naming,
                    tags,
                ),
                child,
            )
        self.exports = {
            "environment": settings.stage,
            "account": caller.account_id,
            "region": settings.region,
            "site": site.origin,
            "api": api.endpoint,
            "dashboard": dashboard.url,
            "bucket": content.name,
            "userPoolId": sign_in.pool.id,
            "clientId": sign_in.client.id,
            "signInEndpoint": sign_in.endpoint,
            "stateMachine": workflow.state_machine.arn,
            "images": {name: group.image.uri for name, group in groups.items()},
            "functions": {name: function.live.arn for name, function in functions.items()},
        }
        self.register_outputs(self.exports)


def _first(default: str, names: Iterable[str]) -> list[str]:
    """The default comes first: the site offers it first."""
    return sorted(names, key=lambda name: name != default)


class AwsRefused(pulumi.RunError):
    """AWS cannot be reached with the stack's credentials, or not in this account; the message says why."""


def _caller() -> aws.AwaitableGetCallerIdentityResult:
    """Who deploys: the first thing that is asked of AWS, so it is here that bad credentials show."""
    try:
        return aws.get_caller_identity()
    except Exception as error:  # Pulumi raises no narrower one
        reason = str(error).rpartition("returned an error: ")[2]
        raise AwsRefused(
            f"AWS does not let this stack be deployed: {reason}\nThe stack's aws:profile, or else the "
            "environment, names the credentials: `aws sts get-caller-identity` shows whose they are."
        ) from error


def _endpoint(settings: Settings, pulumi_service: str, dns_service: str) -> str:
    """Where browsers reach an AWS service: AWS itself, unless the stack config puts an emulator there."""
    return settings.endpoints.get(pulumi_service, f"https://{dns_service}.{settings.region}.amazonaws.com")


def _uploads_url(settings: Settings, naming: Naming) -> str:
    """The URL under which browsers send outlines to, and fetch books from, the content bucket."""
    bucket = naming.global_name(catalogue.BUCKET)
    return settings.endpoints.get("s3", f"https://{bucket}.s3.{settings.region}.amazonaws.com")
