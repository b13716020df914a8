"""What AWS would refuse of queues, schedules, events and tables, or pass over, is refused before the first resource."""

from __future__ import annotations

from typing import Any

import pytest

from aurora.contracts import events, names, resources
from aurora.declaration import Declaration
from aurora.errors import DeclarationError
from aurora.naming import Naming
from aurora.runtime.env import Environment
from aurora.settings import Settings
from aurora.system import Bucket, BucketEvent, Function, Index, Queue, Schedule, System, Table
from tests.support.clone import PROJECT

WORKER = (Function("worker", lambda _: Environment()),)


def declaration(stage: str = "dev", **fields: Any) -> Declaration:
    """A platform of one system with one function and these fields."""
    systems = (System("work", groups={"workers": WORKER}, **fields),)
    settings = Settings.read("office", stage, {"aws:region": "eu-west-1"}, systems)
    return Declaration(systems, settings, Naming("office", stage, "eu-west-1", "123456789012"), PROJECT)


def refusal(check: Any, **fields: Any) -> str:
    with pytest.raises(DeclarationError) as caught:
        check(declaration(**fields))
    return str(caught.value)


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 minute)",
        "rate(12 hours)",
        "rate(7 days)",
        "cron(0 6 * * ? *)",
        "cron(0/15 8-18 ? * MON-FRI 2030)",
        "cron(0,30 6 L * ? *)",
        "cron(0 6 15W JAN,jul ? *)",
        "cron(0 6 ? * 6L *)",
        "cron(0 6 ? * MON#2 *)",
        "at(2030-01-31T06:00:00)",
    ],
)
def test_expressions_of_eventbridge_are_accepted(expression: str) -> None:
    events.check(declaration(schedules={"daily": Schedule(expression, "worker")}))


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("hourly", "is not an expression like rate(1 hour)"),
        ("rate(0 hours)", "is not an expression like rate(1 hour)"),
        ("rate(30 seconds)", "is not an expression like rate(1 hour)"),
        ("cron(0 6 * * ?)", "is not an expression like rate(1 hour)"),
        ("cron(60 6 * * ? *)", "has the minutes '60': 0 to 59 are allowed"),
        ("cron(0 24 * * ? *)", "has the hours '24': 0 to 23 are allowed"),
        ("cron(0 6 32 * ? *)", "has the day of the month '32': 1 to 31 are allowed"),
        ("cron(0 6 45W * ? *)", "has the day of the month '45W'"),
        ("cron(0 6 * JANUARY ? *)", "has the month 'JANUARY': 1 to 12 are allowed"),
        ("cron(0 6 ? * MON-FRY *)", "has the day of the week 'MON-FRY': 1 to 7 are allowed"),
        ("cron(0 6 ? * 8#1 *)", "has the day of the week '8#1'"),
        ("cron(0 6 ? * ? 1969)", "has the year '1969': 1970 to 2199 are allowed"),
        # Neither AWS nor the embedded AWS would ever run these.
        ("cron(0 6 * * * *)", "must have a ? either as its day of the month or as its day of the week"),
        ("cron(0 6 ? * ? *)", "must have a ? either as its day of the month or as its day of the week"),
        ("at(2030-02-30T06:00:00)", "is not a valid time: day is out of range for month"),
        ("at(2030-01-31)", "is not an expression like rate(1 hour)"),
    ],
)
def test_an_expression_that_would_never_run_is_refused(expression: str, problem: str) -> None:
    sentence = refusal(events.check, schedules={"daily": Schedule(expression, "worker")})
    assert sentence.startswith(f"schedule 'daily': '{expression}' {problem}")


