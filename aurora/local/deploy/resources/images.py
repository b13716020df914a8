"""Image repositories and images."""

# ruff: noqa: ARG001 - every function of the table takes the same arguments

from __future__ import annotations

import json

from aurora.local.aws import LocalAws
from aurora.local.deploy.resources.shapes import Created, Inputs


def repository(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    repository_name = inputs.get("name", name)
    aws.client("ecr").create_repository(
        repositoryName=repository_name, imageTagMutability=inputs.get("imageTagMutability", "MUTABLE")
    )
    return repository_name, {
        "name": repository_name,
        "arn": aws.arn("ecr", f"repository/{repository_name}"),
        "registryId": aws.account_id,
        # The emulator's registry answers on its own port.
        "repositoryUrl": f"{aws.endpoint.partition('://')[2]}/{repository_name}",
        "tagsAll": inputs.get("tags", {}),
    }


def repository_policy(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    policy = inputs["policy"]
    aws.client("ecr").set_repository_policy(
        repositoryName=inputs["repository"], policyText=policy if isinstance(policy, str) else json.dumps(policy)
    )
    return inputs["repository"], {"registryId": aws.account_id}


def lifecycle_policy(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    policy = inputs["policy"]
    aws.client("ecr").put_lifecycle_policy(
        repositoryName=inputs["repository"],
        lifecyclePolicyText=policy if isinstance(policy, str) else json.dumps(policy),
    )
    return inputs["repository"], {"registryId": aws.account_id}


def ensured_image(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    """Makes the image if functions run as containers; if they run as processes, the source digest stands in for it."""
    digest = f"sha256:{inputs['tag']}"
    if aws.images is not None:
        from aurora.image.ensure import ImageRequest

        digest = aws.images.ensure(ImageRequest.of_inputs(inputs), inputs["repositoryUrl"])
    return f"{name}:{inputs['tag']}", {"digest": digest}


TABLE = {
    "aws:ecr/repository:Repository": repository,
    "aws:ecr/repositoryPolicy:RepositoryPolicy": repository_policy,
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": lifecycle_policy,
    "EnsuredImage": ensured_image,
}
