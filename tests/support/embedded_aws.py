"""Clients of a test's embedded AWS, and what a stack's config says to reach it."""

from __future__ import annotations

import functools
import json
from contextlib import suppress
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as SigningCredentials

from aurora.local.aws import AwsClients
from aurora.local.credentials import Credentials
from aurora.local.emulator import ACCOUNT_ID, Emulator


@functools.cache
def client(emulator: Emulator, service: str) -> Any:
    """A boto3 client in the emulator's own region."""
    return AwsClients(lambda: emulator.endpoint, emulator.region, emulator.credentials).client(service)


def access_key(emulator: Emulator) -> dict[str, str]:
    """The entries of a stack's config that name the emulator's root user."""
    return {
        "aws:accessKey": emulator.credentials.access_key_id,
        "aws:secretKey": emulator.credentials.secret_access_key,
    }


def make_role(emulator: Emulator, name: str) -> str:
    """The ARN of a role, made unless it is there, that functions and the account's own users may take."""
    iam = client(emulator, "iam")
    trust = {
        "Effect": "Allow",
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Principal": {
            "Service": ["lambda.amazonaws.com", "states.amazonaws.com"],
            "AWS": f"arn:aws:iam::{ACCOUNT_ID}:root",
        },
    }
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )
    return f"arn:aws:iam::{ACCOUNT_ID}:role/{name}"


def signed(
    credentials: Credentials, method: str, url: str, body: bytes = b"", *, service: str = "execute-api", **headers: str
) -> dict[str, str]:
    """The headers of a request that is signed with these credentials."""
    request = AWSRequest(method, url, {name.replace("_", "-"): value for name, value in headers.items()}, body)
    key = SigningCredentials(credentials.access_key_id, credentials.secret_access_key)
    SigV4Auth(key, service, "us-east-1").add_auth(request)
    return dict(request.headers.items())
