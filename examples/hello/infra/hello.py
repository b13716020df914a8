"""A system that greets, and writes cards: orders wait in a queue, a workflow writes each."""

from collections.abc import Callable
from typing import Any

from aurora.grants import send, start, use_table
from aurora.system import Function, Queue, Route, System, Table, Workflow
from functions.greetings import settings as greetings
from functions.post import settings as post


def _delivery(live_arn: Callable[[str], str]) -> dict[str, Any]:
    write = {"FunctionName": live_arn("write"), "Payload.$": "$"}
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": write, "End": True}
    return {"StartAt": "Write", "States": {"Write": task}}


HELLO = System(
    "hello",
    groups={
        "greetings": (
            Function("greet", lambda _: greetings.GreetSettings("Hello")),
            Function(
                "cards",
                lambda stage: greetings.CardsSettings(stage.table("cards"), stage.queue_url("orders")),
                (*send("orders"), *use_table("cards", "GetItem")),
            ),
        ),
        "post": (
            Function("collect", lambda stage: post.CollectSettings(stage.state_machine("delivery")), start("delivery")),
            Function("write", lambda stage: post.WriteSettings(stage.table("cards")), use_table("cards", "PutItem")),
        ),
    },
    tables={"cards": Table("recipient")},
    queues={"orders": Queue("collect")},
    workflows={"delivery": Workflow(_delivery)},
    routes=(
        Route("GET /greeting", "greet", public="it greets everybody"),
        Route("POST /cards", "cards"),
        Route("GET /cards/{recipient}", "cards"),
    ),
)
