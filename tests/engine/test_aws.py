"""The tests' AWS provider refuses what AWS refuses: a stand-in that is kinder would prove nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aurora.local.emulator import Emulator
from tests.engine.aws import KINDS
from tests.engine.aws.account import Account, NotAllowed
from tests.engine.aws.lifecycle import Refused
from tests.engine.engine import REGION, SERVICES
from tests.support.images import push_image, push_index

Life = Callable[..., str]


@pytest.fixture
def config(emulator: Emulator) -> dict[str, str]:
    return {
        "region": REGION,
        "accessKey": emulator.credentials.access_key_id,
        "secretKey": emulator.credentials.secret_access_key,
        "endpoints": json.dumps([dict.fromkeys(SERVICES, emulator.endpoint)]),
    }


@pytest.fixture
def account(config: dict[str, str]) -> Account:
    return Account(config)


@pytest.fixture
def create(account: Account) -> Any:
    """Creates a resource and returns its id; what a test left is deleted after it."""
    left: list[Callable[[], None]] = []

    def make(kind: str, inputs: dict[str, Any]) -> str:
        id_, outputs = KINDS[kind].create("a", inputs, account)
        state = {**inputs, "forceDestroy": True, "forceDelete": True, **outputs}
        left.append(lambda: KINDS[kind].delete(id_, state, account))
        return id_

    yield make
    for delete in reversed(left):
        delete()


ROLE, POLICY = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
REPOSITORY, FUNCTION = "aws:ecr/repository:Repository", "aws:lambda/function:Function"
BUCKET, TABLE, POOL = "aws:s3/bucket:Bucket", "aws:dynamodb/table:Table", "aws:cognito/userPool:UserPool"
PARAMETER, GROUP = "aws:ssm/parameter:Parameter", "aws:cloudwatch/logGroup:LogGroup"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
        ],
    }
)
LEAVE = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
A_TABLE = {"name": "refusals", "hashKey": "id", "attributes": [{"name": "id", "type": "S"}]}


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        (BUCKET, {"bucket": "refusals-of-the-tests"}),
        (TABLE, A_TABLE),
        (PARAMETER, {"name": "/refusals", "type": "String", "value": "one"}),
        (GROUP, {"name": "/refusals", "retentionInDays": 1}),
        (ROLE, {"name": "refusals", "assumeRolePolicy": TRUST}),
        (REPOSITORY, {"name": "refusals"}),
    ],
)
def test_a_name_that_is_taken_is_refused(create: Life, kind: str, inputs: dict[str, Any]) -> None:
    create(kind, inputs)
    with pytest.raises((Refused, ClientError), match=r"(?i)already ?exists"):
        create(kind, inputs)


def a_function(role: str, account: Account, create: Life, image: str) -> None:
    create(
        FUNCTION,
        {
            "name": "refusals",
            "packageType": "Image",
            "imageUri": f"127.0.0.1/refusals@{image}",
            "imageConfig": {"commands": ["handler"]},
            "role": f"arn:aws:iam::{account.account_id}:role/{role}",
            "publish": True,
        },
    )


def test_a_function_needs_its_image_one_image_and_leave_to_pull_it(
    account: Account, create: Life, emulator: Emulator
) -> None:
    create(REPOSITORY, {"name": "refusals"})
    role = create(ROLE, {"name": "refusals", "assumeRolePolicy": TRUST})
    with pytest.raises(Refused, match=r"does not exist\. Provide a valid source image"):
        a_function(role, account, create, f"sha256:{'0' * 64}")
    index = push_index(emulator, "refusals", "several")
    with pytest.raises(Refused, match=r"media type .* is not supported"):
        a_function(role, account, create, index)
    image = push_image(emulator, "refusals", "one")
    with pytest.raises(Refused, match="does not have permission to access the ECR image"):
        a_function(role, account, create, image)


def test_a_function_needs_its_role(account: Account, create: Life) -> None:
    with pytest.raises(Refused, match="cannot be assumed by Lambda"):
        create(FUNCTION, {"name": "refusals", "imageUri": "127.0.0.1/refusals@x", "role": "arn:aws:iam::0:role/none"})


def test_what_holds_something_is_not_deleted(account: Account, create: Life, emulator: Emulator) -> None:
    bucket = create(BUCKET, {"bucket": "refusals-of-the-tests"})
    account.client("s3").put_object(Bucket=bucket, Key="kept", Body=b"")
    with pytest.raises(ClientError, match="BucketNotEmpty"):
        KINDS[BUCKET].delete(bucket, {}, account)

    repository = create(REPOSITORY, {"name": "refusals"})
    push_image(emulator, repository, "one")
    with pytest.raises(ClientError, match="RepositoryNotEmptyException"):
        KINDS[REPOSITORY].delete(repository, {}, account)

    role = create(ROLE, {"name": "refusals", "assumeRolePolicy": TRUST})
    create(POLICY, {"name": "refusals", "role": role, "policy": LEAVE})
    with pytest.raises(ClientError, match="DeleteConflict"):
        KINDS[ROLE].delete(role, {}, account)


def test_what_is_protected_in_aws_itself_is_not_deleted(account: Account) -> None:
    pool_inputs = {
        "name": "refusals",
        "deletionProtection": "ACTIVE",
        "passwordPolicy": {"minimumLength": 12},
        "autoVerifiedAttributes": ["email"],
        "adminCreateUserConfig": {"allowAdminCreateUserOnly": True},
    }
    for kind, inputs, unprotected in (
        (TABLE, {**A_TABLE, "deletionProtectionEnabled": True}, {"deletionProtectionEnabled": False}),
        (POOL, pool_inputs, {"deletionProtection": "INACTIVE"}),
    ):
        life = KINDS[kind]
        id_, outputs = life.create("a", inputs, account)
        state = {**inputs, **outputs}
        with pytest.raises((Refused, ClientError), match="protect"):
            life.delete(id_, state, account)
        assert life.update is not None
        life.update(id_, state, {**inputs, **unprotected}, account)
        life.delete(id_, state, account)
        assert life.read(id_, state, account) is None


def test_an_account_that_is_not_allowed_is_refused(config: dict[str, str]) -> None:
    with pytest.raises(NotAllowed, match="AWS account ID not allowed: 000000000000"):
        Account({**config, "allowedAccountIds": '["111122223333"]'})


def test_a_service_without_an_endpoint_is_never_asked_of_aws_itself(config: dict[str, str], emulator: Emulator) -> None:
    account = Account({**config, "endpoints": json.dumps([{"sts": emulator.endpoint}])})
    with pytest.raises(KeyError, match="name no s3"):
        account.client("s3")
