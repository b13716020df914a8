"""A group's image in its ECR repository, present for exactly one source digest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from aurora import grants
from aurora.image.ensure import ImageRequest
from aurora.naming import Naming
from aurora.providers.image import EnsuredImage


@dataclass(frozen=True)
class GroupImageProps:
    """The image that a group needs, and the names of the ``functions`` that run it.

    ``copied_by`` are other accounts that may copy the image. ``project`` is the checkout to build from.
    """

    request: ImageRequest
    functions: tuple[str, ...]
    copied_by: tuple[str, ...]
    builder: str
    project: Path
    naming: Naming
    tags: dict[str, str]


class GroupImage(pulumi.ComponentResource):
    """A group's ECR repository and the image in it. ``uri`` is ``repository@sha256:...``, what functions run."""

    uri: pulumi.Output[str]

    def __init__(self, name: str, props: GroupImageProps, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurora:image:GroupImage", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        request = props.request
        repository = aws.ecr.Repository(
            name,
            name=request.repository,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="AES256")],
            force_delete=True,
            tags=props.tags,
            opts=child,
        )
        # Lambda would add its statement by itself if the deployer may change the policy, and fail if not.
        self.policy = aws.ecr.RepositoryPolicy(
            name, repository=repository.name, policy=grants.policy(_repository_statements(props)), opts=child
        )
        if props.builder == "pulumi-docker":
            from aurora.components.pulumi_docker import image_uri  # imports pulumi-docker, which few stacks use

            self.uri = image_uri(name, request, repository, props.project, child)
        else:
            image = EnsuredImage(name, {**request.inputs(), "repositoryUrl": repository.repository_url}, child)
            self.uri = pulumi.Output.format("{0}@{1}", repository.repository_url, image.digest)
        self.register_outputs({"uri": self.uri})


def _repository_statements(props: GroupImageProps) -> list[dict[str, Any]]:
    # Lambda pulls for a function, and later for its published versions.
    arns = [arn + suffix for arn in map(props.naming.function_arn, props.functions) for suffix in ("", ":*")]
    statements: list[dict[str, Any]] = [
        {
            "Sid": "LambdaPulls",
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Condition": {"StringLike": {"aws:SourceArn": arns}},
        }
    ]
    if props.copied_by:
        roots = [f"arn:{props.naming.partition}:iam::{account}:root" for account in props.copied_by]
        statements.append(
            {
                "Sid": "OtherEnvironmentsCopy",
                "Effect": "Allow",
                "Principal": {"AWS": roots},
                "Action": ["ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"],
            }
        )
    return statements
