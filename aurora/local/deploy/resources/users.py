"""User pools and their clients. A pool that an earlier session kept is adopted by name, with its users."""

from __future__ import annotations

from typing import Any

from aurora.local.aws import DNS_SUFFIX, LocalAws
from aurora.local.deploy.resources.shapes import Created, Inputs, pascal, picked

_PAGE = 60  # the maximum of Cognito


def user_pool(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    cognito, pool_name = aws.client("cognito-idp"), inputs.get("name", name)
    kept = [p["Id"] for p in cognito.list_user_pools(MaxResults=_PAGE)["UserPools"] if p["Name"] == pool_name]
    pool_id = kept[0] if kept else cognito.create_user_pool(PoolName=pool_name, **_pool(inputs))["UserPool"]["Id"]
    return pool_id, {
        "name": pool_name,
        "arn": aws.arn("cognito-idp", f"userpool/{pool_id}"),
        "endpoint": f"cognito-idp.{aws.region}.{DNS_SUFFIX}/{pool_id}",
        "tagsAll": inputs.get("tags", {}),
    }


def _pool(inputs: Inputs) -> dict[str, Any]:
    arguments = picked(
        inputs,
        usernameAttributes="UsernameAttributes",
        autoVerifiedAttributes="AutoVerifiedAttributes",
        mfaConfiguration="MfaConfiguration",
        deletionProtection="DeletionProtection",
    )
    arguments |= {
        api: pascal(inputs[ours])
        for ours, api in (("usernameConfiguration", "UsernameConfiguration"),)
        if ours in inputs
    }
    if "passwordPolicy" in inputs:
        arguments["Policies"] = {"PasswordPolicy": pascal(inputs["passwordPolicy"])}
    if "adminCreateUserConfig" in inputs:
        only = inputs["adminCreateUserConfig"].get("allowAdminCreateUserOnly", False)
        arguments["AdminCreateUserConfig"] = {"AllowAdminCreateUserOnly": only}
    return arguments


def user_pool_client(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    cognito, client_name, pool_id = aws.client("cognito-idp"), inputs.get("name", name), inputs["userPoolId"]
    kept = [
        client["ClientId"]
        for client in cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=_PAGE)["UserPoolClients"]
        if client["ClientName"] == client_name
    ]
    settings = picked(
        inputs,
        explicitAuthFlows="ExplicitAuthFlows",
        accessTokenValidity="AccessTokenValidity",
        idTokenValidity="IdTokenValidity",
        refreshTokenValidity="RefreshTokenValidity",
        preventUserExistenceErrors="PreventUserExistenceErrors",
        enableTokenRevocation="EnableTokenRevocation",
    )
    if "tokenValidityUnits" in inputs:
        settings["TokenValidityUnits"] = pascal(inputs["tokenValidityUnits"])
    if kept:
        client_id = kept[0]
        cognito.update_user_pool_client(UserPoolId=pool_id, ClientId=client_id, ClientName=client_name, **settings)
    else:
        created = cognito.create_user_pool_client(
            UserPoolId=pool_id,
            ClientName=client_name,
            GenerateSecret=bool(inputs.get("generateSecret", False)),
            **settings,
        )
        client_id = created["UserPoolClient"]["ClientId"]
    return client_id, {"name": client_name}


TABLE = {
    "aws:cognito/userPool:UserPool": user_pool,
    "aws:cognito/userPoolClient:UserPoolClient": user_pool_client,
}
