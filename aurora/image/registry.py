"""Images in a registry, read and copied through the OCI distribution API: no Docker, and the digest stays the same.

Source of the rules: https://github.com/opencontainers/distribution-spec/blob/main/spec.md and, for the tokens of public
registries, https://distribution.github.io/distribution/spec/auth/token/.
"""

from __future__ import annotations

import hashlib
import json
import re
import ssl
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx

from aurora.retries import retried

T = TypeVar("T")

# The media types of one image. A list of images (an index) is none of them, and Lambda refuses it.
_IMAGE = ("application/vnd.docker.distribution.manifest.v2+json", "application/vnd.oci.image.manifest.v1+json")
_INDEX = ("application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.oci.image.index.v1+json")
_BLOBS_AT_ONCE = 4
_CHUNK = 1 << 20
_PAUSES = (0.5, 2.0)  # seconds before each retry
_TIMEOUT = httpx.Timeout(30, read=120, write=120)


def on_loopback(host: str) -> bool:
    """Whether a registry is on this machine; as for Docker, it then needs no TLS."""
    return host.startswith(("127.", "localhost"))


class RegistryError(Exception):
    """A registry refused a request; the message names the registry and says what to do."""


class Unavailable(RegistryError):
    """The registry or the network failed in a way that may pass: a retry can help."""


@dataclass(frozen=True)
class Image:
    """One image in a registry: the bytes of its manifest, and its platform (``linux/amd64``)."""

    digest: str
    manifest: bytes
    media_type: str
    platform: str

    @property
    def blobs(self) -> list[str]:
        """The digests of the configuration and of the layers, each once."""
        described = json.loads(self.manifest)
        return list(dict.fromkeys(blob["digest"] for blob in (described["config"], *described["layers"])))


@dataclass(frozen=True)
class Copied:
    """The blobs and bytes that a copy sent, without those that the target already had."""

    blobs: int
    bytes: int


