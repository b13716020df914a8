"""What a system may declare works on the embedded AWS: queues, events of buckets, schedules, indexes, public routes.

The platform is one that declares one of everything (tests/everything).
"""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from aurora.testing.iam import Statement
from aurora.testing.permissions import Account, needs, queue_needs, recorded, refused, unused
from tests.support import sampler
from tests.support.sampler import Served
from tests.support.somebody import wait_until


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    project = sampler.copy_to(tmp_path_factory.mktemp("everything"))
    with sampler.served(project, {f"{sampler.SERVICE}:apiKey": "secret"}) as running:
        yield running


@pytest.fixture(scope="module")
def author(platform: Served) -> Generator[httpx.Client]:
    """A client of the API with the local author's token."""
    with httpx.Client(
        base_url=platform.outputs["api"], headers={"authorization": f"Bearer {platform.token()}"}, trust_env=False
    ) as http:
        yield http


def seen(platform: Served, by: str) -> dict[str, int]:
    """How often a function was called for what."""
    items = platform.client("dynamodb").scan(TableName=platform.name("notes"))["Items"]
    owners = {item["owner"]["S"]: int(item["times"]["N"]) for item in items if "times" in item}
    return {owner.partition(":")[2]: times for owner, times in owners.items() if owner.startswith(f"{by}:")}


def messages(platform: Served, queue: str) -> list[str]:
    """The messages that wait in a queue, which stay there."""
    sqs = platform.client("sqs")
    url = sqs.get_queue_url(QueueName=platform.name(queue))["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [message["Body"] for message in found.get("Messages", [])]


def run(platform: Served, workflow: str, does: str) -> dict[str, Any]:
    """An execution of a workflow, once it has ended."""
    steps = platform.client("stepfunctions")
    started = steps.start_execution(
        stateMachineArn=platform.outputs["stateMachines"][workflow], input=json.dumps({"do": does})
    )["executionArn"]
    wait_until(
        lambda: steps.describe_execution(executionArn=started)["status"] != "RUNNING", lambda: "it is still running"
    )
    return steps.describe_execution(executionArn=started)


def role(platform: Served, function: str) -> list[Statement]:
    """What a function may do, as it was deployed."""
    name = platform.name(function)
    return platform.client("iam").get_role_policy(RoleName=name, PolicyName=name)["PolicyDocument"]["Statement"]


def write(author: httpx.Client, number: int, score: int, job: str) -> None:
    note = {"kind": "note", "number": number, "score": score, "job": job}
    assert author.post("/notes", json=note).status_code == 201


def test_a_public_route_answers_everybody_and_the_others_whoever_signed_in(
    platform: Served, author: httpx.Client
) -> None:
    with httpx.Client(base_url=platform.outputs["api"], trust_env=False) as anybody:
        assert anybody.get("/health").text == "alive"
        assert anybody.get("/notes").status_code == 401
    assert author.get("/notes").status_code == 200


def test_items_are_found_in_the_order_of_numbers_by_the_table_and_by_its_indexes(
    platform: Served, author: httpx.Client
) -> None:
    write(author, 9, 100, "sorted")
    write(author, 10, 20, "sorted")

    def numbers(by: str) -> list[int]:
        return [note["number"] for note in author.get("/notes", params={"by": by}).json() if note["number"] in (9, 10)]

    # As texts, 10 would come before 9, and 100 before 20.
    assert numbers("number") == [9, 10]
    assert numbers("score") == [10, 9]
    (note, *_) = author.get("/notes", params={"by": "kind"}).json()
    assert set(note) == {"kind", "owner", "number"}  # the index holds keys alone


def test_an_object_in_the_bucket_is_a_message_for_the_queue_of_its_prefix_and_suffix(platform: Served) -> None:
    s3, bucket = platform.client("s3"), platform.outputs["buckets"]["uploads"]
    for key in ("elsewhere/a.txt", "incoming/b.gif", "incoming/a b.txt", "incoming/c.png"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"content")
    expected = {"incoming/a b.txt": 1, "incoming/c.png": 1}

    def objects() -> dict[str, int]:
        return {what: times for what, times in seen(platform, "reader").items() if "/" in what}

    wait_until(lambda: objects() == expected, lambda: f"the reader saw {objects()}")


def test_each_queue_of_a_bucket_gets_the_message_with_which_s3_tries_it(platform: Served) -> None:
    wait_until(lambda: seen(platform, "reader").get("test event") == 2, lambda: str(seen(platform, "reader")))


def test_a_queue_takes_the_events_of_the_declared_bucket_alone(platform: Served) -> None:
    queue = f"arn:aws:sqs:{platform.described['region']}:000000000000:{platform.name('uploads')}"
    with pytest.raises(ClientError, match="Unable to validate the following destination configurations"):
        platform.client("s3").put_bucket_notification_configuration(
            Bucket=f"{platform.name('site')}-000000000000",
            NotificationConfiguration={
                "QueueConfigurations": [{"QueueArn": queue, "Events": ["s3:ObjectCreated:*"]}],
            },
        )


def test_a_message_that_fails_is_tried_again_alone_and_kept_with_the_failed_ones_in_the_end(
    platform: Served, author: httpx.Client
) -> None:
    sqs = platform.client("sqs")
    url = sqs.get_queue_url(QueueName=platform.name("jobs"))["QueueUrl"]
    declared = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    assert declared["VisibilityTimeout"] == str(6 * 5)
    # As declared, half a minute would pass between two attempts. Less than a slow machine needs for one would be wrong.
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "8"})
    write(author, 2, 2, "starts the worker")
    wait_until(lambda: "starts the worker" in seen(platform, "worker"), lambda: "the worker does not start")
    bodies = [json.dumps({"job": job}) for job in ("possible", "impossible", "also possible")]
    entries = [{"Id": str(place), "MessageBody": body} for place, body in enumerate(bodies)]

    sqs.send_message_batch(QueueUrl=url, Entries=entries)

    wait_until(lambda: messages(platform, "jobs-failed") == [bodies[1]], lambda: str(seen(platform, "worker")))
    attempts = {job: times for job, times in seen(platform, "worker").items() if "possible" in job}
    assert attempts == {"possible": 1, "impossible": 2, "also possible": 1}
    assert messages(platform, "jobs") == []


