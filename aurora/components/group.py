"""A function group: one image, and the functions that run it. A change of its source alters no other group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi

from aurora.components.function import FunctionProps, ImageFunction
from aurora.components.image import GroupImage, GroupImageProps
from aurora.declaration import Declaration, DeclaredFunction
from aurora.image.ensure import ImageRequest, Place
from aurora.image.source import GroupSource, read_base_image
from aurora.naming import Naming
from aurora.settings import Settings

PLATFORMS = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}


def image_requests(declaration: Declaration) -> dict[str, ImageRequest]:
    """The image of the current source, for each group.

    Raises:
        UnreadableSource: a file of it cannot be read.
    """
    return {group: _image_request(group, functions, declaration) for group, functions in declaration.groups.items()}


def _image_request(group: str, functions: Sequence[DeclaredFunction], declaration: Declaration) -> ImageRequest:
    settings, stack = declaration.settings, declaration.settings.stack
    source = GroupSource.read(declaration.project, group)
    base_image = stack.base_image or read_base_image(declaration.project)
    platform = PLATFORMS[stack.architecture]
    arguments = {
        # The build imports each of them, so that a missing dependency fails there and not at the first call.
        "HANDLERS": " ".join(sorted(function.handler for function in functions)),
        # Builders that support this use it for all timestamps, so that two builds of one source have the same bytes.
        "SOURCE_DATE_EPOCH": "0",
    }
    return ImageRequest(
        group=group,
        repository=declaration.naming.name(group),
        tag=source.digest(base_image, platform, arguments),
        manifest=source.manifest(),
        platform=platform,
        base_image=base_image,
        arguments=arguments,
        copy_from=tuple(
            Place(place.stage, place.service or settings.service, place.account, place.region)
            for place in stack.copy_from
        ),
        may_build=stack.build_images,
    )


@dataclass(frozen=True)
class GroupProps:
    """A group's image and functions, and the checkout that holds their source."""

    image: ImageRequest
    functions: Sequence[DeclaredFunction]
    project: Path
    naming: Naming
    settings: Settings


class FunctionGroup(pulumi.ComponentResource):
    """A group's image and functions. Every resource name begins with the group's, so that the group alone can be
    targeted: ``pulumi up --target '**::slides**'``."""

    functions: Mapping[str, ImageFunction]

    def __init__(self, props: GroupProps, opts: pulumi.ResourceOptions | None = None) -> None:
        group = props.image.group
        super().__init__("aurora:group:FunctionGroup", group, None, opts)
        tags = {**props.settings.tags, "group": group}
        child = pulumi.ResourceOptions(parent=self)
        stack = props.settings.stack
        self.image = GroupImage(
            group,
            GroupImageProps(
                props.image,
                tuple(function.name for function in props.functions),
                stack.copied_by,
                stack.image_builder,
                props.project,
                props.naming,
                tags,
            ),
            child,
        )
        self.functions = {
            function.name: ImageFunction(
                f"{group}-{function.name}",
                FunctionProps(
                    function=function.name,
                    image_uri=self.image.uri,
                    image_policy=self.image.policy,
                    handler=function.handler,
                    environment=function.environment.variables(),
                    grants=function.grants,
                    timeout=function.spec.timeout,
                    memory=function.spec.memory,
                    architecture=stack.architecture,
                    log_retention_days=stack.log_retention_days,
                    naming=props.naming,
                    tags=tags,
                ),
                child,
            )
            for function in props.functions
        }
        self.register_outputs({"image": self.image.uri})
