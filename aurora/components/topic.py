"""An SNS topic and the mail addresses that are subscribed to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from aurora.naming import Naming


@dataclass(frozen=True)
class TopicProps:
    """The topic's key, and the mail addresses that get what is published to it."""

    key: str
    emails: Iterable[str]
    naming: Naming
    tags: dict[str, str]


class Topic(pulumi.ComponentResource):
    """An encrypted topic. Each address gets one mail from AWS first, whose link it has to follow."""

    def __init__(self, name: str, props: TopicProps, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurora:topic:Topic", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.topic = aws.sns.Topic(
            name,
            name=props.naming.name(props.key),
            # The account's own key for SNS: whoever may publish needs no permission for the key. Alarms could not: what
            # a service of AWS publishes needs a key whose policy names the service.
            kms_master_key_id="alias/aws/sns",
            tags=props.tags,
            opts=child,
        )
        for email in sorted(set(props.emails)):
            aws.sns.TopicSubscription(
                f"{name}-{email}", topic=self.topic.arn, protocol="email", endpoint=email, opts=child
            )
        self.register_outputs({"topic": self.topic.arn})
