"""An SNS topic and the mail addresses that are subscribed to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from aurora.naming import Naming


@dataclass(frozen=True)
class TopicProps:
    """The topic's key, and the mail addresses that get its messages."""

    key: str
    emails: Iterable[str]
    naming: Naming
    tags: dict[str, str]


class Topic(pulumi.ComponentResource):
    """An encrypted topic. AWS mails each address a link first, which confirms the subscription."""

    def __init__(self, name: str, props: TopicProps, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurora:topic:Topic", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.topic = aws.sns.Topic(
            name,
            name=props.naming.name(props.key),
            # AWS's key for SNS: publishers of this account need no permission for it. AWS services, such as alarms,
            # cannot use it: they need a key whose policy names the service.
            kms_master_key_id="alias/aws/sns",
            tags=props.tags,
            opts=child,
        )
        for email in sorted(set(props.emails)):
            aws.sns.TopicSubscription(
                f"{name}-{email}", topic=self.topic.arn, protocol="email", endpoint=email, opts=child
            )
        self.register_outputs({"topic": self.topic.arn})
