"""Roles and their policies, which the emulator enforces for functions."""

from __future__ import annotations

import json
from typing import Any

from aurora.local.aws import PARTITION, LocalAws
from aurora.local.deploy.resources.shapes import Created, Inputs


def role(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    role_name = inputs.get("name", name)
    created = aws.client("iam").create_role(
        RoleName=role_name, AssumeRolePolicyDocument=_text(inputs["assumeRolePolicy"])
    )
    return role_name, {
        "name": role_name,
        "arn": f"arn:{PARTITION}:iam::{aws.account_id}:role/{role_name}",
        "uniqueId": created["Role"]["RoleId"],
        "tagsAll": inputs.get("tags", {}),
    }


def role_policy(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    policy_name = inputs.get("name", name)
    aws.client("iam").put_role_policy(
        RoleName=inputs["role"], PolicyName=policy_name, PolicyDocument=_text(inputs["policy"])
    )
    return f"{inputs['role']}:{policy_name}", {"name": policy_name}


def _text(policy: Any) -> str:
    return policy if isinstance(policy, str) else json.dumps(policy)


TABLE = {
    "aws:iam/role:Role": role,
    "aws:iam/rolePolicy:RolePolicy": role_policy,
}
