"""An SQS queue with its dead-letter queue and the function that its messages go to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from aurora import grants, system
from aurora.components.function import ImageFunction
from aurora.naming import Naming, dead_letter

# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
_TIMEOUTS_HIDDEN = 6
# The maximum of SQS. A failed message keeps its age when it moves to the dead-letter queue.
_FAILED_SECONDS = 14 * 24 * 3600


@dataclass(frozen=True)
class QueueProps:
    """A queue as it is declared, its function, and the buckets whose events it takes, by their keys.

    ``timeout`` is the function's, in seconds.
    """

    key: str
    declared: system.Queue
    consumer: ImageFunction
    timeout: int
    buckets: Sequence[str]
    naming: Naming
    tags: dict[str, str]


class Queue(pulumi.ComponentResource):
    """An encrypted queue whose messages go to a function's alias ``live``.

    A message that failed as often as the declaration says goes to the queue ``<name>-failed``, the dead-letter queue of
    this queue alone.
    """

    def __init__(self, name: str, props: QueueProps, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurora:queue:Queue", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        naming, key = props.naming, props.key
        failed_key = dead_letter(key)
        failed = aws.sqs.Queue(
            f"{name}-failed",
            name=naming.name(failed_key),
            message_retention_seconds=_FAILED_SECONDS,
            sqs_managed_sse_enabled=True,
            redrive_allow_policy=json.dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [naming.queue_arn(key)]}
            ),
            policy=grants.policy([grants.tls_only("sqs", naming.queue_arn(failed_key))]),
            tags=props.tags,
            opts=child,
        )
        self.queue = aws.sqs.Queue(
            name,
            name=naming.name(key),
            visibility_timeout_seconds=_TIMEOUTS_HIDDEN * props.timeout,
            sqs_managed_sse_enabled=True,
            redrive_policy=failed.arn.apply(
                lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": props.declared.attempts})
            ),
            policy=grants.policy([grants.tls_only("sqs", naming.queue_arn(key)), *_bucket_events(props)]),
            tags=props.tags,
            opts=child,
        )
        aws.lambda_.EventSourceMapping(
            name,
            event_source_arn=self.queue.arn,
            function_name=props.consumer.live.arn,
            batch_size=props.declared.batch_size,
            function_response_types=["ReportBatchItemFailures"],
            tags=props.tags,
            # Lambda receives messages with the function's role, and checks its permission at once.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[props.consumer.policy]),
        )
        self.register_outputs({"queue": self.queue.arn})


def _bucket_events(props: QueueProps) -> list[dict[str, Any]]:
    """Permission for S3 to send the events of these buckets of this account
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html)."""
    naming = props.naming
    if not props.buckets:
        return []
    return [
        {
            "Sid": "BucketEvents",
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": naming.queue_arn(props.key),
            "Condition": {
                "ArnLike": {"aws:SourceArn": [naming.bucket_arn(bucket) for bucket in props.buckets]},
                "StringEquals": {"aws:SourceAccount": naming.account_id},
            },
        }
    ]
