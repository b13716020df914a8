"""What a system may declare, brought up, changed and ended by the real engine."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine.engine import ELSEWHERE, REGION, Engine, endpoints, link_environment
from tests.engine.engine import SERVICE as IMAGES_OF
from tests.support import sampler


@pytest.fixture
def everything(engine: Engine, tmp_path: Path) -> Engine:
    """A checkout of the platform that declares one of everything, whose images another environment holds."""
    project = sampler.copy_to(tmp_path)
    link_environment(project)
    config = {
        **sampler.EVERY_SETTING,
        **endpoints(engine.emulator),
        "aurora:copiedBy": ["999999999999"],
        "aurora:copyFrom": [{"stage": ELSEWHERE, "service": IMAGES_OF}],
    }
    (project / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))
    images = sampler.declared(project, "dev", sampler.EVERY_SETTING).of_type(":EnsuredImage")
    engine.seed(ELSEWHERE, {image.name: image.inputs["tag"] for image in images})
    return replace(engine, checkout=project, service=sampler.SERVICE)


def queue(engine: Engine, name: str) -> dict[str, str]:
    sqs = engine.aws("sqs")
    url = sqs.get_queue_url(QueueName=f"sampler-dev-{name}")["QueueUrl"]
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def prefixes(engine: Engine) -> set[tuple[str, str]]:
    """Which queue gets events of objects below which prefix."""
    found = engine.aws("s3").get_bucket_notification_configuration(Bucket="sampler-dev-uploads-000000000000")
    rules: list[tuple[str, Any]] = [
        (each["QueueArn"].rpartition("-")[2], each["Filter"]["Key"]["FilterRules"])
        for each in found["QueueConfigurations"]
    ]
    return {(name, rule["Value"]) for name, each in rules for rule in each if rule["Name"].lower() == "prefix"}


def test_everything_comes_up_stays_as_it_is_changes_in_place_and_goes(everything: Engine) -> None:
    before = everything.inventory()
    everything.must("pulumi", "stack", "init", "dev")
    everything.up("dev")
    everything.preview("dev", "--expect-no-changes")
    assert everything.live("dev").keys() == {"api", "clock", "reader", "step", "worker"}
    assert json.loads(queue(everything, "jobs")["RedrivePolicy"])["maxReceiveCount"] == 2
    assert prefixes(everything) == {("uploads", "incoming/"), ("images", "incoming/")}

    system = everything.checkout / "infra" / "__init__.py"
    text = system.read_text()
    for old, new in (
        ('"worker", batch_size=5, attempts=2', '"worker", batch_size=4, attempts=3'),
        ("cron(30 2 ? * MON-FRI *)", "rate(7 days)"),
        ('BucketEvent("images", "incoming/"', 'BucketEvent("images", "pictures/"'),
    ):
        assert old in text
        text = text.replace(old, new)
    system.write_text(text)
    told = everything.up("dev", "--diff")

    assert "replace" not in told
    assert json.loads(queue(everything, "jobs")["RedrivePolicy"])["maxReceiveCount"] == 3
    assert prefixes(everything) == {("uploads", "incoming/"), ("images", "pictures/")}
    mappings = everything.aws("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert {each["EventSourceArn"].rpartition("-")[2]: each["BatchSize"] for each in mappings} == {
        "jobs": 4,
        "uploads": 10,
        "images": 1,
    }
    assert all(each["FunctionArn"].endswith(":live") for each in mappings)
    schedule = everything.aws("scheduler").get_schedule(Name="sampler-dev-nightly")
    assert schedule["ScheduleExpression"] == "rate(7 days)"
    assert schedule["Target"]["Arn"] == f"arn:aws:lambda:{REGION}:000000000000:function:sampler-dev-clock:live"

    everything.must("pulumi", "destroy", "--yes", "--skip-preview", "-s", "dev")
    assert everything.inventory() == before
