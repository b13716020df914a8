"""Permissions held against what was really asked: every recorded call needs leave, every grant needs a call.

Here stand the one table from API operations to IAM actions, and the one list of what cannot be proven by a run of the
embedded AWS, with a reason each.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.support import call_recorder
from tests.support.iam import Request, Statement, allows, covers, listed

_BY_LAMBDA: Final = "Lambda itself writes a function's log, as the function; the embedded AWS needs no leave for it"
_BY_STEP_FUNCTIONS: Final = (
    "Step Functions sets up the log delivery of a state machine, as the state machine, and knows no narrower resource "
    "for it than * (https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html)"
)
WILDCARDS: Final[Mapping[str, str]] = dict.fromkeys(
    (
        *("logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:GetLogDelivery", "logs:ListLogDeliveries"),
        *("logs:UpdateLogDelivery", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies"),
        "logs:DescribeLogGroups",
    ),
    _BY_STEP_FUNCTIONS,
)
"""The actions that are granted on ``*``, each with the reason why its service demands it."""
ONLY_IN_THE_CLOUD: Final[Mapping[str, str]] = {
    "logs:CreateLogStream": _BY_LAMBDA,
    "logs:PutLogEvents": _BY_LAMBDA,
    **WILDCARDS,
}
"""The actions whose use no local run can record, each with the reason."""


@dataclass(frozen=True)
class Account:
    """Whose resources a recorded name means."""

    region: str
    account_id: str

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"


@dataclass(frozen=True)
class Call:
    """One call of AWS that a function made. A presigned one was handed to somebody; an absent one was answered 404."""

    function: str
    service: str
    operation: str
    params: Mapping[str, Any]
    presigned: bool = False
    absent: bool = False

    def __str__(self) -> str:
        told = [f"{name}={self.params[name]!r}" for name in _TELLING if name in self.params]
        how = "presigned " if self.presigned else ""
        found = ", and there was nothing" if self.absent else ""
        return f"{how}{self.service} {self.operation}({', '.join(told)}){found}"


_TELLING = (
    "Bucket",
    "Key",
    "Prefix",
    "TableName",
    "RequestItems",
    "stateMachineArn",
    "executionArn",
    "TopicArn",
    "modelId",
    "Name",
)


@dataclass(frozen=True)
class Need:
    """A request that ``who`` must be allowed, and ``why``: the call, or the state, that makes it."""

    who: str
    request: Request
    why: str


def record_calls(project: Path) -> Path:
    """Makes the functions of a copy of the project write down their calls; returns the file that will hold them."""
    functions, record = project / "functions", project / "calls.jsonl"
    shutil.copy(call_recorder.__file__, functions / "text" / "call_recorder.py")
    with (functions / "__init__.py").open("a") as package:
        package.write("\nfrom functions.text.call_recorder import record_calls_in\n")
        package.write(f"record_calls_in({str(record)!r})\n")
    return record


def recorded(record: Path) -> list[Call]:
    """The calls of a record, each once."""
    lines = dict.fromkeys(record.read_text().splitlines())
    return [Call(**json.loads(line)) for line in lines]


def needs(calls: Iterable[Call], account: Account) -> list[Need]:
    """What the functions must be allowed, to make these calls. Fails for an operation that the table does not know."""
    return [Need(call.function, request, str(call)) for call in calls for request in _requests(call, account)]


def _requests(call: Call, account: Account) -> list[Request]:
    known = _OPERATIONS.get((call.service, call.operation))
    assert known, (
        f"{call.function} calls {call.service} {call.operation}, which the table in tests/support/permissions.py does "
        "not know: add there which actions it needs on what."
    )
    return known(call, account)


_EUROPE: Final = ("eu-central-1", "eu-west-1")  # some of the regions that a profile of that name answers from

# Parameters that need no permission of their own.
_OF_OBJECTS = {"Bucket", "Key", "ContentType", "Metadata", "ResponseContentType", "ResponseContentDisposition"}


def _object(action: str) -> Callable[[Call, Account], list[Request]]:
    def requests(call: Call, account: Account) -> list[Request]:
        unknown = set(call.params) - _OF_OBJECTS
        assert not unknown, f"{call}: {sorted(unknown)} may need more than {action} (a tag or a version does)"
        bucket, key = f"arn:aws:s3:::{call.params['Bucket']}", call.params["Key"]
        found = [Request(action, f"{bucket}/{key}")]
        if call.absent:
            # Without leave to list it, S3 answers 403 for an absent key, and the function could not tell. The key is
            # then the prefix that conditions see (https://github.com/ceph/ceph/pull/68577 copies that from AWS).
            found.append(Request("s3:ListBucket", bucket, {"s3:prefix": key}))
        return found

    return requests


def _listing(call: Call, account: Account) -> list[Request]:
    prefix = call.params.get("Prefix")
    context = {} if prefix is None else {"s3:prefix": prefix}
    return [Request("s3:ListBucket", f"arn:aws:s3:::{call.params['Bucket']}", context)]


def _table(call: Call, account: Account) -> list[Request]:
    assert "IndexName" not in call.params, "an index is a resource of its own: tell the table about it"
    tables = call.params["RequestItems"] if "RequestItems" in call.params else [call.params["TableName"]]
    return [Request(f"dynamodb:{call.operation}", account.arn("dynamodb", f"table/{table}")) for table in tables]


def _by_arn(parameter: str) -> Callable[[Call, Account], list[Request]]:
    return lambda call, account: [Request(f"states:{call.operation}", call.params[parameter])]


def _topic(call: Call, account: Account) -> list[Request]:
    return [Request("sns:Publish", call.params["TopicArn"])]


def _model(call: Call, account: Account) -> list[Request]:
    # A profile is asked for in its own account, and the model behind it in whichever region answers.
    action = "bedrock:InvokeModelWithResponseStream" if call.operation == "ConverseStream" else "bedrock:InvokeModel"
    model = call.params["modelId"]
    asked = [Request(action, f"arn:aws:bedrock:{account.region}::foundation-model/{model}")]
    if model.startswith("eu."):
        behind = model.removeprefix("eu.")
        asked = [Request(action, account.arn("bedrock", f"inference-profile/{model}"))]
        asked += [Request(action, f"arn:aws:bedrock:{region}::foundation-model/{behind}") for region in _EUROPE]
    return asked


def _parameter(call: Call, account: Account) -> list[Request]:
    # Decryption needs no leave of the role's: the account's default key for SSM trusts everybody whom SSM trusts
    # (https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html).
    return [Request("ssm:GetParameter", account.arn("ssm", f"parameter{call.params['Name']}"))]


_OPERATIONS: Mapping[tuple[str, str], Callable[[Call, Account], list[Request]]] = {
    ("s3", "GetObject"): _object("s3:GetObject"),
    ("s3", "HeadObject"): _object("s3:GetObject"),
    ("s3", "PutObject"): _object("s3:PutObject"),
    ("s3", "PostObject"): _object("s3:PutObject"),
    ("s3", "ListObjectsV2"): _listing,
    ("dynamodb", "GetItem"): _table,
    ("dynamodb", "PutItem"): _table,
    ("dynamodb", "UpdateItem"): _table,
    ("dynamodb", "Query"): _table,
    ("dynamodb", "BatchGetItem"): _table,
    ("dynamodb", "BatchWriteItem"): _table,
    ("stepfunctions", "StartExecution"): _by_arn("stateMachineArn"),
    ("stepfunctions", "DescribeExecution"): _by_arn("executionArn"),
    ("ssm", "GetParameter"): _parameter,
    ("sns", "Publish"): _topic,
    ("bedrock-runtime", "ConverseStream"): _model,
    ("bedrock-runtime", "InvokeModel"): _model,
}


def workflow_needs(who: str, definition: Mapping[str, Any], machine: str) -> list[Need]:
    """What a state machine's role must be allowed, for its states to do what they say; ``machine`` is its ARN."""
    found: list[Need] = []
    for name, state in definition.get("States", {}).items():
        if state["Type"] == "Task":
            assert state["Resource"] == "arn:aws:states:::lambda:invoke", f"{name} calls something else: tell the table"
            request = Request("lambda:InvokeFunction", state["Parameters"]["FunctionName"])
            found.append(Need(who, request, f"the state {name}"))
        processor = state.get("ItemProcessor", {})
        if processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
            # The executions that it starts are named by its label, and those that AWS's own example names by none
            # (https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html).
            executions = machine.replace(":stateMachine:", ":execution:")
            watched = [f"{executions}:some", f"{executions}/{state['Label']}:some"]
            found += [
                Need(who, request, f"the state {name}")
                for request in (
                    Request("states:StartExecution", machine),
                    *(Request(f"states:{what}Execution", one) for what in ("Describe", "Stop") for one in watched),
                )
            ]
        for inner in [processor, *state.get("Branches", [])]:
            found += workflow_needs(who, inner, machine)
    return found


