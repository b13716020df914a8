"""Compares permissions with recorded calls: every call needs a grant, and every grant needs a call.

``LocalPlatform(record_calls=FILE)`` records functions' calls of AWS. This module holds the table from API operations to
IAM actions, and the list of actions that no local run can record, each with a reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aurora.local.platform import LocalPlatform
from aurora.policy.access import ANY_RESOURCE
from aurora.project import load
from aurora.system import System
from aurora.testing.iam import Request, Statement, allows, covers, listed

_BY_LAMBDA: Final = (
    "Lambda itself writes a function's log, with the function's role; the embedded AWS needs no permission for it"
)
ONLY_IN_THE_CLOUD: Final[Mapping[str, str]] = {
    "logs:CreateLogStream": _BY_LAMBDA,
    "logs:PutLogEvents": _BY_LAMBDA,
    **ANY_RESOURCE,
}
"""The actions whose use no local run can record, each with the reason."""


@dataclass(frozen=True)
class Account:
    """The account and region of recorded names."""

    region: str
    account_id: str

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"


@dataclass(frozen=True)
class Call:
    """One call of AWS by a function. A presigned one is made by a URL's user; an absent one was answered with 404."""

    function: str
    service: str
    operation: str
    params: Mapping[str, Any]
    presigned: bool = False
    absent: bool = False

    def __str__(self) -> str:
        shown = [f"{name}={self.params[name]!r}" for name in _SHOWN if name in self.params]
        how = "presigned " if self.presigned else ""
        found = ", and there was nothing" if self.absent else ""
        return f"{how}{self.service} {self.operation}({', '.join(shown)}){found}"


_SHOWN = (
    "Bucket",
    "Key",
    "Prefix",
    "TableName",
    "RequestItems",
    "stateMachineArn",
    "executionArn",
    "TopicArn",
    "QueueUrl",
    "FunctionName",
    "modelId",
    "Name",
)


@dataclass(frozen=True)
class Need:
    """A request that ``who`` must be allowed to make; ``why`` is the call, or the state, that makes it."""

    who: str
    request: Request
    why: str


@dataclass(frozen=True)
class Exercise:
    """A scenario in which a system's functions use each of their grants, and the stack config that it needs."""

    stack_config: Mapping[str, str]
    use: Callable[[LocalPlatform], None]


@contextmanager
def exercised(systems: Iterable[System], record: Path) -> Generator[LocalPlatform]:
    """A local platform after every system's `end_to_end`; the calls of its functions are in the file ``record``.

    `end_to_end` is the import path of a function that returns a context manager of an `Exercise`.
    """
    with ExitStack() as opened:
        paths = [system.end_to_end for system in systems if system.end_to_end]
        exercises: list[Exercise] = [opened.enter_context(load(path)()) for path in paths]
        config = {key: value for exercise in exercises for key, value in exercise.stack_config.items()}
        platform = opened.enter_context(
            LocalPlatform(stack_config=config, announce=False, watch=False, record_calls=record)
        )
        for exercise in exercises:
            exercise.use(platform)
        yield platform


def recorded(record: Path) -> list[Call]:
    """The calls of a record, each once."""
    lines = dict.fromkeys(record.read_text().splitlines())
    return [Call(**json.loads(line)) for line in lines]


def needs(calls: Iterable[Call], account: Account) -> list[Need]:
    """The requests that functions must be allowed for these calls. Fails for an operation that the table lacks."""
    return [Need(call.function, request, str(call)) for call in calls for request in _requests(call, account)]


def _requests(call: Call, account: Account) -> list[Request]:
    known = _OPERATIONS.get((call.service, call.operation))
    assert known, (
        f"{call.function} calls {call.service} {call.operation}, which the table in aurora/testing/permissions.py "
        "lacks: add there which actions it needs on which resources."
    )
    return known(call, account)


_EUROPE: Final = ("eu-central-1", "eu-west-1")  # some of the regions that a profile of that name answers from

# Parameters that need no permission of their own.
_OF_OBJECTS = {"Bucket", "Key", "ContentType", "Metadata", "ResponseContentType", "ResponseContentDisposition"}


