"""Storage of a stage: private buckets and on-demand tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from aurora import grants, system


@dataclass(frozen=True)
class BucketProps:
    """A private bucket. Pages of ``browser_origins`` may send and fetch objects by presigned URL."""

    name: str
    tags: dict[str, str]
    versioning: bool = False
    browser_origins: pulumi.Input[list[str]] | None = None


class PrivateBucket(pulumi.ComponentResource):
    """A bucket that nobody outside the account can reach, encrypted, and emptied when the stack is destroyed."""

    def __init__(self, name: str, props: BucketProps, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurora:storage:PrivateBucket", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._name = name
        self.name = props.name
        self.bucket = aws.s3.Bucket(name, bucket=props.name, force_destroy=True, tags=props.tags, opts=child)
        self.public_access_block = aws.s3.BucketPublicAccessBlock(
            name,
            bucket=self.bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        aws.s3.BucketOwnershipControls(
            name,
            bucket=self.bucket.bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=child,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            name,
            bucket=self.bucket.bucket,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                        sse_algorithm="AES256"
                    )
                )
            ],
            opts=child,
        )
        lifecycle_rules = [
            aws.s3.BucketLifecycleConfigurationRuleArgs(
                id="unfinished-uploads",
                status="Enabled",
                filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                    days_after_initiation=1
                ),
            )
        ]
        if props.versioning:
            aws.s3.BucketVersioning(
                name,
                bucket=self.bucket.bucket,
                versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
                opts=child,
            )
            lifecycle_rules.append(
                aws.s3.BucketLifecycleConfigurationRuleArgs(
                    id="earlier-versions",
                    status="Enabled",
                    filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                        noncurrent_days=90
                    ),
                )
            )
        aws.s3.BucketLifecycleConfiguration(name, bucket=self.bucket.bucket, rules=lifecycle_rules, opts=child)
        if props.browser_origins is not None:
            aws.s3.BucketCorsConfiguration(
                name,
                bucket=self.bucket.bucket,
                cors_rules=[
                    aws.s3.BucketCorsConfigurationCorsRuleArgs(
                        allowed_methods=["GET", "POST"],
                        allowed_origins=props.browser_origins,
                        allowed_headers=["*"],
                        max_age_seconds=3600,
                    )
                ],
                opts=child,
            )
        self.register_outputs({"bucket": self.bucket.bucket})

    def apply_policy(self, *statements: pulumi.Input[dict[str, Any]]) -> aws.s3.BucketPolicy:
        """Sets the bucket's policy, once: TLS only, and the given statements."""
        tls_only = self.bucket.arn.apply(lambda arn: grants.tls_only("s3", arn, f"{arn}/*"))
        return aws.s3.BucketPolicy(
            self._name,
            bucket=self.bucket.bucket,
            policy=pulumi.Output.all(tls_only, *statements).apply(grants.policy),
            # S3 refuses a policy while the public access block changes.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.public_access_block]),
        )

    def send_events(self, events: Sequence[tuple[system.BucketEvent, pulumi.Input[str]]]) -> None:
        """Sends each event to the queue with its ARN; may be called once. S3 checks that the queues accept messages."""
        aws.s3.BucketNotification(
            self._name,
            bucket=self.bucket.bucket,
            queues=[
                aws.s3.BucketNotificationQueueArgs(
                    queue_arn=queue_arn,
                    events=["s3:ObjectCreated:*"],
                    filter_prefix=event.prefix or None,
                    filter_suffix=event.suffix or None,
                )
                for event, queue_arn in events
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )


@dataclass(frozen=True)
class TableProps:
    """A table's declaration, and its protection."""

    name: str
    declared: system.Table
    tags: dict[str, str]
    point_in_time_recovery: bool = False
    deletion_protection: bool = False


class Table(pulumi.ComponentResource):
    """An on-demand DynamoDB table, encrypted as every table is, with DynamoDB's own key."""

    def __init__(self, name: str, props: TableProps, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurora:storage:Table", name, None, opts)
        declared = props.declared
        keyed = [(declared.hash_key, declared.range_key)]
        keyed += [(index.hash_key, index.range_key) for index in declared.indexes.values()]
        attributes = sorted({key for keys in keyed for key in keys if key})
        self.table = aws.dynamodb.Table(
            name,
            name=props.name,
            billing_mode="PAY_PER_REQUEST",
            hash_key=declared.hash_key,
            range_key=declared.range_key or None,
            attributes=[
                aws.dynamodb.TableAttributeArgs(name=key, type="N" if key in declared.numbers else "S")
                for key in attributes
            ],
            global_secondary_indexes=[
                aws.dynamodb.TableGlobalSecondaryIndexArgs(
                    name=index_name,
                    hash_key=index.hash_key,
                    range_key=index.range_key or None,
                    projection_type="KEYS_ONLY" if index.keys_only else "ALL",
                )
                for index_name, index in declared.indexes.items()
            ],
            ttl=aws.dynamodb.TableTtlArgs(attribute_name=declared.ttl_attribute, enabled=True)
            if declared.ttl_attribute
            else None,
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=props.point_in_time_recovery),
            deletion_protection_enabled=props.deletion_protection,
            tags=props.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"table": self.table.name})
