"""Names, tags and protection from deletion."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from aurora.policy.reading import Resource

# Names within another named resource, which are the same in every environment.
_NAMED_WITHIN = ("aws:lambda/alias:Alias", "aws:apigatewayv2/stage:Stage")

UNTAGGABLE = frozenset(
    {
        "aws:apigatewayv2/authorizer:Authorizer",
        "aws:apigatewayv2/integration:Integration",
        "aws:apigatewayv2/route:Route",
        "aws:cloudfront/originAccessControl:OriginAccessControl",
        "aws:cloudwatch/dashboard:Dashboard",
        "aws:cognito/userPoolClient:UserPoolClient",
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:lambda/alias:Alias",
        "aws:lambda/permission:Permission",
        "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketNotification:BucketNotification",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:scheduler/schedule:Schedule",
        "aws:sns/topicSubscription:TopicSubscription",
    }
)
"""Types that AWS has no tags for. A type that is not among them must carry the tags."""

# Pulumi's protection only stops Pulumi; these settings stop AWS from deleting the resource.
_DELETION_PROTECTION: Mapping[str, tuple[str, Any]] = {
    "aws:dynamodb/table:Table": ("deletionProtectionEnabled", True),
    "aws:cognito/userPool:UserPool": ("deletionProtection", "ACTIVE"),
}


def names(resource: Resource) -> Iterator[str]:
    """``{service}-{stage}-{resource}``, below any path of a service: ``/aws/lambda/tales-dev-visits-api``."""
    if not resource.is_aws or resource.type in _NAMED_WITHIN:
        return
    wanted = f"{resource.service}-{resource.stage}-"
    # SSM groups parameters by path.
    pattern = rf"(/[\w/.-]+/)?{re.escape(wanted)}[\w.-]+|/{resource.service}/{resource.stage}/[\w/.-]+"
    for key in ("name", "bucket", "dashboardName"):
        name = resource.get(key)
        if name is not None and not re.fullmatch(pattern, name):
            yield (
                f"has the name {name!r}, which lacks the service and stage: "
                f"name it {wanted}..., with Naming.name or Naming.global_name of aurora/naming.py"
            )


def tags(resource: Resource) -> Iterator[str]:
    """The tags by which costs and owners are found."""
    if not resource.is_aws or resource.type in UNTAGGABLE:
        return
    wanted = {"service": resource.service, "stage": resource.stage, "managed-by": "pulumi"}
    missing = [f"{key}={value}" for key, value in wanted.items() if resource.get("tags", key) != value]
    if missing:
        yield (
            f"lacks the tags {', '.join(missing)}: give it tags=settings.tags "
            "(or, if AWS cannot tag it, add its type to UNTAGGABLE in aurora/policy/identity.py)"
        )


def protected_in_prod(resource: Resource) -> Iterator[str]:
    """In prod, neither Pulumi nor AWS, if it has a setting for that, can delete anything."""
    if resource.stage != "prod" or resource.type.startswith("pulumi:"):
        return
    if not resource.protected:
        yield (
            'is not protected: declare it below the Platform component, set aurora:protect: "true" in '
            "Pulumi.prod.yaml, and give it no protect=False of its own"
        )
    key, value = _DELETION_PROTECTION.get(resource.type, ("", None))
    if key and resource.get(key) != value:
        yield f"may be deleted in AWS itself: set {key} to {value}"