def _object(action: str) -> Callable[[Call, Account], list[Request]]:
    def requests(call: Call, _: Account) -> list[Request]:
        unknown = set(call.params) - _OF_OBJECTS
        assert not unknown, f"{call}: {sorted(unknown)} may need more than {action} (a tag or a version does)"
        bucket, key = f"arn:aws:s3:::{call.params['Bucket']}", call.params["Key"]
        found = [Request(action, f"{bucket}/{key}")]
        if call.absent:
            # Without permission to list, S3 answers 403 for an absent key, which looks like a refusal. Conditions see
            # the key as the prefix (https://github.com/ceph/ceph/pull/68577 copies that from AWS).
            found.append(Request("s3:ListBucket", bucket, {"s3:prefix": key}))
        return found

    return requests


def _listing(call: Call, _: Account) -> list[Request]:
    prefix = call.params.get("Prefix")
    context = {} if prefix is None else {"s3:prefix": prefix}
    return [Request("s3:ListBucket", f"arn:aws:s3:::{call.params['Bucket']}", context)]


def _table(call: Call, account: Account) -> list[Request]:
    tables = call.params["RequestItems"] if "RequestItems" in call.params else [call.params["TableName"]]
    index = f"/index/{call.params['IndexName']}" if "IndexName" in call.params else ""
    return [Request(f"dynamodb:{call.operation}", account.arn("dynamodb", f"table/{table}{index}")) for table in tables]


def _by_arn(parameter: str) -> Callable[[Call, Account], list[Request]]:
    return lambda call, _: [Request(f"states:{call.operation}", call.params[parameter])]


def _topic(call: Call, _: Account) -> list[Request]:
    return [Request("sns:Publish", call.params["TopicArn"])]


def _queue(call: Call, account: Account) -> list[Request]:
    return [Request("sqs:SendMessage", account.arn("sqs", call.params["QueueUrl"].rpartition("/")[2]))]


def _function(call: Call, account: Account) -> list[Request]:
    name = call.params["FunctionName"]
    arn = name if name.startswith("arn:") else account.arn("lambda", f"function:{name}")
    qualifier = call.params.get("Qualifier")
    return [Request("lambda:InvokeFunction", f"{arn}:{qualifier}" if qualifier else arn)]


def _model(call: Call, account: Account) -> list[Request]:
    # A profile needs permission in its own account, and for its model in each region that may answer.
    action = "bedrock:InvokeModelWithResponseStream" if call.operation == "ConverseStream" else "bedrock:InvokeModel"
    model = call.params["modelId"]
    asked = [Request(action, f"arn:aws:bedrock:{account.region}::foundation-model/{model}")]
    if model.startswith("eu."):
        behind = model.removeprefix("eu.")
        asked = [Request(action, account.arn("bedrock", f"inference-profile/{model}"))]
        asked += [Request(action, f"arn:aws:bedrock:{region}::foundation-model/{behind}") for region in _EUROPE]
    return asked


def _parameter(call: Call, account: Account) -> list[Request]:
    # Decryption needs no permission: the account's default key for SSM trusts every principal that may use SSM
    # (https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html).
    return [Request("ssm:GetParameter", account.arn("ssm", f"parameter{call.params['Name']}"))]


_OPERATIONS: Mapping[tuple[str, str], Callable[[Call, Account], list[Request]]] = {
    ("s3", "GetObject"): _object("s3:GetObject"),
    ("s3", "HeadObject"): _object("s3:GetObject"),
    ("s3", "PutObject"): _object("s3:PutObject"),
    ("s3", "PostObject"): _object("s3:PutObject"),
    ("s3", "DeleteObject"): _object("s3:DeleteObject"),
    ("s3", "ListObjectsV2"): _listing,
    ("dynamodb", "GetItem"): _table,
    ("dynamodb", "PutItem"): _table,
    ("dynamodb", "UpdateItem"): _table,
    ("dynamodb", "DeleteItem"): _table,
    ("dynamodb", "Query"): _table,
    ("dynamodb", "Scan"): _table,
    ("dynamodb", "BatchGetItem"): _table,
    ("dynamodb", "BatchWriteItem"): _table,
    ("stepfunctions", "StartExecution"): _by_arn("stateMachineArn"),
    ("stepfunctions", "DescribeExecution"): _by_arn("executionArn"),
    ("ssm", "GetParameter"): _parameter,
    ("sns", "Publish"): _topic,
    ("sqs", "SendMessage"): _queue,
    ("sqs", "SendMessageBatch"): _queue,
    ("lambda", "Invoke"): _function,
    ("bedrock-runtime", "ConverseStream"): _model,
    ("bedrock-runtime", "InvokeModel"): _model,
}