def uploads(*found: BucketEvent) -> dict[str, Any]:
    return {"buckets": {"files": Bucket(events=found)}, "queues": {"one": Queue("worker"), "two": Queue("worker")}}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (BucketEvent("one"), BucketEvent("two", "a/")),
        (BucketEvent("one", "a/"), BucketEvent("two", "a/b/")),
        (BucketEvent("one", "a/b/", ".txt"), BucketEvent("two", "a/")),
        (BucketEvent("one", "a/", ".tar.gz"), BucketEvent("one", "a/b", ".gz")),
    ],
)
def test_events_that_may_be_about_one_object_are_refused(one: BucketEvent, other: BucketEvent) -> None:
    sentence = refusal(events.check, **uploads(one, other))
    assert sentence.startswith("bucket 'files': objects may match both ")
    assert f"'{one.prefix}*{one.suffix}' and '{other.prefix}*{other.suffix}'" in sentence


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (BucketEvent("one", "a/"), BucketEvent("two", "b/")),
        (BucketEvent("one", "a/", ".txt"), BucketEvent("two", "a/", ".png")),
    ],
)
def test_events_that_are_about_different_objects_are_accepted(one: BucketEvent, other: BucketEvent) -> None:
    events.check(declaration(**uploads(one, other)))


def test_a_queue_is_not_called_as_the_dead_letter_queue_of_another() -> None:
    queues = {"jobs": Queue("worker"), "jobs-failed": Queue("worker")}
    assert refusal(events.check, queues=queues) == (
        "queue 'jobs-failed' has the name of the dead-letter queue of 'jobs': rename it"
    )


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (Table(""), "table 'notes' has no hash_key"),
        (Table("owner", "owner"), "table 'notes' has the same attribute as hash_key and as range_key: owner"),
        (
            Table("owner", numbers=("ownr",)),
            "table 'notes': numbers names 'ownr', which is not one of its keys: did you mean 'owner'?",
        ),
        (Table("owner", indexes={"all": Index("")}), "index 'all' of table 'notes' has no hash_key"),
        (Table("owner", indexes={"by kind": Index("kind")}), "table 'notes': the index name 'by kind' is not valid"),
    ],
)
def test_a_table_with_impossible_keys_is_refused(table: Table, problem: str) -> None:
    assert refusal(resources.check, tables={"notes": table}).startswith(problem)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"any_resource": {"iot:Publish": ""}}, "its any_resource gives no reason for iot:Publish"),
        ({"arn_forms": {"arn:.*": " "}}, "its arn_forms gives no reason for arn:.*"),
        ({"arn_forms": {"arn:(": "all"}}, "arn:( of its arn_forms is no regular expression: missing )"),
    ],
)
def test_an_exception_from_the_policies_needs_a_reason(fields: dict[str, Any], problem: str) -> None:
    assert refusal(resources.check, **fields).startswith(f"system 'work': {problem}")


def test_numbers_may_be_keys_of_indexes_alone() -> None:
    table = Table("owner", numbers=("score",), indexes={"by-score": Index("owner", "score")})
    resources.check(declaration(tables={"notes": table}))


@pytest.mark.parametrize(
    ("fields", "longest", "kind"),
    [
        ({"queues": {"q" * 50: Queue("worker")}}, 80 - len("office--" + "q" * 50 + "-failed"), "SQS queue"),
        (
            {"schedules": {"s" * 30: Schedule("rate(1 day)", "worker")}},
            64 - len("office--" + "s" * 30 + "-schedule"),
            "IAM role",
        ),
    ],
)
def test_a_stage_is_refused_whose_dead_letter_queues_or_schedules_would_have_names_too_long(
    fields: dict[str, Any], longest: int, kind: str
) -> None:
    names.check(declaration("d" * longest, **fields))
    assert f"is 1 characters too long: {kind} names" in refusal(names.check, stage="d" * (longest + 1), **fields)


def test_a_stage_is_refused_whose_queue_would_be_another_stages_dead_letter_queue() -> None:
    # The queue `failed` of the stage dev-jobs would have the name of the dead-letter queue of `jobs` of dev.
    queues = {"jobs": Queue("worker"), "failed": Queue("worker")}
    assert "stack name 'dev-jobs' must not end in -jobs" in refusal(names.check, stage="dev-jobs", queues=queues)
