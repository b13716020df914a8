"""Deletes what no function of a stack can run any more: old published versions, and images that nothing refers to.

AWS says what is in use; names and ages do not. An image stays as long as any version refers to its digest.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from aurora.console import aligned, counted, result, say
from aurora.errors import COMPLETE, CommandError, InvalidInput
from aurora.stack.aws_errors import said
from aurora.stack.pulumi_stack import ENSURED_IMAGE, PulumiStack

if TYPE_CHECKING:
    from types_boto3_ecr import ECRClient
    from types_boto3_lambda import LambdaClient

_FUNCTION: Final = "aws:lambda/function:Function"
_LATEST: Final = "$LATEST"
_IMAGES_PER_CALL: Final = 100  # the limit of BatchDeleteImage


@dataclass(frozen=True)
class Version:
    """One published version of a function."""

    function: str
    number: int


@dataclass(frozen=True)
class StoredImage:
    """One image in a repository; ``size`` is in bytes, compressed."""

    repository: str
    digest: str
    tags: tuple[str, ...]
    pushed: datetime
    size: int


@dataclass(frozen=True)
class Surplus:
    """What can be deleted, and the number of images to keep."""

    versions: tuple[Version, ...]
    images: tuple[StoredImage, ...]
    images_kept: int

    def __bool__(self) -> bool:
        return bool(self.versions or self.images)


def prune(stack: str, keep: int, yes: bool) -> int:
    """Lists what can be deleted from ``stack``, asks, and deletes it; keeps the newest ``keep`` versions and images.

    Returns the exit code.

    Raises:
        InvalidInput: ``yes`` is False and there is no terminal to ask on.
        CommandError: AWS refuses a request, or did not delete something.
    """
    deployed = PulumiStack(stack)
    with deployed.readable_errors():
        pruning = Pruning(deployed, keep)
        surplus = pruning.surplus()
    if not surplus:
        say(f"Nothing to delete in {stack}: its {surplus.images_kept} images are in use or among the newest.")
        return COMPLETE
    for line in described(surplus, datetime.now(UTC)):
        result(line)
    question = (
        f"Delete {counted(len(surplus.images), 'image')} ({_size(sum(image.size for image in surplus.images))}) and "
        f"{counted(len(surplus.versions), 'function version')} of {stack}, and keep "
        f"{counted(surplus.images_kept, 'image')}?"
    )
    if not yes and not _agreed(question):
        say("Nothing was deleted.")
        return COMPLETE
    with deployed.readable_errors():
        images = pruning.delete(surplus)
    say(
        f"Deleted {counted(len(images), 'image')} ({_size(sum(image.size for image in images))}) and "
        f"{counted(len(surplus.versions), 'function version')} of {stack}."
    )
    return COMPLETE


class Pruning:
    """Finds and deletes old versions and images of a stack."""

    def __init__(self, stack: PulumiStack, keep: int) -> None:
        self._stack = stack
        self._keep = keep
        self._lambda: LambdaClient = stack.client("lambda")
        self._ecr: ECRClient = stack.client("ecr")

    def surplus(self) -> Surplus:
        """What can be deleted now."""
        old = [version for function in self._functions() for version in self._old_versions(function)]
        images, kept = self._unused(self._digests_in_use(set(old)))
        return Surplus(tuple(old), tuple(images), kept)

    def delete(self, surplus: Surplus) -> list[StoredImage]:
        """Deletes the versions, then those of the images that are still unused; returns these images.

        Raises:
            CommandError: AWS did not delete some of them; the message says which and why.
        """
        refused: list[str] = []
        for version in surplus.versions:
            try:
                # Without the qualifier, the whole function would be deleted.
                self._lambda.delete_function(FunctionName=version.function, Qualifier=str(version.number))
            except self._lambda.exceptions.ResourceNotFoundException:
                continue
            except self._lambda.exceptions.ResourceConflictException as error:
                refused.append(f"{version.function}:{version.number} ({said(error)})")
        # Somebody may have deployed during the question, and a version that was not deleted needs its image.
        unused, _ = self._unused(self._digests_in_use(set()))
        images = [image for image in unused if image in surplus.images]
        for repository in dict.fromkeys(image.repository for image in images):
            digests = [image.digest for image in images if image.repository == repository]
            for start in range(0, len(digests), _IMAGES_PER_CALL):
                answer = self._ecr.batch_delete_image(
                    repositoryName=repository,
                    imageIds=[{"imageDigest": digest} for digest in digests[start : start + _IMAGES_PER_CALL]],
                )
                refused += [
                    f"{repository}@{failure.get('imageId', {}).get('imageDigest')} ({failure.get('failureReason')})"
                    for failure in answer.get("failures", [])
                    if failure.get("failureCode") != "ImageNotFound"
                ]
        if refused:
            raise CommandError("AWS did not delete: " + "; ".join(refused) + ". Run the same command to try again.")
        return images

    def _functions(self) -> list[str]:
        """Every function that may run an image of this stack: those of this checkout, and the deployed ones."""
        stack = self._stack
        names = {stack.naming.name(name) for name in stack.declaration.functions}
        names |= {str(resource["id"]) for resource in stack.resources(_FUNCTION)}
        return sorted(names)

    def _old_versions(self, function: str) -> list[Version]:
        """The versions that no alias refers to, except the newest."""
        numbers = sorted(int(number) for number in self._versions(function) if number != _LATEST)
        if len(numbers) <= self._keep:
            return []
        aliased = self._aliased(function)
        return [Version(function, number) for number in numbers[: -self._keep] if number not in aliased]

    def _versions(self, function: str) -> list[str]:
        pages = self._lambda.get_paginator("list_versions_by_function").paginate(FunctionName=function)
        try:
            return [version.get("Version", _LATEST) for page in pages for version in page["Versions"]]
        except self._lambda.exceptions.ResourceNotFoundException:
            return []

    def _aliased(self, function: str) -> set[int]:
        numbers: set[str] = set()
        for page in self._lambda.get_paginator("list_aliases").paginate(FunctionName=function):
            for alias in page["Aliases"]:
                numbers.add(alias.get("FunctionVersion", ""))
                numbers |= alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {}).keys()
        return {int(number) for number in numbers if number.isdigit()}

    def _digests_in_use(self, without: set[Version]) -> set[str]:
        """The digests of all versions, except those in ``without``."""
        return {
            self._digest(function, number)
            for function in self._functions()
            for number in self._versions(function)
            if number == _LATEST or Version(function, int(number)) not in without
        }

    def _digest(self, function: str, number: str) -> str:
        found = self._lambda.get_function(FunctionName=function, Qualifier=number)["Code"]
        uri = found.get("ResolvedImageUri") or found.get("ImageUri", "")
        _, at, digest = uri.partition("@")
        if not at:
            raise CommandError(f"AWS does not report which image {function}:{number} runs. Nothing more is deleted.")
        return digest

    def _unused(self, in_use: set[str]) -> tuple[list[StoredImage], int]:
        """The images that can be deleted, given the digests in use, and how many are kept."""
        unused: list[StoredImage] = []
        kept = 0
        recorded = {
            tag_or_digest
            for resource in self._stack.resources(ENSURED_IMAGE)
            for tag_or_digest in (resource["inputs"]["tag"], resource["outputs"]["digest"])
        }
        for request in self._stack.image_requests.values():
            wanted = in_use | recorded | {request.tag}
            images = self._images(request.repository)
            # Images that were pushed in the same second count as equally old.
            since = min(sorted((image.pushed for image in images), reverse=True)[: self._keep], default=None)
            surplus = [
                image
                for image in images
                if since and image.pushed < since and wanted.isdisjoint({image.digest, *image.tags})
            ]
            unused += surplus
            kept += len(images) - len(surplus)
        return unused, kept

    def _images(self, repository: str) -> list[StoredImage]:
        pages = self._ecr.get_paginator("describe_images").paginate(repositoryName=repository)
        try:
            return [stored(repository, image) for page in pages for image in page["imageDetails"]]
        except self._ecr.exceptions.RepositoryNotFoundException:
            return []


def described(surplus: Surplus, now: datetime) -> list[str]:
    """What can be deleted, as an aligned table."""
    rows = [
        (
            f"{image.repository}@{image.digest[:19]}",
            _age(now - image.pushed),
            _size(image.size),
            ", ".join(tag[:12] for tag in image.tags) or "no tag",
        )
        for image in surplus.images
    ]
    lines = aligned([("IMAGE", "PUSHED", "SIZE", "SOURCE"), *rows]) if rows else []
    of_function: dict[str, list[int]] = {}
    for version in surplus.versions:
        of_function.setdefault(version.function, []).append(version.number)
    if of_function:
        versions = [(function, ", ".join(map(str, numbers))) for function, numbers in of_function.items()]
        lines += aligned([("FUNCTION", "VERSIONS"), *versions])
    return lines


def stored(repository: str, image: Mapping[str, Any]) -> StoredImage:
    """An image as DescribeImages describes it."""
    return StoredImage(
        repository,
        image["imageDigest"],
        tuple(image.get("imageTags", ())),
        image["imagePushedAt"],
        image.get("imageSizeInBytes", 0),
    )


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise InvalidInput("Nothing was deleted: there is no terminal to ask on. Use --yes to delete what is listed.")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _age(age: Any) -> str:
    hours = int(age.total_seconds() // 3600)
    return counted(hours // 24, "day") + " ago" if hours >= 24 else counted(hours, "hour") + " ago"
