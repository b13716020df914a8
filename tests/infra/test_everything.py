"""What a system may declare, read from a platform that declares one of everything."""

from __future__ import annotations

import ast
import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from aurora.local.deploy import resources
from aurora.testing.declared import ACCOUNT, Declared
from aurora.testing.iam import Request, allows
from tests.engine.aws import KINDS
from tests.support.clone import PROJECT

ARN = f"arn:aws:{{}}:eu-west-1:{ACCOUNT}:"
SQS, LAMBDA = ARN.format("sqs"), ARN.format("lambda")
QUEUES = ("jobs", "uploads", "images")


def types_of_components() -> set[str]:
    """The types of AWS's resources that the engine's components make."""
    found: set[str] = set()
    for path in [*(PROJECT / "aurora" / "components").glob("*.py"), PROJECT / "aurora" / "platform.py"]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and (kind := _of_aws(node.func)):
                found.add(kind)
    return found


def _of_aws(function: ast.expr) -> str:
    """The type token of ``aws.sqs.Queue``; "" of whatever is no resource of AWS's provider."""
    match function:
        case ast.Attribute(ast.Attribute(ast.Name("aws"), module), name):
            kind = getattr(getattr(aws, module), name)
            is_resource = isinstance(kind, type) and issubclass(kind, pulumi.Resource)
            return pulumi.get_type_token(kind) or "" if is_resource else ""
        case _:
            return ""


def statements(everything: Declared, suffix: str, name: str) -> list[dict[str, Any]]:
    return json.loads(everything.one(suffix, name).inputs["policy"])["Statement"]


def test_the_platform_declares_each_type_that_components_make(everything: Declared) -> None:
    assert types_of_components() - {each.type for each in everything.resources} == set()


@pytest.mark.parametrize("known", [resources.knows, KINDS.__contains__], ids=["local", "real engine"])
def test_each_type_is_known_where_platforms_run(everything: Declared, known: Any) -> None:
    types = {each.type for each in everything.resources if each.type.startswith("aws:")}
    assert [each for each in sorted(types) if not known(each)] == []


@pytest.mark.parametrize("queue", QUEUES)
def test_a_queue_is_encrypted_and_hides_messages_for_six_times_its_functions_timeout(
    everything: Declared, queue: str
) -> None:
    inputs = everything.one("sqs/queue:Queue", f"queue-{queue}").inputs
    failed = everything.one("sqs/queue:Queue", f"queue-{queue}-failed").inputs
    (consumer,) = {
        function.inputs["timeout"]
        for function in everything.of_type("lambda/function:Function")
        if function.inputs["name"] == f"sampler-dev-{'worker' if queue == 'jobs' else 'reader'}"
    }
    assert inputs["visibilityTimeoutSeconds"] == 6 * consumer
    assert inputs["sqsManagedSseEnabled"] is failed["sqsManagedSseEnabled"] is True
    for name in (f"queue-{queue}", f"queue-{queue}-failed"):
        (tls,) = [each for each in statements(everything, "sqs/queue:Queue", name) if each["Effect"] == "Deny"]
        assert tls["Action"] == "sqs:*"
        assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_what_failed_often_enough_goes_to_a_queue_that_takes_no_other_messages(everything: Declared) -> None:
    redrive = json.loads(everything.one("sqs/queue:Queue", "queue-jobs").inputs["redrivePolicy"])
    failed = everything.one("sqs/queue:Queue", "queue-jobs-failed").inputs
    assert redrive == {"deadLetterTargetArn": f"{SQS}sampler-dev-jobs-failed", "maxReceiveCount": 2}
    assert json.loads(failed["redriveAllowPolicy"]) == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [f"{SQS}sampler-dev-jobs"],
    }
    assert failed["messageRetentionSeconds"] == 14 * 24 * 3600


def test_messages_go_to_the_alias_in_batches_of_which_some_may_fail(everything: Declared) -> None:
    mapping = everything.one(":EventSourceMapping", "queue-jobs")
    assert mapping.inputs["functionName"] == f"{LAMBDA}function:sampler-dev-worker:live"
    assert mapping.inputs["batchSize"] == 5
    assert mapping.inputs["functionResponseTypes"] == ["ReportBatchItemFailures"]
    # Lambda looks at once whether the role may take messages.
    assert everything.one(":RolePolicy", "notes-worker").urn in mapping.depends_on


def test_a_function_may_take_messages_of_its_own_queues_only(everything: Declared) -> None:
    role = statements(everything, ":RolePolicy", "notes-reader")
    for queue in QUEUES:
        for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
            request = Request(f"sqs:{action}", f"{SQS}sampler-dev-{queue}")
            assert allows(role, request) == (queue != "jobs")


