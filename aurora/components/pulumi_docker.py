"""A group's image built by pulumi-docker, for teams that want it. It needs a Docker daemon even for previews.

`docker.Image` builds and pushes the staged context; it neither copies images nor checks which exist.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pulumi_docker as docker

from aurora.image.ensure import ImageRequest
from aurora.image.source import GroupSource


def image_uri(
    name: str,
    request: ImageRequest,
    repository: aws.ecr.Repository,
    project: Path,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """Declares the image and returns ``repository@sha256:...``; its context is kept in ``.aurora/contexts``."""
    # A path within the project: the provider keeps it in the stack's state.
    context = Path(".aurora", "contexts", request.repository)
    shutil.rmtree(project / context, ignore_errors=True)
    (project / context).mkdir(parents=True)
    GroupSource.read(project, request.group).stage(project / context)
    token = aws.ecr.get_authorization_token_output(
        registry_id=repository.registry_id, opts=pulumi.InvokeOutputOptions(parent=opts.parent)
    )
    image = docker.Image(
        name,
        image_name=pulumi.Output.format("{0}:{1}", repository.repository_url, request.tag),
        build=docker.DockerBuildArgs(
            context=str(context),
            dockerfile=str(context / "Dockerfile"),
            platform=request.platform,
            args={"BASE_IMAGE": request.base_image, **request.arguments},
            builder_version=docker.BuilderVersion.BUILDER_BUILD_KIT,
        ),
        registry=docker.RegistryArgs(
            server=repository.repository_url,
            username=token.user_name,
            password=pulumi.Output.secret(token.password),  # else the stack's state would hold it in plain text
        ),
        opts=opts,
    )
    return image.repo_digest
