"""Every policy in both directions: the platform as it is declared keeps to it, one thing changed breaks it."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from aurora.policy.access import ANY_RESOURCE, PARTS_OF_ONE
from aurora.policy.identity import UNTAGGABLE
from aurora.system import Route, System
from aurora.testing.declared import Declared, Resource, declare, stack_config
from tests.support.clone import PROJECT
from tests.unit.aurora.policy.judging import POLICIES, UNKNOWN, changed, findings, findings_of, judge, resource

Change = Callable[[Declared], Resource]
FUNCTION = "lambda/function:Function"
DIGEST = "a" * 64
# The exception that the platform of one of everything declares.
PUBLIC = System("public", routes=(Route("GET /health", "api", public="monitors have no account"),))


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_the_platform_keeps_to_every_policy(stage: str, request: pytest.FixtureRequest) -> None:
    assert findings_of(request.getfixturevalue(stage)) == {}


def test_what_systems_may_declare_keeps_to_every_policy(everything: Declared) -> None:
    assert findings(*everything.resources, systems=[PUBLIC]) == {}


def test_models_of_bedrock_and_subscribers_are_accepted_too() -> None:
    profile = {"provider": "bedrock", "id": "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"}
    model = {"provider": "bedrock", "kind": "image", "id": "amazon.nova-canvas-v1:0"}
    config = {
        **stack_config("dev"),
        "aurora:models": json.dumps({"claude": profile, "canvas": model}),
        "aurora:notifyEmails": '["author@example.com"]',
    }
    assert findings_of(declare("dev", config)) == {}


def test_a_model_s_key_is_a_parameter_that_the_policies_accept() -> None:
    parameter = {"name": "/aurora/dev/openai-api-key", "type": "SecureString", "value": "k", "tags": _tags("dev")}
    assert findings(resource("aws:ssm/parameter:Parameter", parameter)) == {}


def _tags(stage: str) -> dict[str, str]:
    return {"service": "aurora", "stage": stage, "managed-by": "pulumi"}


def _with_statement(platform: Declared, suffix: str, name: str, **statement: Any) -> Resource:
    found = platform.one(suffix, name)
    document = json.loads(found.inputs["policy"])
    document["Statement"].append({"Effect": "Allow", **statement})
    return changed(found, policy=json.dumps(document))


def _role_may(**statement: Any) -> Change:
    return lambda platform: _with_statement(platform, ":RolePolicy", "course_api-starter-api", **statement)


def _definition(platform: Declared, old: str, new: str) -> Resource:
    machine = platform.one(":StateMachine", "workflow-courses")
    assert old in machine.inputs["definition"]
    return changed(machine, definition=machine.inputs["definition"].replace(old, new))


def _integration(uri: str) -> Change:
    def change(platform: Declared) -> Resource:
        found = platform.one(":Integration", "api-courses-api")
        return changed(found, integrationUri=found.inputs["integrationUri"].replace(":live", uri))

    return change


def _input(suffix: str, resource: str, /, **inputs: Any) -> Change:
    return lambda platform: changed(platform.one(suffix, resource), **inputs)


# The policy, what is changed in the dev platform, and what is said of it.
VIOLATIONS: list[tuple[str, Change, str]] = [
    ("names", _input(":Table", "table-courses", name="courses"), "Table table-courses has the name 'courses'"),
    ("names", _input(":Table", "table-courses", name="aurora-prod-courses"), "name it aurora-dev-..."),
    ("names", _input("s3/bucket:Bucket", "site", bucket="site-4f2a9c1"), "Bucket site has the name 'site-4f2a9c1'"),
    (
        "names",
        _input(":LogGroup", "workflow-courses", name="/aws/lambda/other"),
        "LogGroup workflow-courses has the name",
    ),
    (
        "tags",
        _input(":Table", "table-courses", tags={"service": "aurora"}),
        "lacks the tags stage=dev, managed-by=pulumi",
    ),
    ("tags", _input(":Role", "workflow-courses", tags=None), "Role workflow-courses lacks the tags service=aurora"),
    ("encrypted", _input("ecr/repository:Repository", "slides", encryptionConfigurations=None), "how its images are"),
    (
        "encrypted",
        _input(":BucketServerSideEncryptionConfiguration", "site", rules=[{"bucketKeyEnabled": True}]),
        "encrypts nothing: set sse_algorithm",
    ),
    ("no-public-access", _input(":BucketPublicAccessBlock", "site", blockPublicPolicy=False), "set blockPublicPolicy"),
    ("no-public-access", _input(":BucketPublicAccessBlock", "site", ignorePublicAcls=None), "set ignorePublicAcls to"),
    (
        "no-public-access",
        _input(":BucketOwnershipControls", "site", rule={"objectOwnership": "ObjectWriter"}),
        "lets access control lists decide",
    ),
    (
        "no-public-access",
        lambda p: _with_statement(p, ":BucketPolicy", "site", Principal="*", Action="s3:GetObject", Resource="x"),
        "allows everybody",
    ),
    (
        "no-public-access",
        lambda p: _with_statement(
            p, ":RepositoryPolicy", "slides", Principal={"AWS": ["*"]}, Action="ecr:BatchGetImage"
        ),
        "allows everybody",
    ),
    (
        "no-public-access",
        lambda p: _with_statement(p, ":RepositoryPolicy", "slides", Principal={"AWS": "1"}, Action=["ecr:*"]),
        "allows ecr:*: name each action",
    ),
    ("no-public-access", _input(":Permission", "api-courses-api", principal="*"), "lets anybody call the function"),
    ("tls-only", _input(":BucketPolicy", "site", policy='{"Statement": []}'), "does not refuse requests without TLS"),
    (
        "tls-only",
        _input(":Distribution", "site", defaultCacheBehavior={"viewerProtocolPolicy": "allow-all"}),
        "serves pages without TLS",
    ),
    (
        "tls-only",
        _input(":Distribution", "site", orderedCacheBehaviors=[{"viewerProtocolPolicy": "allow-all"}]),
        "serves pages without TLS",
    ),
    (
        "tls-only",
        _input(":Distribution", "site", viewerCertificate={"minimumProtocolVersion": "TLSv1"}),
        "accepts old TLS",
    ),
    ("no-wildcards", _role_may(Action="s3:*", Resource="arn:aws:s3:::b/a/*"), "allows s3:*: name each action"),
    ("no-wildcards", _role_may(Action=["s3:Get?bject"], Resource="arn:aws:s3:::b/a/*"), "allows s3:Get?bject"),
    ("no-wildcards", _role_may(Action=["s3:ListBucket"], Resource="*"), "allows s3:ListBucket on every resource"),
    ("no-wildcards", _role_may(NotAction=["iam:*"], Resource="arn:aws:s3:::b"), "everything except a list (NotAction)"),
    ("no-wildcards", _role_may(Action=["s3:GetObject"], NotResource="x"), "everything except a list (NotResource)"),
    (
        "no-wildcards",
        _role_may(Action="dynamodb:GetItem", Resource=["arn:aws:dynamodb:r:1:table/aurora-dev-*"]),
        "reaches arn:aws:dynamodb:r:1:table/aurora-dev-*, which may match resources of another environment",
    ),
    ("no-wildcards", _role_may(Action="s3:GetObject", Resource="arn:aws:s3:::aurora-dev-*/a/*"), "which may match"),
    ("logs-end", _input(":LogGroup", "workflow-courses", retentionInDays=None), "keeps its logs for ever"),
    ("logs-end", _input(":LogGroup", "workflow-courses", skipDestroy=True), "stays after its stack is destroyed"),
    ("images-by-digest", _input(FUNCTION, "slides-images-gen", imageUri="host/repo:latest"), "runs host/repo:latest"),
    ("images-by-digest", _input(FUNCTION, "slides-images-gen", imageUri="host/repo@sha256:12"), "give it repository@"),
    ("images-by-digest", _input(FUNCTION, "slides-images-gen", imageUri=None), "runs nothing"),
    ("images-by-digest", _input(FUNCTION, "slides-images-gen", packageType="Zip"), "is not an image function"),
    ("images-by-digest", _input(":EnsuredImage", "slides", tag="latest"), "is tagged latest"),
    ("callers-use-alias", _input(FUNCTION, "slides-images-gen", publish=False), "publishes no versions"),
    ("callers-use-alias", _input(":Alias", "slides-images-gen", functionVersion="$LATEST"), "refers to $LATEST"),
    ("callers-use-alias", _input(":Permission", "api-courses-api", qualifier=None), "is for aurora-dev-courses-api"),
    ("callers-use-alias", _input(":Permission", "api-courses-api", qualifier="$LATEST"), "is for $LATEST"),
    ("callers-use-alias", _integration(""), "calls function:aurora-dev-courses-api: call the function's alias"),
    ("callers-use-alias", _integration(":$LATEST"), "calls function:aurora-dev-courses-api:$LATEST"),
    (
        "callers-use-alias",
        lambda p: _definition(p, "book-builder:live", "book-builder"),
        "calls function:aurora-dev-book-builder: call",
    ),
    (
        "callers-use-alias",
        lambda p: _definition(
            p, "arn:aws:lambda:eu-west-1:123456789012:function:aurora-dev-book-builder:live", "books"
        ),
        "calls books by its name",
    ),
    (
        "callers-use-alias",
        lambda p: _definition(p, '"FunctionName"', '"FunctionName.$"'),
        "takes the function to call from its input",
    ),
    (
        "callers-use-alias",
        _role_may(Action="lambda:InvokeFunction", Resource="arn:aws:lambda:r:1:function:aurora-dev-x"),
        "calls function:aurora-dev-x:",
    ),
    (
        "routes-authorised",
        _input(":Route", "api-get-courses", authorizationType="NONE"),
        "/courses without a token",
    ),
    ("routes-authorised", _input(":Route", "api-get-courses", authorizerId=None), "/courses without a token"),
    ("routes-authorised", _input(":Route", "api-get-courses", routeKey="$default"), "answers to $default"),
    ("routes-authorised", _input(":Route", "api-get-courses", routeKey="ANY /courses"), "answers to ANY /courses"),
    ("routes-authorised", _input(":Authorizer", "api", authorizerType="REQUEST"), "does not check who issued a token"),
    ("routes-authorised", _input(":Authorizer", "api", jwtConfiguration={"issuer": "i"}), "issuer and audiences"),
    ("kept-images", _input("ecr/repository:Repository", "slides", imageTagMutability="MUTABLE"), "lets a tag move"),
    ("kept-images", _input("ecr/repository:Repository", "slides", imageScanningConfiguration=None), "does not scan"),
]


@pytest.mark.parametrize(("policy", "change", "said"), VIOLATIONS)
def test_one_thing_changed_is_found_by_its_policy_alone(dev: Declared, policy: str, change: Change, said: str) -> None:
    found = findings(change(dev))
    alone = {name: text for name, text in found.items() if name not in ("whole-buckets", "logs-declared")}
    assert list(alone) == [policy]
    assert said in found[policy]


def test_every_finding_names_the_resource(dev: Declared) -> None:
    for policy, change, _ in VIOLATIONS:
        broken = change(dev)
        beginning = f"{broken.type.rpartition(':')[2]} {broken.name} "
        assert all(line.startswith(beginning) for line in findings(broken)[policy].splitlines())


def test_every_policy_is_seen_to_find_something() -> None:
    seen = {policy for policy, _, _ in VIOLATIONS} | {"whole-buckets", "logs-declared", "protected-in-prod"}
    assert seen == {policy.name for policy in POLICIES}


def _elsewhere(inputs: dict[str, Any]) -> dict[str, Any]:
    return {"tags": _tags("dev"), "name": "aurora-dev-extra", **inputs}


@pytest.mark.parametrize(
    ("type", "inputs", "policy", "said"),
    [
        ("aws:ssm/parameter:Parameter", {"type": "String", "value": "k"}, "encrypted", "make it a SecureString"),
        (
            "aws:lambda/functionUrl:FunctionUrl",
            {"authorizationType": "NONE", "functionName": "f", "qualifier": "live"},
            "no-public-access",
            "lets anybody call the function",
        ),
        (
            "aws:lambda/functionUrl:FunctionUrl",
            {"authorizationType": "AWS_IAM", "functionName": "aurora-dev-f"},
            "callers-use-alias",
            "is for aurora-dev-f, whatever its version",
        ),
        (
            "aws:lambda/eventSourceMapping:EventSourceMapping",
            {"functionName": "aurora-dev-f"},
            "callers-use-alias",
            "calls aurora-dev-f:",
        ),
        (
            "aws:s3/bucketNotification:BucketNotification",
            {"lambdaFunctions": [{"lambdaFunctionArn": "arn:aws:lambda:r:1:function:aurora-dev-f"}]},
            "callers-use-alias",
            "calls function:aurora-dev-f:",
        ),
        (
            "aws:scheduler/schedule:Schedule",
            {"target": {"arn": "arn:aws:lambda:r:1:function:aurora-dev-f:$LATEST", "roleArn": "r"}},
            "callers-use-alias",
            "calls function:aurora-dev-f:$LATEST",
        ),
        (
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            {"policyArn": "arn:aws:iam::aws:policy/AmazonS3FullAccess"},
            "no-wildcards",
            "which AWS may extend at any time",
        ),
        ("aws:iam/role:Role", {"managedPolicyArns": ["x"]}, "no-wildcards", "has inline policies"),
        ("docker:index/image:Image", {"imageName": "host:5000/repo"}, "images-by-digest", "is tagged latest"),
        ("docker:index/image:Image", {"imageName": "host:5000/repo:v1"}, "images-by-digest", "is tagged v1"),
    ],
)
def test_what_the_platform_does_not_declare_yet_is_judged_too(
    type: str, inputs: dict[str, Any], policy: str, said: str
) -> None:
    assert said in findings(resource(type, _elsewhere(inputs)))[policy]


@pytest.mark.parametrize(
    ("type", "inputs"),
    [
        ("aws:lambda/eventSourceMapping:EventSourceMapping", {"functionName": "aurora-dev-f:live"}),
        ("aws:lambda/eventSourceMapping:EventSourceMapping", {"functionName": "arn:aws:lambda:r:1:function:f:live"}),
        (
            "aws:s3/bucketNotification:BucketNotification",
            {"lambdaFunctions": [{"lambdaFunctionArn": "arn:aws:lambda:r:1:function:aurora-dev-f:live"}]},
        ),
        ("docker:index/image:Image", {"imageName": f"host:5000/repo:{DIGEST}"}),
    ],
)
def test_what_the_platform_does_not_declare_yet_passes_where_it_keeps_to_the_policies(
    type: str, inputs: dict[str, Any]
) -> None:
    judged = findings(resource(type, _elsewhere(inputs)))
    judged.pop("tags", None)  # not every one of these can be tagged
    assert judged == {}


@pytest.mark.parametrize(
    ("suffix", "lack"),
    [
        (":BucketPublicAccessBlock", "public access is not blocked"),
        (":BucketOwnershipControls", "access control lists are not switched off"),
        (":BucketServerSideEncryptionConfiguration", "its encryption depends on a default"),
        (":BucketPolicy", "it accepts requests without TLS"),
    ],
)
def test_a_bucket_without_a_companion_is_found(dev: Declared, suffix: str, lack: str) -> None:
    missing = dev.one(suffix, "site")
    found = findings(*[each for each in dev.resources if each is not missing])
    assert list(found) == ["whole-buckets"]
    assert found["whole-buckets"].startswith("Bucket site has no")
    assert lack in found["whole-buckets"]


def test_a_function_whose_log_group_is_not_declared_is_found(dev: Declared) -> None:
    missing = dev.one(":LogGroup", "slides-images-gen")
    found = findings(*[each for each in dev.resources if each is not missing])
    assert list(found) == ["logs-declared"]
    assert "Function slides-images-gen logs to /aws/lambda/aurora-dev-images-gen" in found["logs-declared"]


def test_everything_is_protected_in_prod_and_need_not_be_in_dev(dev: Declared, prod: Declared) -> None:
    assert not any(each.protect for each in dev.resources)
    unprotected = [replace(each, protect=False) for each in prod.resources]
    said = findings(*unprotected)["protected-in-prod"].splitlines()
    assert len(said) == len([each for each in prod.resources if not each.type.startswith("pulumi:")])
    assert all('set aurora:protect: "true" in Pulumi.prod.yaml' in line for line in said)


@pytest.mark.parametrize(
    ("suffix", "name", "inputs"),
    [
        (":Table", "table-courses", {"deletionProtectionEnabled": False}),
        (":UserPool", "sign-in", {"deletionProtection": "INACTIVE"}),
    ],
)
def test_in_prod_aws_itself_refuses_to_delete_what_is_kept(
    prod: Declared, suffix: str, name: str, inputs: dict[str, Any]
) -> None:
    assert "may be deleted in AWS itself" in findings(changed(prod.one(suffix, name), **inputs))["protected-in-prod"]


@pytest.mark.parametrize("type", sorted(UNTAGGABLE))
def test_what_counts_as_untaggable_has_no_tags_in_aws(type: str) -> None:
    _, path, name = type.split(":")
    module = importlib.import_module(f"pulumi_aws.{path.split('/')[0].replace('lambda', 'lambda_')}")
    assert "tags" not in inspect.signature(getattr(module, name)._internal_init).parameters


def test_what_is_untaggable_is_listed_only_where_it_is_declared(everything: Declared) -> None:
    assert {each.type for each in everything.resources} >= UNTAGGABLE


def test_every_listed_wildcard_is_used_and_has_a_reason(prod: Declared) -> None:
    actions: set[str] = set()
    arns: set[str] = set()
    for policy in prod.of_type(":RolePolicy"):
        for statement in json.loads(policy.inputs["policy"])["Statement"]:
            arns.update(arn for arn in statement["Resource"] if "*" in arn)
            if statement["Resource"] == ["*"]:
                actions.update(statement["Action"])
    assert actions == set(ANY_RESOURCE)
    assert all(ANY_RESOURCE.values())
    assert all(PARTS_OF_ONE.values())
    assert len(arns) > len(PARTS_OF_ONE)


def test_a_route_is_public_by_declaration_only(everything: Declared) -> None:
    assert "GET /health without a token" in findings(*everything.resources)["routes-authorised"]


@pytest.mark.parametrize(
    ("inputs", "policy", "said"),
    [
        ({"sqsManagedSseEnabled": False}, "encrypted", "how its messages are encrypted"),
        ({"policy": None}, "tls-only", "does not refuse requests without TLS"),
        ({"policy": '{"Statement": []}'}, "tls-only", "does not refuse requests without TLS"),
    ],
)
def test_a_queue_that_is_changed_is_found(everything: Declared, inputs: dict[str, Any], policy: str, said: str) -> None:
    found = findings(changed(everything.one("sqs/queue:Queue", "queue-jobs"), **inputs))
    assert list(found) == [policy]
    assert said in found[policy]


def test_a_queue_that_everybody_may_send_to_is_found(everything: Declared) -> None:
    everybody = {"Principal": "*", "Action": "sqs:SendMessage", "Resource": "x"}
    found = findings(_with_statement(everything, "sqs/queue:Queue", "queue-jobs", **everybody))
    assert "allows everybody" in found["no-public-access"]


def test_exceptions_hold_for_the_actions_and_arns_that_a_system_declares(dev: Declared) -> None:
    role = _role_may(Action="rekognition:DetectText", Resource=["*", "arn:aws:iot:r:1:topic/x/*"])(dev)
    assert "rekognition:DetectText on every resource" in findings(role)["no-wildcards"]
    declared = System(
        "images",
        any_resource={"rekognition:DetectText": "it has no resources"},
        arn_forms={r"arn:[\w-]+:iot:[\w-]+:\d+:topic/\w+/\*": "the topics of one device"},
    )
    assert findings(role, systems=[declared]) == {}


@pytest.mark.parametrize(
    ("suffix", "name", "property", "policy"),
    [
        (FUNCTION, "slides-images-gen", "imageUri", "images-by-digest"),
        (":Integration", "api-courses-api", "integrationUri", "callers-use-alias"),
        (":RolePolicy", "workflow-courses", "policy", "no-wildcards"),
        (":BucketPolicy", "site", "policy", "tls-only"),
        (":StateMachine", "workflow-courses", "definition", "callers-use-alias"),
        (":Table", "table-courses", "name", "names"),
    ],
)
def test_an_unknown_value_is_put_off_and_not_passed_over(
    dev: Declared, suffix: str, name: str, property: str, policy: str
) -> None:
    judged = {each.policy: each for each in judge(changed(dev.one(suffix, name), **{property: UNKNOWN}))}
    assert judged[policy].deferred
    assert not judged[policy].findings


def test_a_token_s_authorizer_that_is_yet_to_be_made_counts_as_one(dev: Declared) -> None:
    assert findings(changed(dev.one(":Route", "api-get-courses"), authorizerId=UNKNOWN)) == {}


def test_an_unknown_name_puts_a_policy_of_the_whole_stack_off(dev: Declared) -> None:
    for suffix, property, policy in (
        (":LogGroup", "name", "logs-declared"),
        (FUNCTION, "name", "logs-declared"),
        (":BucketPolicy", "bucket", "whole-buckets"),
        ("s3/bucket:Bucket", "bucket", "whole-buckets"),
    ):
        (first, *_) = dev.of_type(suffix)
        resources = [changed(each, **{property: UNKNOWN}) if each is first else each for each in dev.resources]
        judged = {each.policy: each for each in judge(*resources)}
        assert judged[policy].deferred, suffix


def test_what_is_known_is_judged_beside_what_is_not(dev: Declared) -> None:
    first, second, *_ = dev.of_type(FUNCTION)
    logs = [each for each in dev.of_type(":LogGroup") if each.name != second.name]
    (judged,) = [each for each in judge(changed(first, name=UNKNOWN), second, *logs) if each.policy == "logs-declared"]
    assert judged.deferred
    assert [finding.split(" logs to ")[0] for finding in judged.findings] == [f"Function {second.name}"]


def test_no_finding_holds_a_secret() -> None:
    parameter = _elsewhere({"type": "String", "value": "sk-do-not-log-me"})
    assert "sk-do-not-log-me" not in str(findings(resource("aws:ssm/parameter:Parameter", parameter)))


def test_the_pack_judges_the_program_and_takes_nothing_from_it() -> None:
    imported = {
        ".".join(name.split(".")[: 2 if name.startswith("aurora") else 1])
        for folder in (PROJECT / "policy", PROJECT / "aurora" / "policy")
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    }
    # Of the systems: which exceptions they declare.
    assert imported - sys.stdlib_module_names == {"aurora.policy", "aurora.project", "aurora.system", "pulumi_policy"}