def workflow_needs(who: str, definition: Mapping[str, Any], machine: str) -> list[Need]:
    """The requests that a state machine's role must be allowed for its states; ``machine`` is its ARN."""
    found: list[Need] = []
    for name, state in definition.get("States", {}).items():
        if state["Type"] == "Task":
            assert state["Resource"] == "arn:aws:states:::lambda:invoke", f"{name} calls something else: add it"
            request = Request("lambda:InvokeFunction", state["Parameters"]["FunctionName"])
            found.append(Need(who, request, f"the state {name}"))
        processor = state.get("ItemProcessor", {})
        if processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
            # Child executions have the Map's label in their ARN; AWS's own example names executions without a label
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


def queue_needs(mappings: Iterable[Mapping[str, Any]], account: Account) -> list[Need]:
    """The requests that functions' roles must be allowed for Lambda to receive the messages of their queues.

    ``mappings`` are event source mappings, as Lambda lists them
    (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions).
    """
    beginning = account.arn("lambda", "function:")
    return [
        Need(
            mapping["FunctionArn"].removeprefix(beginning).partition(":")[0],
            Request(f"sqs:{action}", queue),
            "its queue",
        )
        for mapping in mappings
        for queue in [mapping["EventSourceArn"]]
        for action in ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
    ]


def refused(roles: Mapping[str, Sequence[Statement]], needed: Iterable[Need]) -> list[str]:
    """The needs that no role's policy allows: one sentence each, with the grant to add."""
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
    """The permissions that nothing needed: one sentence each, with the grant to remove.

    If a function made no call at all, the sentence says so: its grants may be right.
    """
    asked: dict[str, list[Request]] = {who: [] for who in roles}
    for need in needed:
        asked[need.who].append(need.request)
    found: list[str] = []
    for who, statements in roles.items():
        surplus = [granted for statement in statements for granted in _surplus(statement, asked[who])]
        if surplus and not asked[who]:
            found.append(f"{who} made no call of AWS: this test never exercised it, and its grants prove nothing")
        else:
            found += [
                f"{who} may do {granted}, but nothing needed it: remove {suggestion(granted)}" for granted in surplus
            ]
    return found


def _surplus(statement: Statement, asked: Sequence[Request]) -> Iterator[Request]:
    """The permissions of a statement that a run could have used but did not."""
    for action in listed(statement["Action"]):
        if action not in ONLY_IN_THE_CLOUD:
            for resource in listed(statement["Resource"]):
                one = {**statement, "Action": action, "Resource": resource}
                if not any(covers(one, request) for request in asked):
                    yield _granted(action, resource, statement)


def _granted(action: str, resource: str, statement: Statement) -> Request:
    conditions = statement.get("Condition", {}).values()
    return Request(action, resource, {key: value for keys in conditions for key, value in keys.items()})


def suggestion(request: Request) -> str:
    """The grant that a request needs, as a system declares it."""
    service, _, operation = request.action.partition(":")
    resource = request.resource.split(":", 5)[-1]
    last = resource.rpartition("/")[2]
    match service, operation:
        case "s3", _:
            bucket, _, key = resource.partition("/")
            top = (key or request.context.get("s3:prefix", "")).partition("/")[0]
            sentence = {"PutObject": "write", "DeleteObject": "delete"}.get(operation, "read")
            grant = f'{sentence}("{_key(bucket.rpartition("-")[0])}", "{top}/*")'
        case "dynamodb", _:
            table, _, index = resource.removeprefix("table/").partition("/index/")
            on = f'use_index("{_key(table)}", "{index}"' if index else f'use_table("{_key(table)}"'
            grant = f'{on}, "{operation}")'
        case "ssm", _:
            grant = f'read_parameter("{last}")'
        case "bedrock", _:
            grant = f'invoke_model("{last}", "{"image" if operation == "InvokeModel" else "text"}")'
        case "sns", _:
            grant = f'publish("{_key(resource)}")'
        case "sqs", "SendMessage":
            grant = f'send("{_key(resource)}")'
        case "states" | "lambda", "StartExecution" | "DescribeExecution" | "InvokeFunction":
            sentence = {"StartExecution": "start", "DescribeExecution": "watch"}.get(operation, "invoke")
            grant = f'{sentence}("{_key(resource.split(":")[1])}")'
        case _:
            grant = f"a grant of {request.action}"
    return grant


def _key(name: str) -> str:
    """A resource's key: its name without service and stage, as tests name theirs."""
    return name.split("-", 2)[2]
