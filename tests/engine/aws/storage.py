"""Buckets, objects, tables and parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aurora.local.aws import LocalAws
from aurora.local.deploy.resources import names, storage
from aurora.local.deploy.resources.shapes import Created, Inputs
from tests.engine.aws.lifecycle import Kind, Refused, again, found, there

_S3 = "aws:s3/"


def _created_once(kind: str, read: Callable[[str, Inputs, LocalAws], Any], identity: str, table: Any) -> Any:
    """The local table's way to create, for a type that the table adopts when it is there already; AWS refuses it."""

    def create(name: str, inputs: Inputs, aws: LocalAws) -> Created:
        if read(inputs[identity], inputs, aws) is not None:
            raise Refused(f"creating {kind} ({inputs[identity]}): it already exists")
        return table(name, inputs, aws)

    return create


def _read_bucket(id_: str, state: Inputs, aws: LocalAws) -> dict[str, Any] | None:
    return there(aws.client("s3").head_bucket, Bucket=id_)


def _delete_bucket(id_: str, state: Inputs, aws: LocalAws) -> None:
    s3 = aws.client("s3")
    if state.get("forceDestroy"):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=id_):
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                s3.delete_object(Bucket=id_, Key=each["Key"], VersionId=each["VersionId"])
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=id_):
            for each in page.get("Contents", []):
                s3.delete_object(Bucket=id_, Key=each["Key"])
    s3.delete_bucket(Bucket=id_)


def _setting(token: str, get: str, delete: Callable[[Any, str], Any]) -> Kind:
    """A resource that is one setting of a bucket."""
    create = storage.TABLE[token]

    def read(id_: str, state: Inputs, aws: LocalAws) -> dict[str, Any] | None:
        return there(getattr(aws.client("s3"), get), Bucket=id_)

    def remove(id_: str, state: Inputs, aws: LocalAws) -> None:
        found(lambda: delete(aws.client("s3"), id_))

    return Kind(create, read, remove, again(create), replaces=("bucket",))


_SETTINGS: dict[str, tuple[str, Callable[[Any, str], Any]]] = {
    "bucketPublicAccessBlock:BucketPublicAccessBlock": (
        "get_public_access_block",
        lambda s3, bucket: s3.delete_public_access_block(Bucket=bucket),
    ),
    "bucketOwnershipControls:BucketOwnershipControls": (
        "get_bucket_ownership_controls",
        lambda s3, bucket: s3.delete_bucket_ownership_controls(Bucket=bucket),
    ),
    "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "get_bucket_encryption",
        lambda s3, bucket: s3.delete_bucket_encryption(Bucket=bucket),
    ),
    "bucketLifecycleConfiguration:BucketLifecycleConfiguration": (
        "get_bucket_lifecycle_configuration",
        lambda s3, bucket: s3.delete_bucket_lifecycle(Bucket=bucket),
    ),
    "bucketCorsConfiguration:BucketCorsConfiguration": (
        "get_bucket_cors",
        lambda s3, bucket: s3.delete_bucket_cors(Bucket=bucket),
    ),
    "bucketPolicy:BucketPolicy": (
        "get_bucket_policy",
        lambda s3, bucket: s3.delete_bucket_policy(Bucket=bucket),
    ),
    # There is no way back to a bucket that never knew versions.
    "bucketVersioning:BucketVersioning": (
        "get_bucket_versioning",
        lambda s3, bucket: s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}),
    ),
}


def _read_object(id_: str, state: Inputs, aws: LocalAws) -> dict[str, Any] | None:
    head = found(aws.client("s3").head_object, Bucket=state["bucket"], Key=state["key"])
    return head and {"etag": head["ETag"].strip('"')}


def _delete_object(id_: str, state: Inputs, aws: LocalAws) -> None:
    aws.client("s3").delete_object(Bucket=state["bucket"], Key=state["key"])


def _read_table(id_: str, state: Inputs, aws: LocalAws) -> dict[str, Any] | None:
    return there(aws.client("dynamodb").describe_table, TableName=id_)


_new_table = _created_once("DynamoDB Table", _read_table, "name", storage.table)


def _create_table(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    created = _new_table(name, inputs, aws)
    _set_table(created[0], inputs, aws)
    return created


def _update_table(id_: str, olds: Inputs, news: Inputs, aws: LocalAws) -> dict[str, Any]:
    before, after = olds.get("ttl"), news.get("ttl")
    if before != after:
        for ttl, enabled in ((before, False), (after, True)):
            if ttl:
                wanted = {"Enabled": enabled, "AttributeName": ttl["attributeName"]}
                aws.client("dynamodb").update_time_to_live(TableName=id_, TimeToLiveSpecification=wanted)
    _set_table(id_, news, aws)
    return {}


def _set_table(id_: str, inputs: Inputs, aws: LocalAws) -> None:
    """What the local platform has no use for: recovery of the past, and protection from deletion."""
    dynamodb = aws.client("dynamodb")
    recovery = bool(inputs.get("pointInTimeRecovery", {}).get("enabled"))
    dynamodb.update_continuous_backups(
        TableName=id_, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": recovery}
    )
    dynamodb.update_table(TableName=id_, DeletionProtectionEnabled=bool(inputs.get("deletionProtectionEnabled")))


def _read_parameter(id_: str, state: Inputs, aws: LocalAws) -> dict[str, Any] | None:
    answer = found(aws.client("ssm").get_parameter, Name=id_)
    return answer and {"version": answer["Parameter"]["Version"]}


KINDS = {
    f"{_S3}bucket:Bucket": Kind(
        _created_once("S3 Bucket", _read_bucket, "bucket", storage.bucket),
        _read_bucket,
        _delete_bucket,
        replaces=("bucket",),
    ),
    **{f"{_S3}{token}": _setting(f"{_S3}{token}", *calls) for token, calls in _SETTINGS.items()},
    f"{_S3}bucketObjectv2:BucketObjectv2": Kind(
        storage.bucket_object,
        _read_object,
        _delete_object,
        again(storage.bucket_object),
        replaces=("bucket", "key"),
        anew=("etag", "versionId"),
    ),
    "aws:dynamodb/table:Table": Kind(
        _create_table,
        _read_table,
        lambda id_, state, aws: aws.client("dynamodb").delete_table(TableName=id_),
        _update_table,
        replaces=("name", "hashKey", "rangeKey"),
    ),
    "aws:ssm/parameter:Parameter": Kind(
        _created_once("SSM Parameter", _read_parameter, "name", names.parameter),
        _read_parameter,
        lambda id_, state, aws: aws.client("ssm").delete_parameter(Name=id_),
        again(names.parameter),
        replaces=("name",),
        anew=("version",),
    ),
}
