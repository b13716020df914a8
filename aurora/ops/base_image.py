"""Which base the images have: the newest dated tag of its Python's minor version, pinned to what it is now.

Asks the registry that the reference names, as nobody in particular. Source of the rules:
https://github.com/opencontainers/distribution-spec/blob/main/spec.md and, for tokens,
https://distribution.github.io/distribution/spec/auth/token/.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urljoin

import httpx

from aurora.console import result, say
from aurora.errors import COMPLETE, CommandError
from aurora.files import write_atomically
from aurora.image.registry import on_loopback
from aurora.image.source import UnreadableSource, read_base_image
from aurora.project import ROOT

_SECONDS: Final = 30
# A base may be one image or, for several platforms, a list of images: a build takes its own of these.
_MANIFESTS: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_REFERENCE: Final = re.compile(
    r"(?P<host>[^/\s]+)/(?P<repository>[^:@\s]+):(?P<minor>\d+\.\d+)(?P<date>(?:\.\d+)*)(?:@sha256:[0-9a-f]{64})?"
)


@dataclass(frozen=True)
class Base:
    """A base image's reference, as far as an update needs to take it apart."""

    host: str
    repository: str
    minor: str
    tag: str

    @classmethod
    def of(cls, reference: str) -> Self:
        """Takes ``host/repository:3.13.2026.06.05.14`` apart; a digest behind it is dropped.

        Raises:
            CommandError: the tag does not begin with a version of Python.
        """
        found = _REFERENCE.fullmatch(reference)
        if not found:
            raise CommandError(
                f"images/base-image names {reference}, whose tag does not begin with a version of Python as in "
                "public.ecr.aws/lambda/python:3.13: write the one you want there yourself."
            )
        return cls(found["host"], found["repository"], found["minor"], found["minor"] + found["date"])

    def newest(self, tags: list[str]) -> str | None:
        """The newest dated tag of the same minor version: AWS dates its images ``3.13.2026.06.05.14``."""
        dated = re.compile(rf"{re.escape(self.minor)}\.(\d{{4}})\.(\d\d)\.(\d\d)\.(\d\d)")
        return max((tag for tag in tags if dated.fullmatch(tag)), default=None)


def update() -> int:
    """Writes the newest base image of the same Python into ``images/base-image``. Returns the exit code.

    Raises:
        CommandError: the file cannot be read, or the registry does not answer or has no such image.
    """
    path = ROOT / "images" / "base-image"
    try:
        before = read_base_image(ROOT)
    except UnreadableSource as error:
        raise CommandError(f"{error}.") from error
    base = Base.of(before)
    with _Registry(base) as registry:
        tag = base.newest(registry.tags())
        if tag is None:
            raise CommandError(f"{base.host}/{base.repository} has no dated tag of Python {base.minor}.")
        after = f"{base.host}/{base.repository}:{tag}@{registry.digest(tag)}"
    if after == before:
        say(f"images/base-image names the newest image of Python {base.minor} already.")
        return COMPLETE
    write_atomically(path, f"{after}\n".encode())
    result(after)
    say("It is in images/base-image now, which changes every group's image: `pulumi up` builds them anew.")
    return COMPLETE


class _Registry:
    """A repository that anybody may read."""

    def __init__(self, base: Base) -> None:
        self._base = base
        local = on_loopback(base.host)
        self._origin = f"{'http' if local else 'https'}://{base.host}"
        self._http = httpx.Client(timeout=_SECONDS, trust_env=not local, follow_redirects=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.close()

    def tags(self) -> list[str]:
        """All tags of the repository."""
        found: list[str] = []
        url = f"{self._origin}/v2/{self._base.repository}/tags/list?n=1000"
        while url:
            answer = self._get(url)
            found += _json(answer).get("tags") or []
            # Pages follow each other by path, or by a whole URL.
            url = urljoin(url, answer.links["next"]["url"]) if "next" in answer.links else ""
        return found

    def digest(self, tag: str) -> str:
        """The digest of the very bytes that are under a tag now."""
        url = f"{self._origin}/v2/{self._base.repository}/manifests/{tag}"
        manifest = self._get(url, Accept=", ".join(_MANIFESTS))
        digest = f"sha256:{hashlib.sha256(manifest.content).hexdigest()}"
        # What stands between us and the registry may answer in its place, and with anything.
        if (
            manifest.headers.get("Content-Type", "").partition(";")[0] not in _MANIFESTS
            or manifest.headers.get("Docker-Content-Digest", digest) != digest
        ):
            raise CommandError(f"{url} is no image's manifest. images/base-image is unchanged.")
        return digest

    def _get(self, url: str, **headers: str) -> httpx.Response:
        try:
            answer = self._http.get(url, headers=headers)
            if answer.status_code == 401 and "Authorization" not in self._http.headers:
                self._http.headers["Authorization"] = f"Bearer {self._token(answer)}"
                answer = self._http.get(url, headers=headers)
        except httpx.TransportError as error:
            raise CommandError(
                f"The registry {self._base.host} does not answer ({error or type(error).__name__}): look at the "
                "network, then run the same command again."
            ) from error
        if not answer.is_success:
            raise CommandError(
                f"The registry {self._base.host} does not show {self._base.repository}: it answers "
                f"{answer.status_code}. images/base-image is unchanged."
            )
        return answer

    def _token(self, refusal: httpx.Response) -> str:
        """What a registry that is open to all hands out to whoever asks where it says."""
        asked: dict[str, str] = dict(re.findall(r'(\w+)="([^"]*)"', refusal.headers.get("WWW-Authenticate", "")))
        realm = asked.pop("realm", "")
        if not realm.startswith(f"{self._origin}/") and not realm.startswith("https://"):
            raise CommandError(f"The registry {self._base.host} wants credentials, which this command has none of.")
        parameters = {"scope": f"repository:{self._base.repository}:pull", **asked}
        answer = self._http.get(realm, params=parameters)
        granted = _json(answer) if answer.is_success else {}
        token = granted.get("token") or granted.get("access_token")
        if not token:
            raise CommandError(f"The registry {self._base.host} does not let just anybody read.")
        return str(token)


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        return answer.json()
    except ValueError as error:
        raise CommandError(f"{answer.url} answers with something else than a registry does.") from error
