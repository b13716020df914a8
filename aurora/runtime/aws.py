"""One AWS client per service and process, with timeouts and retries for functions.

Region, credentials and endpoint come from the environment (`AWS_REGION`, `AWS_ENDPOINT_URL`, ...), in AWS and locally.
"""

from __future__ import annotations

import functools
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 4},
    signature_version="v4",
    max_pool_connections=20,
)
# Buckets of newer regions refuse presigned URLs with the older signature. The URLs must also name the regional host:
# the global one, boto3's default, redirects while a bucket is new, and the site's content security policy allows the
# regional one only.
_S3_CONFIG = _CONFIG.merge(
    Config(signature_version="s3v4", s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"})
)


@functools.cache
def client(service: str) -> Any:
    """The process's client of `service` ("s3", "dynamodb", "stepfunctions", "ssm"); made at first use."""
    return boto3.client(service, config=_S3_CONFIG if service == "s3" else _CONFIG)  # pyright: ignore


def error_code(error: ClientError) -> str:
    """AWS's code of an error, such as `ConditionalCheckFailedException` or `NoSuchKey`."""
    return error.response.get("Error", {}).get("Code", "")
