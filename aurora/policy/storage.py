"""What is kept: buckets, queues, repositories, parameters, logs.

DynamoDB tables have no rule here: AWS encrypts each of them, and that cannot be switched off. Neither do topics: alarms
carry names alone, and the key that AWS brings for topics keeps CloudWatch from publishing to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aurora.policy.reading import Deferred, Resource, at

BUCKET = "aws:s3/bucket:Bucket"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"

# What a bucket must have beside it, and what that is for.
_BESIDE_A_BUCKET = {
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "public access is not blocked",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "access control lists are not switched off",
    ENCRYPTION: "its encryption is left to a default",
    "aws:s3/bucketPolicy:BucketPolicy": "nothing demands TLS",
}


def encrypted(resource: Resource) -> Iterator[str]:
    """Buckets, queues, repositories and parameters, each in the way of its service."""
    match resource.type:
        case "aws:ssm/parameter:Parameter" if resource.get("type") != "SecureString":
            yield f"is a {resource.get('type')}, readable to whoever may list parameters: make it a SecureString"
        case "aws:sqs/queue:Queue" if not resource.get("sqsManagedSseEnabled") and not resource.has("kmsMasterKeyId"):
            yield "does not say how its messages are encrypted: set sqs_managed_sse_enabled"
        case "aws:ecr/repository:Repository":
            kinds = [at(entry, "encryptionType") for entry in resource.items("encryptionConfigurations")]
            if not kinds or not set(kinds) <= {"AES256", "KMS"}:
                yield "does not say how its images are encrypted: set encryption_configurations to AES256 or KMS"
        case _ if resource.type == ENCRYPTION:
            path = ("applyServerSideEncryptionByDefault", "sseAlgorithm")
            kinds = [at(rule, *path) for rule in resource.items("rules")]
            if not kinds or not set(kinds) <= {"AES256", "aws:kms", "aws:kms:dsse"}:
                yield "encrypts nothing: set sse_algorithm to AES256 or aws:kms"
        case _:
            pass


def whole_buckets(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """A bucket and its four companions belong together: PrivateBucket declares them all."""
    deferred = Deferred()
    beside: dict[str, set[str]] = {companion: set() for companion in _BESIDE_A_BUCKET}
    for resource in resources:
        if resource.type in beside:
            with deferred:
                beside[resource.type].add(resource.get("bucket"))
    deferred.raise_unknown()  # a companion whose bucket is not known yet may be any bucket's
    for resource in resources:
        if resource.type == BUCKET:
            for companion, lack in _BESIDE_A_BUCKET.items():
                with deferred:
                    if resource.get("bucket") not in beside[companion]:
                        kind = companion.rpartition(":")[2]
                        yield (
                            resource,
                            f"has no {kind}: {lack}. Declare it with PrivateBucket of aurora/components/storage.py",
                        )
    deferred.raise_unknown()


def logs_end(resource: Resource) -> Iterator[str]:
    """Logs that are kept for ever cost for ever, and hold what somebody may have asked to be forgotten."""
    if resource.type != "aws:cloudwatch/logGroup:LogGroup":
        return
    if not resource.get("retentionInDays"):
        yield "keeps its logs for ever: set retention_in_days to the stack's log_retention_days"
    if resource.get("skipDestroy"):
        yield "outlives its stack: take skip_destroy away"