def test_s3_may_send_events_of_the_declared_bucket_of_this_account_only(everything: Declared) -> None:
    policy = [each for each in statements(everything, "sqs/queue:Queue", "queue-uploads") if each["Effect"] == "Allow"]
    bucket = f"arn:aws:s3:::sampler-dev-uploads-{ACCOUNT}"

    def may(**context: str) -> bool:
        found = {"aws:SourceArn": bucket, "aws:SourceAccount": ACCOUNT} | {
            f"aws:{name}": value for name, value in context.items()
        }
        return allows(policy, Request("sqs:SendMessage", f"{SQS}sampler-dev-uploads", found, "s3.amazonaws.com"))

    assert may()
    assert not may(SourceArn="arn:aws:s3:::sampler-dev-site-123456789012")
    assert not may(SourceAccount="999999999999")
    assert not [each for each in statements(everything, "sqs/queue:Queue", "queue-jobs") if each["Effect"] == "Allow"]


def test_a_buckets_events_go_to_the_queues_by_prefix_and_suffix(everything: Declared) -> None:
    notification = everything.one(":BucketNotification", "bucket-uploads").inputs
    assert notification["queues"] == [
        {
            "queueArn": f"{SQS}sampler-dev-{queue}",
            "events": ["s3:ObjectCreated:*"],
            "filterPrefix": "incoming/",
            "filterSuffix": suffix,
        }
        for queue, suffix in (("uploads", ".txt"), ("images", ".png"))
    ]


def test_a_schedule_may_call_its_functions_alias_and_nothing_else(everything: Declared) -> None:
    schedule = everything.one("scheduler/schedule:Schedule", "schedule-nightly")
    (allowed,) = statements(everything, ":RolePolicy", "schedule-nightly")
    trust = json.loads(everything.one(":Role", "schedule-nightly").inputs["assumeRolePolicy"])["Statement"]
    alias = f"{LAMBDA}function:sampler-dev-clock:live"
    assert schedule.inputs["target"]["arn"] == alias
    assert schedule.inputs["scheduleExpression"] == "cron(30 2 ? * MON-FRI *)"
    assert (allowed["Action"], allowed["Resource"]) == (["lambda:InvokeFunction"], [alias])
    assert [each["Principal"] for each in trust] == [{"Service": "scheduler.amazonaws.com"}]
    assert [each["Condition"] for each in trust] == [{"StringEquals": {"aws:SourceAccount": ACCOUNT}}]
    assert everything.one(":RolePolicy", "schedule-nightly").urn in schedule.depends_on


def test_a_public_route_demands_no_token_and_every_other_does(everything: Declared) -> None:
    routes = {each.inputs["routeKey"]: each.inputs for each in everything.of_type(":Route")}
    public = routes.pop("GET /health")
    assert (public["authorizationType"], public.get("authorizerId")) == ("NONE", None)
    assert {each["authorizationType"] for each in routes.values()} == {"JWT"}
    assert all(each["authorizerId"] for each in routes.values())


def test_a_table_has_its_indexes_and_keys_of_both_types(everything: Declared) -> None:
    table = everything.one("table:Table", "table-notes").inputs
    assert (table["hashKey"], table["rangeKey"]) == ("owner", "number")
    assert {each["name"]: each["type"] for each in table["attributes"]} == {
        "owner": "S",
        "number": "N",
        "score": "N",
        "kind": "S",
    }
    assert {each["name"]: each["projectionType"] for each in table["globalSecondaryIndexes"]} == {
        "by-score": "ALL",
        "owners": "KEYS_ONLY",
    }


def test_each_workflow_calls_its_own_functions(everything: Declared) -> None:
    machines = everything.of_type(":StateMachine")
    assert {each.inputs["name"] for each in machines} == {"sampler-dev-first", "sampler-dev-second"}
    assert all(f"{LAMBDA}function:sampler-dev-step:live" in each.inputs["definition"] for each in machines)


@pytest.mark.parametrize("queue", QUEUES)
def test_an_alarm_rings_while_messages_that_failed_wait(everything: Declared, queue: str) -> None:
    alarm = everything.one(":MetricAlarm", f"alarms-{queue}-dead-letters").inputs
    assert alarm["dimensions"] == {"QueueName": f"sampler-dev-{queue}-failed"}
    assert (alarm["namespace"], alarm["metricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert (alarm["statistic"], alarm["threshold"]) == ("Maximum", 0)


def test_the_dashboard_shows_every_queue_and_what_failed_in_it(everything: Declared) -> None:
    (dashboard,) = everything.of_type(":Dashboard")
    shown = {
        metric[3]
        for widget in json.loads(dashboard.inputs["dashboardBody"])["widgets"]
        for metric in widget["properties"]["metrics"]
        if metric[0] == "AWS/SQS"
    }
    assert shown == {f"sampler-dev-{queue}{failed}" for queue in QUEUES for failed in ("", "-failed")}
