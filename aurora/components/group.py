"""A function group: one image, and the functions that run it. A change of its source reaches no other group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pulumi

from aurora.components.function import FunctionProps, ImageFunction
from aurora.components.image import GroupImage, GroupImageProps
from aurora.grants import Grant
from aurora.image.ensure import ImageRequest, Place
from aurora.image.source import GroupSource, read_base_image
from aurora.naming import Naming
from aurora.runtime.env import Environment
from aurora.settings import Settings

PLATFORMS = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}


@dataclass(frozen=True)
class FunctionSpec:
    """One function of the catalogue. ``timeout`` is in seconds, ``memory`` in MiB.

    ``alarm`` is False where raising is a matter of course, as it is for a function that hands throttling on.
    """

    name: str
    environment: Environment
    grants: tuple[Grant, ...]
    timeout: int = 30
    memory: int = 512
    alarm: bool = True

    def handler(self, group: str) -> str:
        """The import path, the same in the image, in a test and locally."""
        return f"functions.{group}.{self.name.replace('-', '_')}.handler"


def image_request(
    group: str, functions: tuple[FunctionSpec, ...], settings: Settings, naming: Naming, project: Path
) -> ImageRequest:
    """The image that a group's functions need, of the source that ``project`` holds now.

    Raises:
        UnreadableSource: a file of it cannot be read.
    """
    stack = settings.stack
    source = GroupSource.read(project, group)
    base_image = stack.base_image or read_base_image(project)
    platform = PLATFORMS[stack.architecture]
    arguments = {
        # The build imports each of them, so that a missing dependency fails there and not at the first call.
        "HANDLERS": " ".join(sorted(spec.handler(group) for spec in functions)),
        # Builders that know this write it for every time, so that two builds of one source are the same bytes.
        "SOURCE_DATE_EPOCH": "0",
    }
    return ImageRequest(
        group=group,
        repository=naming.name(group),
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
    """A group's functions and the checkout that holds their source."""

    group: str
    functions: tuple[FunctionSpec, ...]
    project: Path
    naming: Naming
    settings: Settings


class FunctionGroup(pulumi.ComponentResource):
    """A group's image and functions. Every resource name begins with the group's, so that the group alone can be
    targeted: ``pulumi up --target '**::slides**'``."""

    functions: Mapping[str, ImageFunction]

    def __init__(self, props: GroupProps, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurora:group:FunctionGroup", props.group, None, opts)
        tags = {**props.settings.tags, "group": props.group}
        child = pulumi.ResourceOptions(parent=self)
        stack = props.settings.stack
        self.image = GroupImage(
            props.group,
            GroupImageProps(
                image_request(props.group, props.functions, props.settings, props.naming, props.project),
                tuple(spec.name for spec in props.functions),
                stack.copied_by,
                stack.image_builder,
                props.project,
                props.naming,
                tags,
            ),
            child,
        )
        self.functions = {
            spec.name: ImageFunction(
                f"{props.group}-{spec.name}",
                FunctionProps(
                    function=spec.name,
                    image_uri=self.image.uri,
                    image_policy=self.image.policy,
                    handler=spec.handler(props.group),
                    environment=spec.environment.variables(),
                    grants=spec.grants,
                    timeout=spec.timeout,
                    memory=spec.memory,
                    architecture=stack.architecture,
                    log_retention_days=stack.log_retention_days,
                    naming=props.naming,
                    tags=tags,
                ),
                child,
            )
            for spec in props.functions
        }
        self.register_outputs({"image": self.image.uri})
