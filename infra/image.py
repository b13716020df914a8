"""A group's image in its ECR repository, present for exactly one source digest.

``EnsuredImageProvider`` is found again by this module's path and its class name, which stacks keep in their state:
neither may ever be renamed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi import dynamic

from infra import access
from infra.naming import Naming
from infra.session import StackSession
from infra.source import GroupSource

# Media types of one image; a list of images (an index) is none of them, and Lambda refuses it.
_IMAGE_MANIFESTS = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
]


class ImageMissing(Exception):
    """No image with this source digest is in the repository; the message says how to put it there."""


class EnsuredImageProvider(dynamic.ResourceProvider):
    """Makes sure that the image for a source digest is in a repository.

    Inputs: ``repositoryName``, ``repositoryUrl``, ``tag`` (the source digest), ``manifest`` ({path: short hash}) and
    ``platform``. Output: ``digest``, the image's ``sha256:...``. This version finds an image that is there already;
    it neither copies nor builds one.
    """

    serialize_as_secret_always = False
    _config: dict[str, Any]

    def configure(self, req: dynamic.ConfigureRequest) -> None:
        keys = ("region", "profile", "accessKey", "secretKey", "token", "assumeRoles", "endpoints", "allowedAccountIds")
        self._config = {f"aws:{key}": req.config.get(f"aws:{key}") for key in keys}

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        digest = self._find(props)
        return dynamic.CreateResult(f"{props['repositoryName']}:{props['tag']}", {**_inputs(props), "digest": digest})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        return dynamic.UpdateResult({**_inputs(_news), "digest": self._find(_news)})

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        watched = ("repositoryUrl", "tag", "manifest")
        return dynamic.DiffResult(
            changes=any(_olds.get(key) != _news.get(key) for key in watched),
            replaces=["repositoryUrl"] if _olds.get("repositoryUrl") != _news.get("repositoryUrl") else [],
        )

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """An image that somebody deleted reads as absent, so that ``pulumi up --refresh`` ensures it again."""
        try:
            return dynamic.ReadResult(id_, {**props, "digest": self._find(props)})
        except ImageMissing:
            return dynamic.ReadResult("", {})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Nothing: other versions may still refer to the image, and a destroyed repository takes its images along."""

    def _find(self, props: dict[str, Any]) -> str:
        ecr = StackSession(self._config).client("ecr")
        answer = ecr.batch_get_image(
            repositoryName=props["repositoryName"],
            imageIds=[{"imageTag": props["tag"]}],
            acceptedMediaTypes=_IMAGE_MANIFESTS,
        )
        if not answer["images"]:
            raise ImageMissing(
                f"{props['repositoryUrl']} holds no image tagged {props['tag']}. Build the group's Dockerfile from "
                f"this source for {props['platform']}, tag the image so and push it; then run `pulumi up` again"
            )
        return answer["images"][0]["imageId"]["imageDigest"]


def _inputs(props: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in props.items() if not key.startswith("__")}


class EnsuredImage(dynamic.Resource, module="aurora", name="EnsuredImage"):
    """The image of one source digest, in one repository."""

    digest: pulumi.Output[str]

    def __init__(self, name: str, props: dict[str, pulumi.Input[Any]], opts: pulumi.ResourceOptions) -> None:
        super().__init__(EnsuredImageProvider(), name, {**props, "digest": None}, opts)


@dataclass(frozen=True)
class GroupImageProps:
    """A group's source and where its image goes; ``functions`` are the names of the functions that run it."""

    source: GroupSource
    base_image: str
    platform: str
    functions: tuple[str, ...]
    naming: Naming
    tags: dict[str, str]


class GroupImage(pulumi.ComponentResource):
    """A group's ECR repository and the image in it. ``uri`` is ``repository@sha256:...``, what functions run."""

    uri: pulumi.Output[str]

    def __init__(self, name: str, props: GroupImageProps, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurora:image:GroupImage", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.source_digest = props.source.digest(props.base_image, props.platform, {})
        repository = aws.ecr.Repository(
            name,
            name=props.naming.name(props.source.group),
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="AES256")],
            force_delete=True,
            tags=props.tags,
            opts=child,
        )
        # Lambda would add this statement by itself if the deployer may change the policy, and fail if not.
        self.policy = aws.ecr.RepositoryPolicy(
            name,
            repository=repository.name,
            policy=access.policy(
                [
                    {
                        "Sid": "LambdaPulls",
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                        "Condition": {
                            "StringEquals": {
                                "aws:SourceArn": [props.naming.function_arn(function) for function in props.functions]
                            }
                        },
                    }
                ]
            ),
            opts=child,
        )
        image = EnsuredImage(
            name,
            {
                "repositoryName": repository.name,
                "repositoryUrl": repository.repository_url,
                "tag": self.source_digest,
                "manifest": props.source.manifest(),
                "platform": props.platform,
            },
            child,
        )
        self.digest = image.digest
        self.uri = pulumi.Output.format("{0}@{1}", repository.repository_url, image.digest)
        self.register_outputs({"uri": self.uri})
