"""Two environments share nothing: no name, policy, variable or address of one reaches, or names, the other's.

The second one's name extends the first one's, as a person's own environment does: ``dev`` and ``dev-sandbox``. The one
exception: an image may be copied from another environment (``aurora:copyFrom``), and accounts may be given leave to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from aurora.asl import distributed
from aurora.contracts import names
from aurora.naming import InvalidStageName
from aurora.policy.access import ANY_RESOURCE
from aurora.testing.declared import ACCOUNT, Declared, Resource, declare, stack_config
from aurora.testing.iam import Request, covers, like, listed
from tests.support import sampler
from tests.support.platform import SERVICE, declared

REGION = "eu-west-1"
DEV, SANDBOX = "dev", "dev-sandbox"
# Everything that a stack may have: what only some stacks declare is isolated too.
EVERYTHING = {
    "aurora:alarms": "true",
    "aurora:alarmEmail": "team@example.com",
    "aurora:notifyEmails": '["author@example.com"]',
    "aurora:keepHistory": "true",
    "aurora:models": json.dumps(
        {
            "mine": {"provider": "openai", "id": "m", "baseUrl": "https://models.example.com/v1"},
            "claude": {"provider": "bedrock", "id": "eu.anthropic.claude"},
        }
    ),
    "aurora:openaiApiKey": "sk-test",
    "aurora:bedrockApiKey": "b-test",
    "aurora:copiedBy": '["999999999999"]',
}
COPIES = "OtherEnvironmentsCopy"

Inputs = Mapping[str, Any]


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


# What a policy can name of a resource: written down from its name alone, and by nothing that the program uses.
ARNS: Mapping[str, Callable[[Inputs], list[str]]] = {
    "s3/bucket:Bucket": lambda i: [
        f"arn:aws:s3:::{i['bucket']}",
        f"arn:aws:s3:::{i['bucket']}/users/a/courses/b/outline/c.yaml",
        f"arn:aws:s3:::{i['bucket']}/index.html",
        f"arn:aws:s3:::{i['bucket']}/done/step.txt",
    ],
    "dynamodb/table:Table": lambda i: [
        arn("dynamodb", f"table/{i['name']}"),
        *(arn("dynamodb", f"table/{i['name']}/index/{each['name']}") for each in i.get("globalSecondaryIndexes", [])),
    ],
    "lambda/function:Function": lambda i: [
        arn("lambda", f"function:{i['name']}"),
        arn("lambda", f"function:{i['name']}:live"),
    ],
    "sfn/stateMachine:StateMachine": lambda i: [
        arn("states", f"stateMachine:{i['name']}"),
        arn("states", f"execution:{i['name']}:0123-1"),
        *(arn("states", f"execution:{i['name']}/{label}:0123") for label in distributed(json.loads(i["definition"]))),
    ],
    "ssm/parameter:Parameter": lambda i: [arn("ssm", f"parameter{i['name']}")],
    "cloudwatch/logGroup:LogGroup": lambda i: [
        arn("logs", f"log-group:{i['name']}"),
        arn("logs", f"log-group:{i['name']}:log-stream:2026"),
    ],
    "ecr/repository:Repository": lambda i: [arn("ecr", f"repository/{i['name']}")],
    "iam/role:Role": lambda i: [f"arn:aws:iam::{ACCOUNT}:role/{i['name']}"],
    "sns/topic:Topic": lambda i: [arn("sns", i["name"])],
    "sqs/queue:Queue": lambda i: [arn("sqs", i["name"])],
}


@dataclass(frozen=True)
class Pair:
    """Two stages of one platform."""

    service: str
    stages: Mapping[str, Declared]

    def names_of(self, stage: str) -> str:
        """A regular expression of how names of a stage begin; those of dev-sandbox begin as dev's do."""
        longer = "(?!-sandbox)" if stage == DEV else ""
        return rf"{self.service}-{stage}{longer}|/{self.service}/{stage}/"


@pytest.fixture(scope="module", params=[SERVICE, sampler.SERVICE])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    if request.param == SERVICE:
        return Pair(SERVICE, {each: declare(each, {**stack_config("dev"), **EVERYTHING}) for each in (DEV, SANDBOX)})
    project = sampler.copy_to(tmp_path_factory.mktemp("everything"))
    stages = {each: sampler.declared(project, each, sampler.EVERY_SETTING) for each in (DEV, SANDBOX)}
    return Pair(sampler.SERVICE, stages)


@pytest.fixture(params=[DEV, SANDBOX])
def ours(request: pytest.FixtureRequest, pair: Pair) -> Declared:
    return pair.stages[request.param]


@pytest.fixture
def theirs(ours: Declared, pair: Pair) -> Declared:
    return next(platform for platform in pair.stages.values() if platform is not ours)


def may_be_a_stage(rest: str) -> bool:
    """Whether a stage may be called ``dev-`` and this."""
    try:
        names.check(declared(stage=f"{DEV}-{rest}"))
    except InvalidStageName:
        return False
    return True


def arns(platform: Declared) -> list[str]:
    """Everything of a platform that a policy could name."""
    return [found for kind, of in ARNS.items() for resource in platform.of_type(kind) for found in of(resource.inputs)]


def statements(resource: Resource) -> list[dict[str, Any]]:
    return json.loads(resource.inputs["policy"])["Statement"]


def reached(statement: dict[str, Any], targets: list[str]) -> list[str]:
    """What of the targets a statement of a role reaches, whatever its conditions say."""
    bare = {name: value for name, value in statement.items() if name != "Condition"}
    return [
        f"{action} on {target}"
        for action in listed(statement["Action"])
        if action not in ANY_RESOURCE
        for target in targets
        if covers(bare, Request(action, target))
    ]


