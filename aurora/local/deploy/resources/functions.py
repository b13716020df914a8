"""Functions, their versions, aliases, permissions and log groups.

An image function runs as a container of its image, or as a process of the project's own environment: a zip whose
``bootstrap`` starts `aurora.local.scripts.worker` with the image's handler.
"""

from __future__ import annotations

import io
import shlex
import sys
import zipfile
from pathlib import Path
from typing import Any

from aurora.image.source import GroupSource, read_group
from aurora.imports import GroupCode
from aurora.local.aws import PARTITION, LocalAws, LocalFunction
from aurora.local.deploy.resources.shapes import Created, Inputs, picked
from aurora.local.errors import ProgramError

RUNTIME = "provided.al2023"
KEPT_VERSIONS = 2

_WORKER = Path(__file__).parents[2] / "scripts" / "worker.py"
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold: equal content makes an equal zip
_EXECUTABLE = 0o755 << 16


def function(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    function_name = inputs.get("name", name)
    commands = inputs.get("imageConfig", {}).get("commands")
    if inputs.get("packageType") != "Image" or not commands:
        raise ProgramError(
            f"The local platform cannot run the function {function_name}: it needs an image and its handler in "
            "image_config.commands."
        )
    logs = inputs.get("loggingConfig", {})
    local = LocalFunction(
        function_name,
        commands[0],
        picked(
            logs,
            logFormat="AWS_LAMBDA_LOG_FORMAT",
            logGroup="AWS_LAMBDA_LOG_GROUP_NAME",
            applicationLogLevel="AWS_LAMBDA_LOG_LEVEL",
        ),
    )
    variables = inputs.get("environment", {}).get("variables", {})
    local.variables = {
        **variables,
        **local.environment,
        "AWS_LAMBDA_FUNCTION_NAME": function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(inputs.get("memorySize", 128)),
    }
    if aws.images is not None:
        local.sources = inputs["imageUri"]
        image_config = {"EntryPoint": aws.images.entry_point(), "Command": commands}
        runs = {"PackageType": "Image", "ImageConfig": image_config}
        variables = {**variables, **local.environment}
    else:
        local.sources = source_digest(read_group(aws.project, local.group))
        runs = {"Runtime": RUNTIME, "Handler": local.handler}
    created = aws.client("lambda").create_function(
        FunctionName=function_name,
        Role=inputs["role"],
        Code=code(local, local.sources, aws),
        Publish=bool(inputs.get("publish", False)),
        Environment={"Variables": variables},
        LoggingConfig=_logging(logs),
        **runs,
        **picked(inputs, timeout="Timeout", memorySize="MemorySize", architectures="Architectures"),
    )
    arn, version = aws.arn("lambda", f"function:{function_name}"), created["Version"]
    local.versions.append(version)
    aws.functions[function_name] = local
    return function_name, {
        "name": function_name,
        "arn": arn,
        "invokeArn": invoke_arn(arn, aws),
        "version": version,
        "qualifiedArn": f"{arn}:{version}",
        "qualifiedInvokeArn": invoke_arn(f"{arn}:{version}", aws),
        "tagsAll": inputs.get("tags", {}),
    }


def invoke_arn(arn: str, aws: LocalAws) -> str:
    """The ARN by which API Gateway calls a function."""
    return f"arn:{PARTITION}:apigateway:{aws.region}:lambda:path/2015-03-31/functions/{arn}/invocations"


def code(local: LocalFunction, sources: str, aws: LocalAws) -> dict[str, Any]:
    """A function's code for the Lambda API."""
    return {"ImageUri": sources} if aws.images is not None else {"ZipFile": package(local, sources, aws)}


def package(local: LocalFunction, sources: str, aws: LocalAws) -> bytes:
    """The zip of a function. It changes with ``sources``, the digest of its group's code, so an edit is new code."""
    command = [
        sys.executable,
        "-I",  # without the user's own Python environment
        "-u",
        "-X",
        f"pycache_prefix={aws.bytecode}",
        str(_WORKER),
        str(aws.project),
        local.handler,
        *([str(aws.record_calls)] if aws.record_calls else []),
    ]
    assignments = [f"{name}={value}" for name, value in local.environment.items()]
    files = {
        # LOG_LEVEL is the emulator's, and would silence the functions' loggers too.
        "bootstrap": f"#!/bin/sh\nexec env -u LOG_LEVEL {shlex.join([*assignments, *command])}\n",
        "source": sources,
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, _ZIP_TIME)
            entry.external_attr = _EXECUTABLE
            archive.writestr(entry, content)
    return packed.getvalue()


def source_digest(code: GroupCode) -> str:
    """A digest of the code that a group's functions run."""
    return GroupSource(code.group, code.files).digest("", "", {})


def update_code(local: LocalFunction, sources: str, aws: LocalAws) -> bool:
    """Publishes a function's new code and moves its aliases to it; returns False if it runs ``sources`` already.

    ``sources`` is the digest of its group's code, or the image that it runs.
    """
    client = aws.client("lambda")
    with local.updating:
        if sources == local.sources:
            return False
        answer = client.update_function_code(FunctionName=local.name, Publish=True, **code(local, sources, aws))
        for alias_name in local.aliases:
            client.update_alias(FunctionName=local.name, Name=alias_name, FunctionVersion=answer["Version"])
        # Only now: after a failed deployment, the next save tries again.
        local.sources = sources
        local.versions.append(answer["Version"])
        # Each version keeps a worker, and a day of edits makes hundreds. The previous version may still be running.
        while len(local.versions) > KEPT_VERSIONS:
            client.delete_function(FunctionName=local.name, Qualifier=local.versions.pop(0))
        return True


def alias(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    alias_name, function_name = inputs.get("name", name), _function_name(inputs["functionName"])
    aws.client("lambda").create_alias(
        FunctionName=function_name, Name=alias_name, FunctionVersion=inputs["functionVersion"]
    )
    aws.functions[function_name].aliases.add(alias_name)
    arn = aws.arn("lambda", f"function:{function_name}:{alias_name}")
    return arn, {"name": alias_name, "arn": arn, "invokeArn": invoke_arn(arn, aws)}


def permission(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    statement = inputs.get("statementId", name)
    aws.client("lambda").add_permission(
        FunctionName=_function_name(inputs["function"]),
        StatementId=statement,
        **picked(
            inputs,
            action="Action",
            principal="Principal",
            sourceArn="SourceArn",
            sourceAccount="SourceAccount",
            qualifier="Qualifier",
        ),
    )
    return statement, {"statementId": statement}


def _function_name(name_or_arn: str) -> str:
    return name_or_arn.partition(":function:")[2].partition(":")[0] or name_or_arn


def _logging(config: Inputs) -> dict[str, Any]:
    return picked(
        config,
        logFormat="LogFormat",
        logGroup="LogGroup",
        applicationLogLevel="ApplicationLogLevel",
        systemLogLevel="SystemLogLevel",
    )


def log_group(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    group_name = inputs.get("name", name)
    aws.client("logs").create_log_group(logGroupName=group_name)
    if inputs.get("retentionInDays"):
        aws.client("logs").put_retention_policy(logGroupName=group_name, retentionInDays=int(inputs["retentionInDays"]))
    return group_name, {
        "name": group_name,
        "arn": aws.arn("logs", f"log-group:{group_name}"),
        "tagsAll": inputs.get("tags", {}),
    }


TABLE = {
    "aws:lambda/function:Function": function,
    "aws:lambda/alias:Alias": alias,
    "aws:lambda/permission:Permission": permission,
    "aws:cloudwatch/logGroup:LogGroup": log_group,
}
