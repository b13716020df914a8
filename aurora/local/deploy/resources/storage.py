"""Buckets, objects and tables. Those that an earlier session kept are adopted by name."""

# ruff: noqa: ARG001 - every function of the table takes the same arguments

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
from botocore.exceptions import ClientError

from aurora.local.aws import DNS_SUFFIX, PARTITION, LocalAws, error_code
from aurora.local.deploy.resources.shapes import Created, Inputs, pascal, picked, tag_list
from aurora.local.errors import ProgramError


def bucket(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    s3, bucket_name = aws.client("s3"), inputs.get("bucket", name)
    place = {} if aws.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": aws.region}}
    try:
        s3.create_bucket(Bucket=bucket_name, **place)
    except ClientError as error:
        if error_code(error) not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
            raise
    if inputs.get("tags"):
        s3.put_bucket_tagging(Bucket=bucket_name, Tagging={"TagSet": tag_list(inputs)})
    return bucket_name, {
        "bucket": bucket_name,
        "arn": f"arn:{PARTITION}:s3:::{bucket_name}",
        "bucketDomainName": f"{bucket_name}.s3.{DNS_SUFFIX}",
        "bucketRegionalDomainName": f"{bucket_name}.s3.{aws.region}.{DNS_SUFFIX}",
        "region": aws.region,
        "tagsAll": inputs.get("tags", {}),
    }


def _bucket_setting(operation: str, arguments: Callable[[Inputs], dict[str, Any]]) -> Any:
    """A resource that is one call of S3 on a bucket."""

    def create(name: str, inputs: Inputs, aws: LocalAws) -> Created:
        getattr(aws.client("s3"), operation)(Bucket=inputs["bucket"], **arguments(inputs))
        return inputs["bucket"], {}

    return create


def _policy(inputs: Inputs) -> dict[str, Any]:
    policy = inputs["policy"]
    return {"Policy": policy if isinstance(policy, str) else json.dumps(policy)}


def _public_access(inputs: Inputs) -> dict[str, Any]:
    names = ("blockPublicAcls", "ignorePublicAcls", "blockPublicPolicy", "restrictPublicBuckets")
    return {"PublicAccessBlockConfiguration": pascal({name: bool(inputs.get(name)) for name in names})}


def bucket_notification(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    others = [key for key in ("eventbridge", "lambdaFunctions", "topics") if inputs.get(key)]
    if others:
        raise ProgramError(
            f"The local platform sends the events of {inputs['bucket']} to queues only, and not to {', '.join(others)}."
        )
    aws.client("s3").put_bucket_notification_configuration(
        Bucket=inputs["bucket"],
        NotificationConfiguration={
            "QueueConfigurations": [
                {
                    "QueueArn": queue["queueArn"],
                    "Events": queue["events"],
                    "Filter": {
                        "Key": {
                            "FilterRules": [
                                {"Name": rule, "Value": queue[key]}
                                for rule, key in (("prefix", "filterPrefix"), ("suffix", "filterSuffix"))
                                if queue.get(key)
                            ]
                        }
                    },
                }
                for queue in inputs.get("queues", [])
            ]
        },
    )
    return inputs["bucket"], {}


def bucket_object(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    bucket_name, key = inputs["bucket"], inputs["key"]
    described = picked(
        inputs,
        contentType="ContentType",
        cacheControl="CacheControl",
        contentDisposition="ContentDisposition",
        contentEncoding="ContentEncoding",
        contentLanguage="ContentLanguage",
        metadata="Metadata",
    )
    answer = aws.client("s3").put_object(Bucket=bucket_name, Key=key, Body=_content(inputs, aws.project), **described)
    return key, {
        "key": key,
        "arn": f"arn:{PARTITION}:s3:::{bucket_name}/{key}",
        "etag": answer["ETag"].strip('"'),
        "versionId": answer.get("VersionId", ""),
    }


def _content(inputs: Inputs, project: Path) -> bytes:
    if "content" in inputs:
        return str(inputs["content"]).encode()
    if "contentBase64" in inputs:
        return base64.b64decode(inputs["contentBase64"])
    source = inputs.get("source")
    if isinstance(source, pulumi.StringAsset):
        return source.text.encode()
    if isinstance(source, pulumi.FileAsset):
        return (project / str(source.path)).read_bytes()
    if isinstance(source, str):
        return (project / source).read_bytes()
    raise ProgramError(f"The object {inputs.get('key')} has no content that the local platform can read.")


def table(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    dynamodb, table_name = aws.client("dynamodb"), inputs.get("name", name)
    keys = [
        {"AttributeName": inputs[field], "KeyType": kind}
        for field, kind in (("hashKey", "HASH"), ("rangeKey", "RANGE"))
        if inputs.get(field)
    ]
    attributes = [{"AttributeName": each["name"], "AttributeType": each["type"]} for each in inputs["attributes"]]
    try:
        kept = dynamodb.describe_table(TableName=table_name)["Table"]
        if kept["KeySchema"] != keys:
            raise ProgramError(
                f"The kept table {table_name} has other keys than the declared one: use another data folder."
            )
    except dynamodb.exceptions.ResourceNotFoundException:
        dynamodb.create_table(
            TableName=table_name,
            KeySchema=keys,
            AttributeDefinitions=attributes,
            BillingMode=inputs.get("billingMode", "PAY_PER_REQUEST"),
            Tags=tag_list(inputs),
            **_indexes(inputs),
        )
    if inputs.get("ttl", {}).get("enabled"):
        _expire(dynamodb, table_name, inputs["ttl"]["attributeName"])
    return table_name, {
        "name": table_name,
        "arn": aws.arn("dynamodb", f"table/{table_name}"),
        "tagsAll": inputs.get("tags", {}),
    }


def _indexes(inputs: Inputs) -> dict[str, Any]:
    indexes = [
        {
            "IndexName": index["name"],
            "KeySchema": [
                {"AttributeName": index[field], "KeyType": kind}
                for field, kind in (("hashKey", "HASH"), ("rangeKey", "RANGE"))
                if index.get(field)
            ],
            "Projection": pascal(
                {"projectionType": index["projectionType"], "nonKeyAttributes": index["nonKeyAttributes"]}
                if index.get("nonKeyAttributes")
                else {"projectionType": index["projectionType"]}
            ),
        }
        for index in inputs.get("globalSecondaryIndexes", [])
    ]
    return {"GlobalSecondaryIndexes": indexes} if indexes else {}


def _expire(dynamodb: Any, table_name: str, attribute: str) -> None:
    """Turns expiry on if it is off; like AWS, the emulator refuses to turn it on twice."""
    now = dynamodb.describe_time_to_live(TableName=table_name)["TimeToLiveDescription"]
    if now.get("TimeToLiveStatus") != "ENABLED" or now.get("AttributeName") != attribute:
        dynamodb.update_time_to_live(
            TableName=table_name, TimeToLiveSpecification={"Enabled": True, "AttributeName": attribute}
        )


TABLE = {
    "aws:s3/bucket:Bucket": bucket,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _bucket_setting(
        "put_public_access_block", _public_access
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _bucket_setting(
        "put_bucket_encryption",
        lambda inputs: {"ServerSideEncryptionConfiguration": {"Rules": pascal(inputs["rules"])}},
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _bucket_setting(
        "put_bucket_versioning",
        lambda inputs: {"VersioningConfiguration": {"Status": inputs["versioningConfiguration"]["status"]}},
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _bucket_setting("put_bucket_policy", _policy),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _bucket_setting(
        "put_bucket_ownership_controls", lambda inputs: {"OwnershipControls": {"Rules": [pascal(inputs["rule"])]}}
    ),
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": _bucket_setting(
        "put_bucket_cors", lambda inputs: {"CORSConfiguration": {"CORSRules": pascal(inputs["corsRules"])}}
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _bucket_setting(
        "put_bucket_lifecycle_configuration",
        lambda inputs: {"LifecycleConfiguration": {"Rules": pascal(inputs["rules"])}},
    ),
    "aws:s3/bucketNotification:BucketNotification": bucket_notification,
    "aws:s3/bucketObjectv2:BucketObjectv2": bucket_object,
    "aws:dynamodb/table:Table": table,
}
