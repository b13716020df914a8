"""Access: permissions of roles, public access, and TLS."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from aurora.policy.reading import Resource, at, listed

ROLE_POLICIES = ("aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy")
"""What a role may do."""
RESOURCE_POLICIES = (
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy",
    "aws:sqs/queue:Queue",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:sns/topicPolicy:TopicPolicy",
)
"""Who may use a resource."""

ANY_RESOURCE: Mapping[str, str] = dict.fromkeys(
    (
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
    ),
    "log delivery of Step Functions supports no narrower resource "
    "(https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html)",
)
"""The actions that the engine's own roles may use on every resource, each with the reason."""

PARTS_OF_ONE: Mapping[str, str] = {
    r"arn:[\w-]+:s3:::[^*?/]+/[^*?]+/\*": "the objects of one bucket below one prefix",
    r"arn:[\w-]+:logs:[\w-]+:\d+:log-group:[^*?:]+:\*": "the streams of one log group",
    r"arn:[\w-]+:states:[\w-]+:\d+:execution:[^*?:]+:\*": "the executions of one state machine",
}
"""The forms of ARN that may hold a wildcard, for all parts of one named resource; each with what they are."""


def statements(document: str | Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The statements of a policy document, which may be JSON text."""
    found: Mapping[str, Any] = json.loads(document) if isinstance(document, str) else document
    return list(listed(found.get("Statement")))


def no_wildcards(resource: Resource, *, any_resource: Mapping[str, str], arn_forms: Mapping[str, str]) -> Iterator[str]:
    """Roles name actions and resources; AWS's managed policies hold wildcards, and AWS changes them.

    ``any_resource`` and ``arn_forms`` are the exceptions, in the form of `ANY_RESOURCE` and `PARTS_OF_ONE`.
    """
    if resource.type == "aws:iam/rolePolicyAttachment:RolePolicyAttachment":
        policy = resource.get("policyArn")
        if ":iam::aws:policy/" in policy:
            yield f"attaches {policy}, which AWS may extend at any time: declare the grants that are needed"
    elif resource.type in ROLE_POLICIES:
        for statement in statements(resource.get("policy")):
            yield from _too_wide(statement, any_resource, arn_forms)
    elif resource.type == "aws:iam/role:Role" and (resource.has("inlinePolicies") or resource.has("managedPolicyArns")):
        yield "has inline policies, which this pack does not check: declare a RolePolicy"


def _too_wide(
    statement: Mapping[str, Any], any_resource: Mapping[str, str], arn_forms: Mapping[str, str]
) -> Iterator[str]:
    if statement.get("Effect") != "Allow":
        return
    actions: list[str] = list(listed(statement.get("Action")))
    for exclusion in ("NotAction", "NotResource"):
        if exclusion in statement:
            yield f"allows everything except a list ({exclusion}): name what is allowed"
    for action in actions:
        if "*" in action or "?" in action:
            yield f"allows {action}: name each action, as the grants of aurora/grants.py do"
    for arn in listed(statement.get("Resource")):
        if arn == "*":
            unlisted = [action for action in actions if action not in any_resource]
            if unlisted:
                yield (
                    f"allows {', '.join(unlisted)} on every resource: name the resource "
                    "(or, if the service demands it, add the action with the reason to any_resource of the system)"
                )
        elif ("*" in arn or "?" in arn) and not any(re.fullmatch(form, arn) for form in arn_forms):
            yield f"reaches {arn}, which may match resources of another environment: name the whole resource"


def no_public_access(resource: Resource) -> Iterator[str]:
    """Nothing is open to callers without AWS credentials."""
    match resource.type:
        case "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":
            switches = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
            off = [switch for switch in switches if resource.get(switch) is not True]
            if off:
                yield f"leaves a way to make the bucket public: set {', '.join(off)} to true"
        case "aws:s3/bucketOwnershipControls:BucketOwnershipControls":
            if resource.get("rule", "objectOwnership") != "BucketOwnerEnforced":
                yield "lets access control lists decide: set object_ownership to BucketOwnerEnforced"
        case "aws:lambda/functionUrl:FunctionUrl" if resource.get("authorizationType") != "AWS_IAM":
            yield "lets anybody call the function: remove the URL, or set authorization_type to AWS_IAM"
        case "aws:lambda/permission:Permission" if resource.get("principal") == "*":
            yield "lets anybody call the function: name the service or the account as principal"
        case _ if resource.type in RESOURCE_POLICIES and resource.has("policy"):
            for statement in statements(resource.get("policy")):
                yield from _public(statement)
        case _:
            pass


def _public(statement: Mapping[str, Any]) -> Iterator[str]:
    if statement.get("Effect") != "Allow":
        return
    principal: Any = statement.get("Principal")
    kinds: list[Any] = [*principal.values()] if isinstance(principal, Mapping) else [principal]  # pyright: ignore[reportUnknownMemberType]
    who = [member for members in kinds for member in listed(members)]
    if "*" in who or "NotPrincipal" in statement:
        yield "allows everybody: name the service or the account as principal"
    for action in listed(statement.get("Action")):
        if "*" in action:
            yield f"allows {action}: name each action"


def tls_only(resource: Resource) -> Iterator[str]:
    """Buckets and queues refuse requests without TLS; the CDN redirects browsers to https."""
    if resource.type == "aws:s3/bucketPolicy:BucketPolicy":
        if not any(_refuses_plain_http(each, "s3:*") for each in statements(resource.get("policy"))):
            yield (
                "does not refuse requests without TLS: set it with PrivateBucket.apply_policy of "
                "aurora/components/storage.py"
            )
    elif resource.type == "aws:sqs/queue:Queue":
        policy = statements(resource.get("policy")) if resource.has("policy") else []
        if not any(_refuses_plain_http(each, "sqs:*") for each in policy):
            yield "does not refuse requests without TLS: set its policy as Queue of aurora/components/queue.py does"
    elif resource.type == "aws:cloudfront/distribution:Distribution":
        behaviours = [resource.get("defaultCacheBehavior"), *resource.items("orderedCacheBehaviors")]
        accepted = {at(behaviour, "viewerProtocolPolicy") for behaviour in behaviours}
        if not accepted <= {"redirect-to-https", "https-only"}:
            yield "serves pages without TLS: set viewer_protocol_policy to redirect-to-https"
        # CloudFront accepts a minimum version only with a custom certificate.
        own = not resource.get("viewerCertificate", "cloudfrontDefaultCertificate")
        minimum = str(resource.get("viewerCertificate", "minimumProtocolVersion"))
        if own and not minimum.startswith(("TLSv1.2", "TLSv1.3")):
            yield "accepts old TLS: set minimum_protocol_version to TLSv1.2_2021 or later"


def _refuses_plain_http(statement: Mapping[str, Any], everything: str) -> bool:
    """Whether a statement denies ``everything``, all actions of a service, without TLS."""
    resources = list(listed(statement.get("Resource")))
    # A bucket is one resource, and its objects are others.
    whole = everything != "s3:*" or any(arn.endswith("/*") for arn in resources)
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"})
        and list(listed(statement.get("Action"))) in ([everything], ["*"])
        and at(statement, "Condition", "Bool", "aws:SecureTransport") == "false"
        and whole
        and any(not arn.endswith("/*") for arn in resources)
    )