def test_every_kind_of_resource_that_policies_name_is_looked_at(ours: Declared, pair: Pair) -> None:
    assert pair.service == SERVICE or all(ours.of_type(kind) for kind in ARNS)
    granted = [
        resource
        for policy in ours.of_type(":RolePolicy")
        for statement in statements(policy)
        for resource in listed(statement["Resource"])
        if resource != "*"
    ]
    own = arns(ours)
    unknown = [pattern for pattern in granted if not any(like(pattern, one) for one in own)]
    assert unknown == []


def test_no_role_reaches_anything_of_the_other_environment(ours: Declared, theirs: Declared) -> None:
    targets = arns(theirs)
    found = [
        f"{policy.name}: {reach}"
        for policy in ours.of_type(":RolePolicy")
        for statement in statements(policy)
        for reach in reached(statement, targets)
    ]
    assert found == []


@pytest.mark.parametrize(
    "resource",
    [
        arn("dynamodb", "table/aurora-dev-*"),
        arn("lambda", "function:aurora-dev*:live"),
        arn("ssm", "parameter/aurora/*"),
        arn("states", "execution:aurora-dev*:*"),
        f"arn:aws:s3:::aurora-dev-*-{ACCOUNT}/*",
    ],
)
def test_a_grant_by_the_beginning_of_a_name_would_be_found(pair: Pair, resource: str) -> None:
    grant = {"Effect": "Allow", "Action": ["any:Action"], "Resource": [resource.replace(SERVICE, pair.service)]}
    assert reached(grant, arns(pair.stages[SANDBOX]))


def test_no_policy_of_a_resource_lets_the_other_environment_in(ours: Declared, theirs: Declared) -> None:
    targets = arns(theirs)
    for policy in policies(ours):
        for statement in statements(policy):
            named = [*listed(statement.get("Resource", [])), *sources(statement)]
            assert [(pattern, one) for pattern in named for one in targets if like(pattern, one)] == []
    for permission in ours.of_type(":Permission"):
        assert permission.inputs["function"] in {each.inputs["name"] for each in ours.of_type("function:Function")}


def policies(platform: Declared) -> list[Resource]:
    """The resources with a policy that says who may use them, or use another resource."""
    kinds = (":BucketPolicy", ":RepositoryPolicy", "sqs/queue:Queue")
    return [resource for kind in kinds for resource in platform.of_type(kind)]


def sources(statement: dict[str, Any]) -> list[str]:
    """The resources on whose behalf a service may ask."""
    conditions = statement.get("Condition", {}).values()
    return [arn for keys in conditions for arn in listed(keys.get("aws:SourceArn", []))]


def test_an_allowance_for_a_service_says_on_whose_behalf_and_one_for_accounts_is_to_copy_images(
    ours: Declared,
) -> None:
    for policy in policies(ours):
        for statement in statements(policy):
            if statement["Effect"] == "Deny":
                continue
            if statement.get("Sid") == COPIES:
                assert policy.type.endswith(":RepositoryPolicy")
                assert statement["Principal"] == {"AWS": ["arn:aws:iam::999999999999:root"]}
                assert not [
                    action for action in statement["Action"] if not re.match("ecr:(BatchGet|Get|Describe)", action)
                ]
            else:
                assert set(statement["Principal"]) == {"Service"}
                assert sources(statement)


def test_no_input_or_export_of_one_names_the_other(ours: Declared, pair: Pair) -> None:
    # Where an image may be copied from is told to its resource alone, by the stage's name.
    inputs = [
        {name: value for name, value in resource.inputs.items() if name != "copyFrom"} for resource in ours.resources
    ]
    everything = json.dumps([inputs, dict(ours.exports)])
    own, other = (DEV, SANDBOX) if ours is pair.stages[DEV] else (SANDBOX, DEV)
    assert re.findall(f".{{0,40}}(?:{pair.names_of(other)}).{{0,40}}", everything) == []
    assert len(re.findall(pair.names_of(own), everything)) > 100


def test_no_function_may_copy_or_read_images(ours: Declared) -> None:
    assert [policy.name for policy in ours.of_type(":RolePolicy") if "ecr:" in policy.inputs["policy"]] == []


@pytest.mark.parametrize(
    "kind",
    [
        *(kind for kind in ARNS if kind != "sqs/queue:Queue"),
        "cloudwatch/metricAlarm:MetricAlarm",
        "cloudwatch/dashboard:Dashboard",
        "cognito/userPool:UserPool",
    ],
)
@pytest.mark.parametrize("pair", [SERVICE], indirect=True)
def test_no_two_stages_can_give_resources_of_one_kind_the_same_name(pair: Pair, kind: str) -> None:
    """A resource ``b`` of a stage ``dev-a`` and a resource ``a-b`` of the stage ``dev`` would have one name."""
    full = [
        next(resource.inputs[key] for key in ("name", "bucket", "dashboardName") if resource.inputs.get(key))
        for resource in pair.stages[DEV].of_type(kind)
    ]
    names = [re.split(r"aurora-dev-|aurora/dev/", name.removesuffix(f"-{ACCOUNT}")) for name in full]
    assert names
    clashes = [
        (path + longer, path + shorter)
        for path, longer in names
        for other_path, shorter in names
        if path == other_path and longer.endswith(f"-{shorter}") and may_be_a_stage(longer.removesuffix(f"-{shorter}"))
    ]
    assert clashes == []
