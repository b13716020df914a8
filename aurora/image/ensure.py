"""Puts the image of one source digest into its repository: it is present, it is copied, or it is built.

`plan` says which of these applies and changes nothing; `ensure` does it. The dynamic resource, local containers and
`why` use them.
"""

from __future__ import annotations

import base64
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from aurora.aws_session import StackSession, WrongAccount
from aurora.image import docker
from aurora.image.registry import Image, Registry, RegistryError
from aurora.image.source import GroupSource, UnreadableSource
from aurora.naming import name_in

_ABSENT = ("ImageNotFoundException", "RepositoryNotFoundException")


class ImageError(Exception):
    """The image cannot be found or put into its repository; the message says why and what to do."""


@dataclass(frozen=True)
class Place:
    """Another environment whose images may be copied.

    An empty ``account`` or ``region`` is the stack's own.
    """

    stage: str
    service: str
    account: str = ""
    region: str = ""

    def repository(self, group: str) -> str:
        return name_in(self.service, self.stage, group)

    def describe(self, group: str) -> str:
        """The repository's name for messages."""
        where = [part for part in (self.account, self.region) if part]
        return self.repository(group) + (f" ({', '.join(where)})" if where else "")


@dataclass(frozen=True)
class ImageRequest:
    """Which image a group needs, and where it may come from.

    ``tag`` is the source digest of ``manifest``'s files with ``base_image``, ``platform`` and the build
    ``arguments``. The places in ``copy_from`` are tried in order; without ``may_build`` nothing is built.
    """

    group: str
    repository: str
    tag: str
    manifest: Mapping[str, str]
    platform: str
    base_image: str
    arguments: Mapping[str, str]
    copy_from: tuple[Place, ...]
    may_build: bool

    @staticmethod
    def of_inputs(inputs: Mapping[str, Any]) -> ImageRequest:
        """The request that `inputs` was made of."""
        return ImageRequest(
            group=inputs["group"],
            repository=inputs["repositoryName"],
            tag=inputs["tag"],
            manifest=inputs["manifest"],
            platform=inputs["platform"],
            base_image=inputs["baseImage"],
            arguments=inputs["arguments"],
            copy_from=tuple(Place(**place) for place in inputs["copyFrom"]),
            may_build=inputs["mayBuild"],
        )

    def inputs(self) -> dict[str, Any]:
        """The request as inputs of a Pulumi resource."""
        return {
            "group": self.group,
            "repositoryName": self.repository,
            "tag": self.tag,
            "manifest": dict(self.manifest),
            "platform": self.platform,
            "baseImage": self.base_image,
            "arguments": dict(self.arguments),
            "copyFrom": [vars(place) for place in self.copy_from],
            "mayBuild": self.may_build,
        }


@dataclass(frozen=True)
class Plan:
    """How the image gets into its repository, and why: a clause such as ``tales-dev-greetings holds no image ...``."""

    step: Literal["present", "copy", "build", "missing"]
    reason: str
    source: Place | None = None


def plan(request: ImageRequest, session: StackSession) -> Plan:
    """Finds out how the image gets into its repository; changes nothing. A missing repository holds no image.

    Raises:
        ImageError: AWS refuses a request or cannot be reached.
    """
    with image_errors():
        if holds(session.client("ecr"), request.repository, request.tag):
            return Plan("present", f"{request.repository} holds the image of this source")
        looked = [f"{request.repository} holds no image of source {request.tag[:12]}"]
        for place in request.copy_from:
            described = place.describe(request.group)
            try:
                ecr = session.client("ecr", place.region)
                if holds(ecr, place.repository(request.group), request.tag, place.account):
                    return Plan("copy", f"{looked[0]}, {described} does", place)
                looked.append(f"nor does {described}")
            except ClientError as error:
                # Without access to another environment, this one can still build.
                looked.append(f"{described} cannot be read ({_code(error)})")
        if request.may_build:
            return Plan("build", ", ".join(looked))
        stages = " or ".join(place.stage for place in request.copy_from)
        return Plan(
            "missing",
            f"{', '.join(looked)}, and this stack does not build (aurora:buildImages is false): "
            f"deploy the same source to {stages or 'a stack that aurora:copyFrom names'} first",
        )


def ensure(request: ImageRequest, url: str, session: StackSession, project: Path, report: Callable[[str], None]) -> str:
    """Puts the image into its repository at ``url`` and returns its digest, ``sha256:...``.

    ``project`` is the checkout to build from; ``report`` gets one line: what was done, why, and how long it took.

    Raises:
        ImageError: it failed; no tag refers to an incomplete image.
    """
    phases = _Phases()
    chosen = plan(request, session)
    phases.end("look")
    if chosen.step == "missing":
        raise ImageError(f"{request.group}: {chosen.reason}")
    done = "present"
    with image_errors():
        login = _Login(session.client("ecr"))
        with Registry(url.partition("/")[0], login.token, session.certificates) as registry:
            if chosen.source is not None:
                done = _copy(request, chosen.source, registry, session)
                phases.end("copy")
            elif chosen.step == "build":
                done = "built and pushed"
                try:
                    _build(request, url, project, session, phases)
                except docker.DockerError as error:
                    raise ImageError(f"{request.group} must be built, because {chosen.reason}. {error}") from error
            image = _image(registry, request.repository, request)
    report(f"{request.group}: {done}, because {chosen.reason} ({phases})")
    return image.digest