class Registry:
    """A client of one registry. ``token`` is for Basic authentication; without one the client reads what is public.

    ``certificates`` is a file with the certificates to trust; "" for the usual ones. A context manager; all methods
    raise RegistryError.
    """

    def __init__(self, host: str, token: str = "", certificates: str = "") -> None:
        self.host = host
        local = on_loopback(host)
        origin = f"{'http' if local else 'https'}://{host}"
        self._client = httpx.Client(
            base_url=origin,
            headers={"Authorization": f"Basic {token}"} if token else {},
            auth=None if token else _PublicToken(host, origin),
            # Registries redirect to another host for blobs; httpx sends it no Authorization.
            follow_redirects=True,
            timeout=_TIMEOUT,
            verify=ssl.create_default_context(cafile=certificates) if certificates and not local else True,
            trust_env=not local,
        )

    def __enter__(self) -> Registry:
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.close()

    def image(self, repository: str, reference: str) -> Image | None:
        """The image under a tag or digest; None if there is none.

        Raises:
            RegistryError: it is a list of images, or the registry does not answer.
        """
        answer = self._manifest(repository, reference)
        if answer is None:
            return None
        described = json.loads(answer.content)
        media_type = answer.headers.get("Content-Type", "") or described.get("mediaType", "")
        if media_type not in _IMAGE or "layers" not in described:
            raise RegistryError(
                f"{self.host}/{repository}:{reference} is not a single image but {media_type}, which Lambda does not "
                "run: delete that tag; an image pushed by hand must have one platform and no attestations"
            )
        configuration = f"/v2/{repository}/blobs/{described['config']['digest']}"
        made_for = _json(_with_retries(partial(self._read, configuration)))
        digest = f"sha256:{hashlib.sha256(answer.content).hexdigest()}"
        return Image(digest, answer.content, media_type, f"{made_for['os']}/{made_for['architecture']}")

    def tags(self, repository: str) -> list[str]:
        """All tags of a repository."""
        found: list[str] = []
        path = f"/v2/{repository}/tags/list?n=1000"
        while path:
            answer = _with_retries(partial(self._read, path))
            found += _json(answer).get("tags") or []
            path = self._place(answer, answer.links["next"]["url"]) if "next" in answer.links else ""
        return found

    def digest(self, repository: str, reference: str) -> str:
        """The digest of what a tag refers to now: one image, or a list of images.

        Raises:
            RegistryError: the tag does not exist, or the answer is not a registry's.
        """
        answer = self._manifest(repository, reference)
        if answer is None:
            raise RegistryError(f"the registry {self.host} has no {repository}:{reference}")
        digest = f"sha256:{hashlib.sha256(answer.content).hexdigest()}"
        # A proxy may answer in the registry's place.
        if (
            answer.headers.get("Content-Type", "").partition(";")[0] not in (*_IMAGE, *_INDEX)
            or answer.headers.get("Docker-Content-Digest", digest) != digest
        ):
            raise RegistryError(f"{answer.url} is not the manifest of an image")
        return digest

    def copy(self, image: Image, source: Registry, repository: str, to: str, tag: str) -> Copied:
        """Copies an image of ``source``'s ``repository`` into this registry's ``to`` under ``tag``, byte for byte."""
        copies = [partial(self._copy_blob, digest, source, repository, to) for digest in image.blobs]
        with ThreadPoolExecutor(_BLOBS_AT_ONCE) as pool:
            sizes: list[int] = list(pool.map(_with_retries, copies))
        # Last, so that a tag never refers to missing layers.
        described = {"Content-Type": image.media_type}
        put = partial(self._ask, "PUT", f"/v2/{to}/manifests/{tag}", content=image.manifest, headers=described)
        _with_retries(put)
        return Copied(sum(size > 0 for size in sizes), sum(sizes))

    def _copy_blob(self, digest: str, source: Registry, repository: str, to: str) -> int:
        """Returns the number of bytes sent; 0 if the blob existed, or the registry could mount it."""
        if self._ask("HEAD", f"/v2/{to}/blobs/{digest}", absent=True) is not None:
            return 0
        params = {"mount": digest, "from": repository} if source.host == self.host else {}
        begun = self._ask("POST", f"/v2/{to}/blobs/uploads/", params=params)
        assert begun is not None
        if begun.status_code == HTTPStatus.CREATED:  # mounted
            return 0
        # A refused mount answers 202, and is an ordinary upload.
        place = self._place(begun, begun.headers["Location"])
        sent = 0

        def body() -> Any:
            nonlocal sent
            # Without this, a host may compress the bytes, which would change their digest.
            as_is = {"Accept-Encoding": "identity"}
            try:
                with source._client.stream("GET", f"/v2/{repository}/blobs/{digest}", headers=as_is) as blob:
                    source._check(blob, "GET")
                    for chunk in blob.iter_raw(_CHUNK):
                        sent += len(chunk)
                        yield chunk
            except httpx.RequestError as error:
                raise source._unanswered(error) from error

        patched = self._ask("PATCH", place, content=body(), headers={"Content-Type": "application/octet-stream"})
        assert patched is not None
        self._ask("PUT", self._place(patched, patched.headers["Location"]), params={"digest": digest})
        return sent

    def _manifest(self, repository: str, reference: str) -> httpx.Response | None:
        accepted = {"Accept": ", ".join((*_IMAGE, *_INDEX))}
        path = f"/v2/{repository}/manifests/{reference}"
        return _with_retries(partial(self._ask, "GET", path, headers=accepted, absent=True))

    def _place(self, answer: httpx.Response, named: str) -> str:
        """The path of the next request: registries answer with a path, or with a URL of their own."""
        location = urljoin(str(answer.request.url), named)
        parts = urlsplit(location)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def _read(self, path: str) -> httpx.Response:
        answer = self._ask("GET", path)
        assert answer is not None
        return answer

    def _ask(self, method: str, path: str, *, absent: bool = False, **arguments: Any) -> httpx.Response | None:
        """Makes one request. With ``absent``, returns None for 404."""
        if "params" in arguments and "?" in path:  # httpx would drop the query of an upload's URL
            path, _, query = path.partition("?")
            arguments["params"] = [*httpx.QueryParams(query).multi_items(), *arguments["params"].items()]
        try:
            answer = self._client.request(method, path, **arguments)
        except httpx.RequestError as error:
            raise self._unanswered(error) from error
        if absent and answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        self._check(answer, method)
        return answer

    def _unanswered(self, error: httpx.RequestError) -> RegistryError:
        kind, advice = Unavailable, "look at the network"
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            kind = RegistryError
            advice = "set AWS_CA_BUNDLE to the file with the company's certificates, as behind its proxy"
        return kind(
            f"the registry {self.host} does not answer ({error or type(error).__name__}): {advice}, then run the same "
            "command again"
        )

    def _check(self, answer: httpx.Response, method: str) -> None:
        if answer.is_success:
            return
        answer.read()
        if answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            action = "read" if method in ("GET", "HEAD") else "write"
            raise RegistryError(
                f"the registry {self.host} does not let these credentials {action} {answer.request.url.path}: the "
                "repository's policy or the role must allow it"
            )
        busy = answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or answer.is_server_error
        raise (Unavailable if busy else RegistryError)(
            f"the registry {self.host} answered {method} {answer.request.url.path} with {answer.status_code}: "
            f"{answer.text[:300]}"
        )


class _PublicToken(httpx.Auth):
    """Fetches the token that a public registry gives to anybody."""

    requires_response_body = True

    def __init__(self, host: str, origin: str) -> None:
        self._host = host
        self._origin = origin
        self._token = ""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        answer = yield request
        if answer.status_code != HTTPStatus.UNAUTHORIZED or self._token:
            return
        challenge: dict[str, str] = dict(re.findall(r'(\w+)="([^"]*)"', answer.headers.get("WWW-Authenticate", "")))
        realm = challenge.pop("realm", "")
        if not realm.startswith((f"{self._origin}/", "https://")):
            raise RegistryError(f"the registry {self._host} needs credentials")
        repository = re.sub(r"^/v2/|/(manifests|tags|blobs)/.*$", "", request.url.path)
        granted = yield httpx.Request("GET", realm, params={"scope": f"repository:{repository}:pull", **challenge})
        token = _json(granted) if granted.is_success else {}
        self._token = str(token.get("token") or token.get("access_token") or "")
        if not self._token:
            raise RegistryError(f"the registry {self._host} does not let anybody read {repository}")
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        return answer.json()
    except ValueError as error:
        raise RegistryError(f"{answer.url} does not answer as a registry") from error


def _with_retries(request: Callable[[], T]) -> T:
    """Makes a request that may be repeated, and retries it while the registry is unavailable."""
    return retried(request, lambda error: isinstance(error, Unavailable), _PAUSES, time.sleep)