def test_a_function_sends_messages_to_the_queues_that_it_was_granted_only(
    platform: Served, author: httpx.Client
) -> None:
    write(author, 1, 1, "sent by the api")
    wait_until(lambda: "sent by the api" in seen(platform, "worker"), lambda: str(seen(platform, "worker")))
    ended = run(platform, "first", "send")
    assert ended["status"] == "FAILED"
    assert "not authorized to perform: sqs:SendMessage" in ended["cause"]


def test_a_schedule_calls_its_function_when_its_time_has_come_and_no_other(platform: Served) -> None:
    wait_until(lambda: platform.name("soon") in seen(platform, "clock"), lambda: "no schedule called its function")
    assert platform.name("nightly") not in seen(platform, "clock")


@pytest.mark.parametrize("workflow", ["first", "second"])
def test_each_workflow_runs_its_own_definition(platform: Served, workflow: str) -> None:
    ended = run(platform, workflow, "nothing")
    assert json.loads(ended["output"]) == {"workflow": workflow, "did": "nothing"}


def test_functions_do_what_their_roles_allow_no_less_and_no_more(platform: Served, author: httpx.Client) -> None:
    write(author, 3, 3, "recorded")
    for by in ("number", "score", "kind"):
        author.get("/notes", params={"by": by})
    platform.client("s3").put_object(
        Bucket=platform.outputs["buckets"]["uploads"], Key="incoming/recorded.txt", Body=b"content"
    )
    ended = run(platform, "first", "all it may")
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    for by, what in (("worker", "recorded"), ("reader", "incoming/recorded.txt"), ("clock", "step")):
        wait_until(lambda by=by, what=what: what in seen(platform, by), lambda by=by: str(seen(platform, by)))

    account = Account(platform.described["region"], "000000000000")
    mappings = platform.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    # What `test_a_function_sends_messages_to_the_queues_that_it_was_granted_only` tries is refused, as it should be.
    not_granted = (platform.name("step"), "sqs")
    made = [call for call in recorded(platform.calls) if (call.function, call.service) != not_granted]
    needed = [*needs(made, account), *queue_needs(mappings, account)]
    roles = {platform.name(name): role(platform, name) for name in platform.outputs["functions"]}

    assert refused(roles, needed) == []
    assert unused(roles, needed) == []