def refused(roles: Mapping[str, Sequence[Statement]], needed: Iterable[Need]) -> list[str]:
    """What a role's policy would not allow: one sentence each, with the grant to add."""
    missing = {
        (need.who, need.request.action, suggestion(need.request)): need
        for need in needed
        if not allows(roles[need.who], need.request)
    }
    return [
        f"{who} may not do {need.request}, which it does by {need.why}: add {grant}"
        for (who, _, grant), need in missing.items()
    ]


def unused(roles: Mapping[str, Sequence[Statement]], needed: Iterable[Need]) -> list[str]:
    """What roles may do and nobody needed: one sentence each, with the grant to take away."""
    asked: dict[str, list[Request]] = {who: [] for who in roles}
    for need in needed:
        asked[need.who].append(need.request)
    return [
        f"{who} may do {granted}, and nothing that it did needed that: take away {suggestion(granted)}"
        for who, statements in roles.items()
        for statement in statements
        for action in listed(statement["Action"])
        if action not in ONLY_IN_THE_CLOUD
        for resource in listed(statement["Resource"])
        if not any(covers({**statement, "Action": action, "Resource": resource}, request) for request in asked[who])
        for granted in [_granted(action, resource, statement)]
    ]


def _granted(action: str, resource: str, statement: Statement) -> Request:
    conditions = statement.get("Condition", {}).values()
    return Request(action, resource, {key: value for keys in conditions for key, value in keys.items()})


