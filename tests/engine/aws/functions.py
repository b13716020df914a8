"""Image repositories, and functions that run images of theirs, with all that a function needs: roles, log groups,
aliases, permissions."""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

from aurora.local.aws import LocalAws
from aurora.local.deploy.resources import access, functions, images
from aurora.local.deploy.resources.shapes import Created, Inputs, pascal, picked
from tests.engine.aws.lifecycle import Kind, Refused, again, found, there

_INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
# What a new version is made of.
_CONFIGURATION = ("role", "timeout", "memorySize", "environment", "imageConfig")


def _create_repository(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    created = images.repository(name, inputs, aws)
    _set_repository(created[0], {}, inputs, aws)
    return created


def _set_repository(id_: str, olds: Inputs, news: Inputs, aws: LocalAws) -> dict[str, Any]:
    ecr = aws.client("ecr")
    ecr.put_image_tag_mutability(repositoryName=id_, imageTagMutability=news.get("imageTagMutability", "MUTABLE"))
    scanning = pascal(news.get("imageScanningConfiguration", {"scanOnPush": False}))
    ecr.put_image_scanning_configuration(
        repositoryName=id_, imageScanningConfiguration={"scanOnPush": bool(scanning["ScanOnPush"])}
    )
    return {}


def _delete_repository(id_: str, state: Inputs, aws: LocalAws) -> None:
    aws.client("ecr").delete_repository(repositoryName=id_, force=bool(state.get("forceDelete")))


def authorization_token(aws: LocalAws) -> dict[str, Any]:
    """What ECR lends to a Docker client: another password each time."""
    (granted,) = aws.client("ecr").get_authorization_token()["authorizationData"]
    user, _, password = base64.b64decode(granted["authorizationToken"]).decode().partition(":")
    return {
        "authorizationToken": granted["authorizationToken"],
        "expiresAt": str(granted["expiresAt"]),
        "proxyEndpoint": granted["proxyEndpoint"],
        "userName": user,
        "password": f"{password}-{secrets.token_hex(8)}",
        "id": aws.region,
    }


def _check_image(function_arn: str, image_uri: str, aws: LocalAws) -> None:
    """Refuses what Lambda refuses: an image that is not there, that is several, or that it may not pull."""
    repository, _, reference = image_uri.partition("/")[2].partition("@")
    ecr = aws.client("ecr")
    answer = found(ecr.batch_get_image, repositoryName=repository, imageIds=[{"imageDigest": reference}])
    if not answer or not answer["images"]:
        raise Refused(f"Source image {image_uri} does not exist. Provide a valid source image.")
    if answer["images"][0].get("imageManifestMediaType") in _INDEXES:
        raise Refused(f"The image manifest media type for the source image {image_uri} is not supported.")
    policy = found(ecr.get_repository_policy, repositoryName=repository)
    statements = json.loads(policy["policyText"])["Statement"] if policy else []
    if not any(
        statement.get("Principal") == {"Service": "lambda.amazonaws.com"}
        and function_arn in statement.get("Condition", {}).get("StringLike", {}).get("aws:SourceArn", ())
        for statement in statements
    ):
        raise Refused("Lambda does not have permission to access the ECR image. Check the ECR permissions.")


def _check_role(role_arn: str, aws: LocalAws) -> None:
    if found(aws.client("iam").get_role, RoleName=role_arn.rpartition("/")[2]) is None:
        raise Refused("The role defined for the function cannot be assumed by Lambda.")


def _configuration(inputs: Inputs) -> dict[str, Any]:
    return {
        "Role": inputs["role"],
        "ImageConfig": {"Command": inputs["imageConfig"]["commands"]},
        "Environment": {"Variables": inputs.get("environment", {}).get("variables", {})},
        **picked(inputs, timeout="Timeout", memorySize="MemorySize"),
    }


def _create_function(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    function_name = inputs["name"]
    arn = aws.arn("lambda", f"function:{function_name}")
    _check_role(inputs["role"], aws)
    _check_image(arn, inputs["imageUri"], aws)
    created = aws.client("lambda").create_function(
        FunctionName=function_name,
        PackageType=inputs["packageType"],
        Code={"ImageUri": inputs["imageUri"]},
        Architectures=inputs.get("architectures", ["x86_64"]),
        Publish=bool(inputs.get("publish")),
        Tags=inputs.get("tags", {}),
        **_configuration(inputs),
    )
    outputs = {"arn": arn, "invokeArn": functions.invoke_arn(arn, aws), "tagsAll": inputs.get("tags", {})}
    return function_name, {**outputs, **_version(arn, created["Version"], aws)}


def _version(arn: str, version: str, aws: LocalAws) -> dict[str, str]:
    qualified = f"{arn}:{version}"
    return {
        "version": version,
        "qualifiedArn": qualified,
        "qualifiedInvokeArn": functions.invoke_arn(qualified, aws),
    }


def _update_function(id_: str, olds: Inputs, news: Inputs, aws: LocalAws) -> dict[str, Any]:
    client, changed = aws.client("lambda"), False
    if any(olds.get(key) != news.get(key) for key in _CONFIGURATION):
        _check_role(news["role"], aws)
        client.update_function_configuration(FunctionName=id_, **_configuration(news))
        changed = True
    if any(olds.get(key) != news.get(key) for key in ("imageUri", "architectures")):
        _check_image(olds["arn"], news["imageUri"], aws)
        client.update_function_code(
            FunctionName=id_, ImageUri=news["imageUri"], Architectures=news.get("architectures", ["x86_64"])
        )
        changed = True
    if not (changed and news.get("publish")):
        return {}
    return _version(olds["arn"], client.publish_version(FunctionName=id_)["Version"], aws)


def _read_function(id_: str, state: Inputs, aws: LocalAws) -> dict[str, Any] | None:
    answer = found(aws.client("lambda").get_function, FunctionName=id_)
    return answer and {"imageUri": answer["Code"]["ImageUri"]}


def _create_alias(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    function_name, alias_name = inputs["functionName"], inputs["name"]
    aws.client("lambda").create_alias(
        FunctionName=function_name, Name=alias_name, FunctionVersion=inputs["functionVersion"]
    )
    arn = aws.arn("lambda", f"function:{function_name}:{alias_name}")
    return arn, {"arn": arn, "invokeArn": functions.invoke_arn(arn, aws)}


def _read_alias(id_: str, state: Inputs, aws: LocalAws) -> dict[str, Any] | None:
    answer = found(aws.client("lambda").get_alias, FunctionName=state["functionName"], Name=state["name"])
    return answer and {"functionVersion": answer["FunctionVersion"]}


def _update_alias(id_: str, olds: Inputs, news: Inputs, aws: LocalAws) -> dict[str, Any]:
    aws.client("lambda").update_alias(
        FunctionName=news["functionName"], Name=news["name"], FunctionVersion=news["functionVersion"]
    )
    return {}


def _delete_alias(id_: str, state: Inputs, aws: LocalAws) -> None:
    aws.client("lambda").delete_alias(FunctionName=state["functionName"], Name=state["name"])


def _read_permission(id_: str, state: Inputs, aws: LocalAws) -> dict[str, Any] | None:
    where = picked(state, function="FunctionName", qualifier="Qualifier")
    answer = found(aws.client("lambda").get_policy, **where)
    statements = json.loads(answer["Policy"])["Statement"] if answer else []
    return {} if any(statement["Sid"] == id_ for statement in statements) else None


def _delete_permission(id_: str, state: Inputs, aws: LocalAws) -> None:
    where = picked(state, function="FunctionName", qualifier="Qualifier")
    aws.client("lambda").remove_permission(StatementId=id_, **where)


def _read_log_group(id_: str, state: Inputs, aws: LocalAws) -> dict[str, Any] | None:
    groups = aws.client("logs").describe_log_groups(logGroupNamePrefix=id_)["logGroups"]
    return next(({"retentionInDays": each["retentionInDays"]} for each in groups if each["logGroupName"] == id_), None)


def _update_log_group(id_: str, olds: Inputs, news: Inputs, aws: LocalAws) -> dict[str, Any]:
    aws.client("logs").put_retention_policy(logGroupName=id_, retentionInDays=news["retentionInDays"])
    return {}


def _update_role(id_: str, olds: Inputs, news: Inputs, aws: LocalAws) -> dict[str, Any]:
    aws.client("iam").update_assume_role_policy(RoleName=id_, PolicyDocument=news["assumeRolePolicy"])
    return {}


def _read_role_policy(id_: str, state: Inputs, aws: LocalAws) -> dict[str, Any] | None:
    return there(aws.client("iam").get_role_policy, RoleName=state["role"], PolicyName=state["name"])


def _delete_role_policy(id_: str, state: Inputs, aws: LocalAws) -> None:
    aws.client("iam").delete_role_policy(RoleName=state["role"], PolicyName=state["name"])


KINDS = {
    "aws:ecr/repository:Repository": Kind(
        _create_repository,
        lambda id_, state, aws: there(aws.client("ecr").describe_repositories, repositoryNames=[id_]),
        _delete_repository,
        _set_repository,
        replaces=("name", "encryptionConfigurations"),
    ),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": Kind(
        images.repository_policy,
        lambda id_, state, aws: there(aws.client("ecr").get_repository_policy, repositoryName=id_),
        lambda id_, state, aws: aws.client("ecr").delete_repository_policy(repositoryName=id_),
        again(images.repository_policy),
        replaces=("repository",),
    ),
    "aws:lambda/function:Function": Kind(
        _create_function,
        _read_function,
        lambda id_, state, aws: aws.client("lambda").delete_function(FunctionName=id_),
        _update_function,
        replaces=("name", "packageType"),
        anew=("version", "qualifiedArn", "qualifiedInvokeArn"),
    ),
    "aws:lambda/alias:Alias": Kind(
        _create_alias, _read_alias, _delete_alias, _update_alias, replaces=("name", "functionName")
    ),
    "aws:lambda/permission:Permission": Kind(
        functions.permission,
        _read_permission,
        _delete_permission,
        replaces=("action", "function", "principal", "qualifier", "sourceArn", "statementId"),
    ),
    "aws:cloudwatch/logGroup:LogGroup": Kind(
        functions.log_group,
        _read_log_group,
        lambda id_, state, aws: aws.client("logs").delete_log_group(logGroupName=id_),
        _update_log_group,
        replaces=("name",),
    ),
    "aws:iam/role:Role": Kind(
        access.role,
        lambda id_, state, aws: there(aws.client("iam").get_role, RoleName=id_),
        lambda id_, state, aws: aws.client("iam").delete_role(RoleName=id_),
        _update_role,
        replaces=("name",),
    ),
    "aws:iam/rolePolicy:RolePolicy": Kind(
        access.role_policy,
        _read_role_policy,
        _delete_role_policy,
        again(access.role_policy),
        replaces=("name", "role"),
    ),
}