class _Login:
    """A login at ECR, valid for twelve hours: the registry's host, and ``token``, user and password in base64."""

    def __init__(self, ecr: Any) -> None:
        (granted,) = ecr.get_authorization_token()["authorizationData"]
        self.token: str = granted["authorizationToken"]
        self.host = urlsplit(str(granted["proxyEndpoint"])).netloc
        self.user, _, self.password = base64.b64decode(self.token).decode().partition(":")


def _copy(request: ImageRequest, place: Place, registry: Registry, session: StackSession) -> str:
    repository = place.repository(request.group)
    login = _Login(session.client("ecr", place.region))
    with Registry(_host(login, place, session), login.token, session.certificates) as source:
        image = _image(source, repository, request)
        with _unless_done_meanwhile(request, session):
            copied = registry.copy(image, source, repository, request.repository, request.tag)
            return f"copied ({copied.blobs} blobs, {copied.bytes / 1e6:.1f} MB)"
    return "somebody else copied it meanwhile"


def _image(registry: Registry, repository: str, request: ImageRequest) -> Image:
    """The image with the source digest as tag; raises ImageError if the functions cannot run it."""
    image = registry.image(repository, request.tag)
    if image is None:
        raise ImageError(f"the image {request.tag} in {repository} was deleted meanwhile: run the same command again")
    if image.platform != request.platform:
        raise ImageError(
            f"{registry.host}/{repository} holds an image for {image.platform} under {request.tag}, but this stack "
            f"needs {request.platform}: somebody pushed it by hand; delete that tag, then run the same command again"
        )
    return image


def _build(request: ImageRequest, url: str, project: Path, session: StackSession, phases: _Phases) -> None:
    source = GroupSource.read(project, request.group)
    if source.digest(request.base_image, request.platform, request.arguments) != request.tag:
        raise ImageError(
            f"{request.group}: the source in {project} changed since it was read: run the same command again"
        )
    phases.end("digest")
    reference = f"{url}:{request.tag}"
    with tempfile.TemporaryDirectory(prefix="aurora-context-") as folder:
        source.stage(Path(folder))
        docker.build(
            docker.Build(
                context=Path(folder),
                reference=reference,
                platform=request.platform,
                arguments={"BASE_IMAGE": request.base_image, **request.arguments},
            )
        )
    phases.end("build")
    login = _Login(session.client("ecr"))  # only now: an earlier login may expire during a build
    with _unless_done_meanwhile(request, session):
        docker.push(reference, login.user, login.password)
    phases.end("push")


@contextmanager
def _unless_done_meanwhile(request: ImageRequest, session: StackSession) -> Generator[None]:
    """Ignores the failure of a copy or push if the tag exists by now: tags never move, so it is the same source."""
    try:
        yield
    except (docker.DockerError, RegistryError):
        if not holds(session.client("ecr"), request.repository, request.tag):
            raise


def holds(ecr: Any, repository: str, tag: str, account: str = "") -> bool:
    """Whether ECR has an image with that tag; raises ClientError if ECR refuses the request."""
    registry = {"registryId": account} if account else {}
    try:
        found = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}], **registry)
    except ClientError as error:
        if _code(error) in _ABSENT:
            return False
        raise
    return bool(found["imageDetails"])  # an emulator returns an empty list instead of raising


def _host(login: _Login, place: Place, session: StackSession) -> str:
    """The host of a place's registry: ECR's, or that of the emulator in the stack config."""
    emulated = session.endpoint("ecr")
    if emulated:
        return urlsplit(emulated).netloc
    own, _, rest = login.host.partition(".")
    return f"{place.account or own}.{rest}"


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


@contextmanager
def image_errors() -> Generator[None]:
    """Turns errors of AWS, a registry, Docker and the source into ImageError."""
    try:
        yield
    except (docker.DockerError, RegistryError, UnreadableSource, WrongAccount) as error:
        raise ImageError(str(error)) from error
    except (BotoCoreError, ClientError) as error:
        raise ImageError(f"AWS cannot be asked about the image: {error}") from error


class _Phases:
    """How long each phase took, as ``build 31.0 s, push 2.1 s``."""

    def __init__(self) -> None:
        self._spans: list[str] = []
        self._since = time.monotonic()

    def end(self, phase: str) -> None:
        now = time.monotonic()
        self._spans.append(f"{phase} {now - self._since:.1f} s")
        self._since = now

    def __str__(self) -> str:
        return ", ".join(self._spans)