def suggestion(request: Request) -> str:
    """The grant in the catalogue that a request asks for, as its author would write it."""
    service, _, operation = request.action.partition(":")
    resource = request.resource.split(":", 5)[-1]
    if service == "s3":
        bucket, _, key = resource.partition("/")
        top = (key or request.context.get("s3:prefix", "")).partition("/")[0]
        sentence = "write" if operation == "PutObject" else "read"
        return f'{sentence}("{_key(bucket.rpartition("-")[0])}", "{top}/*")'
    if service == "dynamodb":
        return f'use_table("{_key(resource.removeprefix("table/"))}", "{operation}")'
    if service == "ssm":
        return f'read_parameter("{resource.rpartition("/")[2]}")'
    if service == "bedrock":
        kind = "image" if operation == "InvokeModel" else "text"
        return f'ask_model("{resource.rpartition("/")[2]}", "{kind}")'
    if service == "sns":
        return f'publish("{_key(resource)}")'
    name = _key(resource.split(":")[1]) if ":" in resource else resource
    sentences = {"StartExecution": "start", "DescribeExecution": "watch", "InvokeFunction": "invoke"}
    return f'{sentences[operation]}("{name}")' if operation in sentences else f"a grant of {request.action}"


def _key(name: str) -> str:
    """A resource's key in the catalogue: its name without service and stage, as tests name theirs."""
    return name.split("-", 2)[2]
