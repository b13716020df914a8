"""State machines."""

from __future__ import annotations

from typing import Any

from aurora.local.aws import LocalAws
from aurora.local.deploy.resources.shapes import Created, Inputs


def state_machine(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    machine_name = inputs.get("name", name)
    arn = aws.client("stepfunctions").create_state_machine(
        name=machine_name,
        definition=inputs["definition"],
        roleArn=inputs["roleArn"],
        type=inputs.get("type", "STANDARD"),
        **_logging(inputs.get("loggingConfiguration", {})),
    )["stateMachineArn"]
    return arn, {"name": machine_name, "arn": arn, "tagsAll": inputs.get("tags", {})}


def _logging(config: Inputs) -> dict[str, Any]:
    if not config.get("logDestination"):
        return {}
    return {
        "loggingConfiguration": {
            "level": config.get("level", "OFF"),
            "includeExecutionData": bool(config.get("includeExecutionData", False)),
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": config["logDestination"]}}],
        }
    }


TABLE = {"aws:sfn/stateMachine:StateMachine": state_machine}
