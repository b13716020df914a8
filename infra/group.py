"""A function group: one image, and the functions that run it. A change of its source reaches no other group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pulumi

from functions.common.env import Environment
from infra.access import Grant
from infra.function import FunctionProps, ImageFunction
from infra.image import GroupImage, GroupImageProps
from infra.naming import Naming
from infra.settings import Settings
from infra.source import GroupSource

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


@dataclass(frozen=True)
class GroupProps:
    """A group's functions and the checkout that holds their source."""

    group: str
    functions: tuple[FunctionSpec, ...]
    project: Path
    base_image: str
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
        self.image = GroupImage(
            props.group,
            GroupImageProps(
                source=GroupSource.read(props.project, props.group),
                base_image=props.base_image,
                platform=PLATFORMS[props.settings.stack.architecture],
                functions=tuple(spec.name for spec in props.functions),
                naming=props.naming,
                tags=tags,
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
                    architecture=props.settings.stack.architecture,
                    log_retention_days=props.settings.stack.log_retention_days,
                    naming=props.naming,
                    tags=tags,
                ),
                child,
            )
            for spec in props.functions
        }
        self.register_outputs({"image": self.image.uri})
