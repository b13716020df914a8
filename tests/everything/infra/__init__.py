"""One of everything that a system may declare, so that each can be tried."""

import os
from typing import Any

from aurora.grants import delete, invoke, publish, read, read_parameter, send, start, use_index, use_table, watch, write
from aurora.metrics import Alarm, Metric, Widget
from aurora.system import (
    Bucket,
    BucketEvent,
    Function,
    Index,
    Queue,
    Route,
    Schedule,
    Stage,
    System,
    Table,
    Topic,
    Workflow,
)
from functions.notes import settings as notes
from functions.tools import settings as tools

# When the schedule `soon` calls its function: a test may name a moment that it can wait for.
SOON = os.environ.get("SAMPLER_SOON", "2030-01-31T06:00:00")


def _records(stage: Stage) -> notes.RecorderSettings:
    return notes.RecorderSettings(stage.table("notes"))


def _calling(says: str) -> Workflow:
    """A workflow of one state that hands its name and its input to a function."""

    def definition(live_arn: Any) -> dict[str, Any]:
        parameters = {"FunctionName": live_arn("step"), "Payload": {"workflow": says, "input.$": "$"}}
        state = {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": parameters,
            "OutputPath": "$.Payload",
            "End": True,
        }
        return {"StartAt": "Step", "States": {"Step": state}}

    return Workflow(definition)


NOTES = System(
    "notes",
    groups={
        "notes": (
            Function(
                "api",
                lambda stage: notes.ApiSettings(stage.table("notes"), stage.queue_url("jobs"), stage.topic("news")),
                (
                    *use_table("notes", "PutItem", "Query"),
                    *use_index("notes", "by-score", "Query"),
                    *use_index("notes", "owners", "Query"),
                    *send("jobs"),
                    *publish("news"),
                ),
            ),
            Function("worker", _records, use_table("notes", "UpdateItem"), timeout=5),
            Function("reader", _records, use_table("notes", "UpdateItem"), timeout=5),
            Function("clock", _records, use_table("notes", "UpdateItem")),
        ),
    },
    tables={
        "notes": Table(
            "owner",
            "number",
            numbers=("number", "score"),
            indexes={"by-score": Index("owner", "score"), "owners": Index("kind", keys_only=True)},
            ttl_attribute="expires_at",
        )
    },
    buckets={
        "uploads": Bucket(
            from_pages=True,
            events=(BucketEvent("uploads", "incoming/", ".txt"), BucketEvent("images", "incoming/", ".png")),
        ),
    },
    queues={
        "jobs": Queue("worker", batch_size=5, attempts=2),
        "uploads": Queue("reader"),
        "images": Queue("reader", batch_size=1),
    },
    topics={"news": Topic(lambda _: ("editor@example.com",))},
    schedules={"soon": Schedule(f"at({SOON})", "clock"), "nightly": Schedule("cron(30 2 ? * MON-FRI *)", "clock")},
    routes=(
        Route("GET /health", "api", public="monitors have no account"),
        Route("GET /notes", "api"),
        Route("POST /notes", "api"),
    ),
    secrets={"apiKey": "api-key"},
    site=lambda stage: {"bucket": stage.bucket("uploads")},
    dashboard=lambda _: (Widget("Notes", (Metric("Notes", label="written"),)),),
    alarms=lambda _: (Alarm("notes-lost", "a note was lost", (Metric("NotesLost"),)),),
)
TOOLS = System(
    "tools",
    groups={
        "tools": (
            Function(
                "step",
                lambda stage: tools.StepSettings(
                    bucket=stage.bucket("uploads"),
                    state_machine_arn=stage.state_machine("second"),
                    function=stage.naming.live_arn("clock"),
                    queue_url=stage.queue_url("jobs"),
                    api_key=stage.secret("api-key"),
                ),
                (
                    *read("uploads", "done/*"),
                    *write("uploads", "done/*"),
                    *delete("uploads", "done/*"),
                    *start("second"),
                    *watch("second"),
                    *invoke("clock"),
                    *read_parameter("api-key"),
                ),
            ),
        )
    },
    workflows={"first": _calling("first"), "second": _calling("second")},
)
SYSTEMS = (NOTES, TOOLS)
