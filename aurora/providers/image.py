"""The image of one source digest in one repository, as a resource.

Stacks keep this module's path and the name ``EnsuredImageProvider`` in their state: never rename either.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pulumi
from pulumi import dynamic

from aurora.aws_session import StackSession
from aurora.image.ensure import ImageError, ImageRequest, ensure, holds, image_errors, plan


class EnsuredImageProvider(dynamic.ResourceProvider):
    """Makes sure that the image for a source digest is in a repository: see `aurora.image.ensure`.

    Inputs: ``repositoryUrl`` and those of `ImageRequest.inputs`, among them ``repositoryName``, ``tag`` (the source
    digest) and ``manifest`` ({path: short hash}). Output: ``digest``, the image's ``sha256:...``.
    """

    serialize_as_secret_always = False
    _config: dict[str, Any]

    def configure(self, req: dynamic.ConfigureRequest) -> None:
        keys = ("region", "profile", "accessKey", "secretKey", "token", "assumeRoles", "endpoints", "allowedAccountIds")
        self._config = {f"aws:{key}": req.config.get(f"aws:{key}") for key in keys}
        _show_only_the_message()

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Fails in the preview if the stack may not build and the image cannot be copied."""
        failures: list[dynamic.CheckFailure] = []
        if not news["mayBuild"] and _olds.get("tag") != news["tag"]:
            try:
                chosen = plan(ImageRequest.of_inputs(news), self._session())
                if chosen.step == "missing":
                    failures.append(dynamic.CheckFailure("", chosen.reason))
            except ImageError as error:
                failures.append(dynamic.CheckFailure("", str(error)))
        return dynamic.CheckResult(news, failures)

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        return dynamic.CreateResult(f"{props['repositoryName']}:{props['tag']}", self._ensured(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        return dynamic.UpdateResult(self._ensured(_news))

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        watched = ("repositoryUrl", "tag", "manifest")
        return dynamic.DiffResult(
            changes=any(_olds.get(key) != _news.get(key) for key in watched),
            replaces=["repositoryUrl"] if _olds.get("repositoryUrl") != _news.get("repositoryUrl") else [],
        )

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """A deleted image reads as absent, so that ``pulumi up --refresh`` ensures it again."""
        with image_errors():
            there = holds(self._session().client("ecr"), props["repositoryName"], props["tag"])
        return dynamic.ReadResult(id_, props) if there else dynamic.ReadResult("", {})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Does nothing: other versions may still refer to the image, and deleting a repository deletes its images."""

    def _ensured(self, props: dict[str, Any]) -> dict[str, Any]:
        # Pulumi starts providers in the project's folder, and shows what they print.
        request = ImageRequest.of_inputs(props)
        digest = ensure(request, props["repositoryUrl"], self._session(), Path.cwd(), print)
        return {**{key: value for key, value in props.items() if not key.startswith("__")}, "digest": digest}

    def _session(self) -> StackSession:
        with image_errors():  # such as for a profile that does not exist
            return StackSession(self._config)


def _show_only_the_message() -> None:
    """Makes Pulumi show an ImageError as its message, without a traceback.

    Pulumi's host of dynamic providers reports every exception by ``traceback.format_exc()``
    (`pulumi/dynamic/__main__.py`), so this replaces the host's `traceback`. Outside that host it does nothing.
    """
    host = sys.modules["__main__"]
    if hasattr(host, "DynamicResourceProviderServicer"):
        host.traceback = SimpleNamespace(format_exc=_explain)  # pyright: ignore[reportAttributeAccessIssue]


def _explain() -> str:
    error = sys.exc_info()[1]
    return str(error) if isinstance(error, ImageError) else traceback.format_exc()


class EnsuredImage(dynamic.Resource, module="aurora", name="EnsuredImage"):
    """The image of one source digest, in one repository."""

    digest: pulumi.Output[str]

    def __init__(self, name: str, props: dict[str, pulumi.Input[Any]], opts: pulumi.ResourceOptions) -> None:
        super().__init__(EnsuredImageProvider(), name, {**props, "digest": None}, opts)
