"""The platform of one stage: its systems' declarations as resources, in the order in which they need each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from aurora import contracts
from aurora.components.alarms import AlarmProps, Alarms
from aurora.components.api import ApiProps, HttpApi
from aurora.components.dashboard import Dashboard, DashboardProps
from aurora.components.function import ImageFunction
from aurora.components.group import FunctionGroup, GroupProps, image_requests
from aurora.components.queue import Queue, QueueProps
from aurora.components.schedule import Schedule, ScheduleProps
from aurora.components.sign_in import SignIn, SignInProps
from aurora.components.site import Site, SiteProps
from aurora.components.storage import BucketProps, PrivateBucket, Table, TableProps
from aurora.components.topic import Topic, TopicProps
from aurora.components.workflow import Workflow, WorkflowProps
from aurora.declaration import Declaration
from aurora.errors import DeclarationError
from aurora.metrics import Alarm, Widget
from aurora.naming import Naming
from aurora.settings import Settings
from aurora.system import System


class Platform(pulumi.ComponentResource):
    """All resources of one stage. ``exports`` are the stack's outputs.

    Raises:
        pulumi.RunError: the declarations cannot be deployed, or AWS refuses the stack's credentials.
    """

    exports: dict[str, pulumi.Input[Any]]

    def __init__(self, settings: Settings, systems: Sequence[System], project: Path) -> None:
        stack = settings.stack
        # Children inherit protection from here: a protected stack refuses to be destroyed as a whole.
        super().__init__(
            "aurora:platform:Platform", settings.service, None, pulumi.ResourceOptions(protect=stack.protect)
        )
        caller = _caller()
        # Before the first resource: a platform that cannot work is not half created.
        try:
            naming = Naming(settings.service, settings.stage, settings.region, caller.account_id, _partition(caller))
            declared = Declaration(systems, settings, naming, project)
            contracts.check(declared)
            config, widgets, alarms = _site_config(declared), _widgets(declared), _alarms(declared)
            images = image_requests(declared)
        except DeclarationError as error:
            raise pulumi.RunError(str(error)) from error
        self._child = pulumi.ResourceOptions(parent=self)
        self._declared = declared
        child, tags = self._child, settings.tags

        site = Site("site", SiteProps(project / "site", stack.site_origin, naming, tags), child)
        sign_in = SignIn(
            "sign-in", SignInProps(_endpoint(settings, "cognitoidp", "cognito-idp"), stack.protect, naming, tags), child
        )
        buckets = self._storage(site)
        self._topics()
        self._secrets()
        groups = {
            group: FunctionGroup(GroupProps(images[group], functions, project, naming, settings), child)
            for group, functions in declared.groups.items()
        }
        functions: dict[str, ImageFunction] = {}
        for group in groups.values():
            functions.update(group.functions)
        workflows = {
            key: Workflow(
                f"workflow-{key}",
                WorkflowProps(
                    key,
                    workflow.definition,
                    {name: functions[name] for name in workflow.functions},
                    stack.log_retention_days,
                    naming,
                    tags,
                ),
                child,
            )
            for key, workflow in declared.workflows.items()
        }
        self._queues(functions, buckets)
        for key, schedule in declared.schedules.items():
            props = ScheduleProps(key, schedule, functions[schedule.function], naming, tags)
            Schedule(f"schedule-{key}", props, child)
        api = HttpApi(
            "api",
            ApiProps(declared.routes, functions, sign_in, site.origin, stack.log_retention_days, naming, tags),
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
                    **config,
                }
            ),
            pulumi.Output.all(api.endpoint, sign_in.endpoint, *_bucket_urls(declared)),
        )
        dashboard = Dashboard(
            "dashboard",
            DashboardProps(
                {name: [function.name for function in group] for name, group in declared.groups.items()},
                declared.workflows,
                tuple(declared.queues),
                api.id,
                widgets,
                naming,
            ),
            child,
        )
        if stack.alarms:
            Alarms(
                "alarms",
                AlarmProps(
                    stack.alarm_email,
                    [function.name for function in declared.functions.values() if function.spec.alarm],
                    declared.workflows,
                    tuple(declared.queues),
                    api.id,
                    alarms,
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
            "userPoolId": sign_in.pool.id,
            "clientId": sign_in.client.id,
            "signInEndpoint": sign_in.endpoint,
            "buckets": {key: bucket.name for key, bucket in buckets.items()},
            "stateMachines": {key: workflow.state_machine.arn for key, workflow in workflows.items()},
            "images": {name: group.image.uri for name, group in groups.items()},
            "functions": {name: function.live.arn for name, function in functions.items()},
        }
        self.register_outputs(self.exports)

    def _storage(self, site: Site) -> dict[str, PrivateBucket]:
        declared, stack = self._declared, self._declared.settings.stack
        tags, naming = declared.settings.tags, declared.naming
        buckets: dict[str, PrivateBucket] = {}
        for key, bucket in declared.buckets.items():
            buckets[key] = PrivateBucket(
                # Not the key alone: `--target '**::content**'` must match the group of that name alone.
                f"bucket-{key}",
                BucketProps(
                    naming.global_name(key),
                    tags,
                    versioning=stack.keep_history,
                    browser_origins=site.origin.apply(lambda origin: [origin]) if bucket.from_pages else None,
                ),
                self._child,
            )
            buckets[key].apply_policy()
        for key, table in declared.tables.items():
            Table(
                f"table-{key}",
                TableProps(
                    naming.name(key),
                    table,
                    tags,
                    point_in_time_recovery=stack.keep_history,
                    deletion_protection=stack.protect,
                ),
                self._child,
            )
        return buckets

    def _topics(self) -> None:
        declared = self._declared
        for key, topic in declared.topics.items():
            emails = declared.in_stage(f"topic '{key}'", topic.emails)
            Topic(f"topic-{key}", TopicProps(key, emails, declared.naming, declared.settings.tags), self._child)

    def _queues(self, functions: Mapping[str, ImageFunction], buckets: Mapping[str, PrivateBucket]) -> None:
        declared = self._declared
        queues: dict[str, Queue] = {}
        for key, queue in declared.queues.items():
            consumer = declared.functions[queue.function]
            queues[key] = Queue(
                f"queue-{key}",
                QueueProps(
                    key,
                    queue,
                    functions[queue.function],
                    consumer.spec.timeout,
                    declared.sources(key),
                    declared.naming,
                    declared.settings.tags,
                ),
                self._child,
            )
        for key, bucket in declared.buckets.items():
            if bucket.events:
                buckets[key].send_events([(event, queues[event.queue].queue.arn) for event in bucket.events])

    def _secrets(self) -> None:
        settings, naming = self._declared.settings, self._declared.naming
        for key, value in settings.secrets.items():
            aws.ssm.Parameter(
                key,
                name=naming.parameter_name(key),
                type="SecureString",
                value=pulumi.Output.secret(value),
                tags=settings.tags,
                opts=self._child,
            )


def _site_config(declared: Declaration) -> dict[str, Any]:
    """The content of ``config.js`` for each system that has a part of the site."""
    return {
        system.name: declared.in_stage(f"site of '{system.name}'", system.site)
        for system in declared.systems
        if system.site is not None
    }


def _widgets(declared: Declaration) -> list[Widget]:
    makers = [(system.name, system.dashboard) for system in declared.systems if system.dashboard is not None]
    return [widget for name, make in makers for widget in declared.in_stage(f"dashboard of '{name}'", make)]


def _alarms(declared: Declaration) -> list[Alarm]:
    makers = [(system.name, system.alarms) for system in declared.systems if system.alarms is not None]
    return [alarm for name, make in makers for alarm in declared.in_stage(f"alarms of '{name}'", make)]


def _partition(caller: aws.AwaitableGetCallerIdentityResult) -> str:
    return caller.arn.split(":")[1]


def _bucket_urls(declared: Declaration) -> list[str]:
    """The URLs at which the site's pages reach buckets."""
    settings, naming = declared.settings, declared.naming
    return [
        settings.endpoints.get("s3", f"https://{naming.global_name(key)}.s3.{settings.region}.amazonaws.com")
        for key, bucket in declared.buckets.items()
        if bucket.from_pages
    ]


class AwsRefused(pulumi.RunError):
    """AWS refuses the stack's credentials or account; the message says why."""


def _caller() -> aws.AwaitableGetCallerIdentityResult:
    """The caller's identity: the first request to AWS, so bad credentials show here."""
    try:
        return aws.get_caller_identity()
    except Exception as error:  # Pulumi raises no narrower one
        reason = str(error).rpartition("returned an error: ")[2]
        raise AwsRefused(
            f"AWS refuses to deploy this stack: {reason}\nThe credentials come from the stack's aws:profile or else "
            "from the environment: `aws sts get-caller-identity` shows whose they are."
        ) from error


def _endpoint(settings: Settings, pulumi_service: str, dns_service: str) -> str:
    """Where browsers reach an AWS service: AWS itself, unless the stack config names an emulator."""
    return settings.endpoints.get(pulumi_service, f"https://{dns_service}.{settings.region}.amazonaws.com")
