"""What commands know of a deployed platform from its outputs."""

from __future__ import annotations

import pytest

from aurora.errors import CommandError
from aurora.local.stack import LocalStack
from aurora.stack.deployed import LOCAL
from tests.support.stacks import GivenStack

OUTPUTS = {
    "environment": "dev",
    "api": "https://api.example.com",
    "functions": {"courses-api": "arn:aws:lambda:eu-west-1:111122223333:function:aurora-dev-courses-api:live"},
    "stateMachines": {"courses": "arn:aws:states:eu-west-1:111122223333:stateMachine:aurora-dev-courses"},
    "buckets": {"content": "aurora-dev-content-111122223333"},
}


def test_resources_are_named_by_their_keys() -> None:
    stack = GivenStack(OUTPUTS)
    assert stack.functions == {"courses-api": "aurora-dev-courses-api"}
    assert stack.state_machines == OUTPUTS["stateMachines"]
    assert stack.bucket("content") == "aurora-dev-content-111122223333"
    assert stack.table("courses") == "aurora-dev-courses"


def test_an_output_that_is_missing_is_an_error_with_the_command_that_adds_it() -> None:
    with pytest.raises(CommandError, match=r"The stack dev has no output 'clientId': .*pulumi up -s dev"):
        _ = GivenStack(OUTPUTS).client_id


def test_a_local_platform_is_the_same_one_after_a_restart_and_a_deployed_one_is_known_by_its_api() -> None:
    described = {"email": "author@aurora.local", "password": "p", "site": "http://127.0.0.1:1", "outputs": OUTPUTS}
    local = LocalStack(described, ended=lambda: True)
    assert (local.name, local.key, local.ended()) == (LOCAL, LOCAL, True)
    assert (local.email, local.table("courses")) == ("author@aurora.local", "aurora-dev-courses")
    assert (GivenStack(OUTPUTS).key, GivenStack(OUTPUTS).ended()) == ("https://api.example.com", False)
