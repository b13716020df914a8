"""Parameters and topics."""

from __future__ import annotations

from aurora.local.aws import LocalAws
from aurora.local.deploy.resources.shapes import Created, Inputs


def parameter(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    parameter_name = inputs.get("name", name)
    answer = aws.client("ssm").put_parameter(
        Name=parameter_name, Type=inputs["type"], Value=inputs["value"], Overwrite=True
    )
    return parameter_name, {
        "name": parameter_name,
        "arn": aws.arn("ssm", f"parameter/{parameter_name.lstrip('/')}"),
        "version": answer["Version"],
        "tagsAll": inputs.get("tags", {}),
    }


def topic(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    topic_name = inputs.get("name", name)
    arn = aws.client("sns").create_topic(Name=topic_name)["TopicArn"]
    return arn, {"name": topic_name, "arn": arn, "tagsAll": inputs.get("tags", {})}


TABLE = {
    "aws:ssm/parameter:Parameter": parameter,
    "aws:sns/topic:Topic": topic,
}
