"""Storage: buckets, queues, repositories, parameters, logs.

DynamoDB tables need no rule: AWS always encrypts them. Topics have none: CloudWatch alarms cannot publish to a topic
with AWS's own key, and they hold names only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aurora.policy.reading import Deferred, Resource, at

BUCKET = "aws:s3/bucket:Bucket"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"

# Resources that every bucket needs, and the problem without them.
_COMPANIONS = {
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "public access is not blocked",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "access control lists are not switched off",
    ENCRYPTION: "its encryption depends on a default",
    "aws:s3/bucketPolicy:BucketPolicy": "it accepts requests without TLS",
}


def encrypted(resource: Resource) -> Iterator[str]:
    """Buckets, queues, repositories and parameters are encrypted."""
    match resource.type:
        case "aws:ssm/parameter:Parameter" if resource.get("type") != "SecureString":
            yield f"is a {resource.get('type')}, readable to all who may list parameters: make it a SecureString"
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
    beside: dict[str, set[str]] = {companion: set() for companion in _COMPANIONS}
    for resource in resources:
        if resource.type in beside:
            with deferred:
                beside[resource.type].add(resource.get("bucket"))
    deferred.raise_unknown()  # a companion whose bucket is not known yet may be any bucket's
    for resource in resources:
        if resource.type == BUCKET:
            for companion, lack in _COMPANIONS.items():
                with deferred:
                    if resource.get("bucket") not in beside[companion]:
                        kind = companion.rpartition(":")[2]
                        yield (
                            resource,
                            f"has no {kind}: {lack}. Declare it with PrivateBucket of aurora/components/storage.py",
                        )
    deferred.raise_unknown()


def logs_end(resource: Resource) -> Iterator[str]:
    """Logs that never expire cost money for ever, and may hold data that must be deleted."""
    if resource.type != "aws:cloudwatch/logGroup:LogGroup":
        return
    if not resource.get("retentionInDays"):
        yield "keeps its logs for ever: set retention_in_days to the stack's log_retention_days"
    if resource.get("skipDestroy"):
        yield "stays after its stack is destroyed: remove skip_destroy"
