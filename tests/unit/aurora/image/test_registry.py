"""Copying images, against a registry of the test's own with those rules of ECR that the emulator does not keep."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Generator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from aurora.image import registry as registry_module
from aurora.image.registry import Image, Registry, RegistryError

TOKEN = "QVdTOnNlY3JldA=="
THEIRS, OURS = "team/slides", "mine/slides"


class FakeRegistry(ThreadingHTTPServer):
    """Asks for a token, hands blobs out by way of another host, takes uploads in two steps at moving addresses."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.blobs: dict[tuple[str, str], bytes] = {}  # by repository and digest
        self.manifests: dict[str, tuple[str, bytes]] = {}
        self.uploads: dict[str, bytes] = {}
        self.requests: list[str] = []
        self.store: BlobStore | None = None
        self.mounts = True
        self.breaks_at = ""  # a part of "METHOD /path"
        self.breaks = 0  # how often it does; 0: always

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class BlobStore(FakeRegistry):
    """The host that a registry sends readers of blobs to: it refuses what carries the registry's token, as S3 does."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeRegistry  # pyright: ignore[reportIncompatibleVariableOverride]

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        content = b""
        while size := int(self.rfile.readline(), 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return content

    def _serve(self) -> None:
        registry, body = self.server, self._body()
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        registry.requests.append(f"{self.command} {self.path}")
        token = self.headers.get("Authorization")
        if isinstance(registry, BlobStore):
            self._answer(400 if token else 200, b"token" if token else registry.blobs[THEIRS, path.rpartition("/")[2]])
        elif token != f"Basic {TOKEN}":
            self._answer(401, b"no token")
        elif registry.breaks_at and registry.breaks_at in f"{self.command} {path}":
            registry.breaks -= 1
            if registry.breaks == 0:
                registry.breaks_at = ""
            self._answer(503, b"the disk is full")
        elif "/manifests/" in path:
            self._manifest(registry, path.rpartition("/")[2], body)
        elif "/uploads" in path:
            self._upload(registry, path, query, body)
        else:
            repository, _, digest = path.removeprefix("/v2/").partition("/blobs/")
            if (repository, digest) not in registry.blobs:
                self._answer(404)
            elif registry.store is not None and self.command == "GET":
                self._answer(307, Location=f"http://{registry.store.host}/blobs/{digest}")
            else:
                self._answer(200, registry.blobs[repository, digest])

    def _manifest(self, registry: FakeRegistry, reference: str, body: bytes) -> None:
        if self.command == "PUT":
            registry.manifests[reference] = (self.headers["Content-Type"], body)
            self._answer(201)
        elif reference in registry.manifests:
            media_type, content = registry.manifests[reference]
            self._answer(200, content, Content_Type=media_type)
        else:
            self._answer(404)

    def _upload(self, registry: FakeRegistry, path: str, query: dict[str, list[str]], body: bytes) -> None:
        repository = path.removeprefix("/v2/").partition("/blobs/")[0]
        if self.command == "POST":
            mount = (query.get("from", [""])[0], query.get("mount", [""])[0])
            if registry.mounts and mount in registry.blobs:
                registry.blobs[repository, mount[1]] = registry.blobs[mount]
                self._answer(201)
                return
            self._answer(202, Location=f"/v2/{repository}/blobs/uploads/{len(registry.requests)}?state=begun")
        elif self.command == "PATCH":
            assert query["state"] == ["begun"]
            registry.uploads[path] = body
            self._answer(202, Location=f"http://{registry.host}{path}?state=sent")
        else:
            content, digest = registry.uploads.pop(path), query["digest"][0]
            right = query["state"] == ["sent"] and digest == f"sha256:{hashlib.sha256(content).hexdigest()}"
            if right:
                registry.blobs[repository, digest] = content
            self._answer(201 if right else 400, b"" if right else b"digest invalid")

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = _serve


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_module, "_PAUSES", (0.0, 0.0))


@pytest.fixture
def registries() -> Generator[tuple[FakeRegistry, FakeRegistry, BlobStore]]:
    """A source whose blobs lie with a store, a target, and the store."""
    with ExitStack() as opened:
        made = (FakeRegistry(), FakeRegistry(), BlobStore())
        for each in made:
            threading.Thread(target=each.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
            opened.callback(each.server_close)
            opened.callback(each.shutdown)
        yield made


def put_image(registry: FakeRegistry, store: FakeRegistry | None = None) -> str:
    """Lays an image of two layers into a registry, under the tag `t`."""
    configuration = json.dumps({"os": "linux", "architecture": "amd64"}).encode()
    contents = [configuration, b"layer one" * 1000, b"layer two"]
    digests = [f"sha256:{hashlib.sha256(content).hexdigest()}" for content in contents]
    registry.blobs.update({(THEIRS, digest): content for digest, content in zip(digests, contents, strict=True)})
    if store is not None:
        store.blobs.update(registry.blobs)
    described = [{"digest": d, "size": len(c)} for d, c in zip(digests, contents, strict=True)]
    manifest = json.dumps({"schemaVersion": 2, "config": described[0], "layers": described[1:]}).encode()
    registry.manifests["t"] = ("application/vnd.oci.image.manifest.v1+json", manifest)
    return f"sha256:{hashlib.sha256(manifest).hexdigest()}"


def held(registry: FakeRegistry) -> dict[str, bytes]:
    """The blobs of a registry by their digest, in whichever repository."""
    return {digest: content for (_, digest), content in registry.blobs.items()}


def image_of(registry: Registry, repository: str = THEIRS) -> Image:
    image = registry.image(repository, "t")
    assert image is not None
    return image


def test_a_copy_has_the_same_bytes_and_the_blobs_s_host_never_sees_the_token(
    registries: tuple[FakeRegistry, FakeRegistry, BlobStore],
) -> None:
    source, target, store = registries
    digest = put_image(source, store)
    source.store = store
    with Registry(source.host, TOKEN) as there, Registry(target.host, TOKEN) as here:
        copied = here.copy(image_of(there), there, THEIRS, OURS, "t")
        assert image_of(here, OURS).digest == digest
    assert target.manifests == source.manifests
    assert held(target) == held(source)
    assert (copied.blobs, copied.bytes) == (3, sum(map(len, source.blobs.values())))


def test_the_manifest_comes_last_so_that_no_tag_lacks_a_layer(
    registries: tuple[FakeRegistry, FakeRegistry, BlobStore],
) -> None:
    source, target, _ = registries
    put_image(source)
    target.breaks_at = "PATCH"
    with Registry(source.host, TOKEN) as there, Registry(target.host, TOKEN) as here:
        with pytest.raises(RegistryError, match=r"answered PATCH .* with 503: the disk is full"):
            here.copy(image_of(there), there, THEIRS, OURS, "t")
        assert target.manifests == {}
        target.breaks_at = ""
        here.copy(image_of(there), there, THEIRS, OURS, "t")
    assert target.manifests == source.manifests


def test_what_the_target_holds_is_not_sent_again(registries: tuple[FakeRegistry, FakeRegistry, BlobStore]) -> None:
    source, target, _ = registries
    put_image(source)
    target.blobs.update({(OURS, digest): content for (_, digest), content in source.blobs.items()})
    with Registry(source.host, TOKEN) as there, Registry(target.host, TOKEN) as here:
        copied = here.copy(image_of(there), there, THEIRS, OURS, "t")
    assert (copied.blobs, copied.bytes) == (0, 0)
    assert not [line for line in target.requests if line.startswith(("POST", "PATCH"))]


@pytest.mark.parametrize("mounts", [True, False])
def test_within_a_registry_blobs_are_mounted_or_sent_where_that_is_refused(
    registries: tuple[FakeRegistry, FakeRegistry, BlobStore], mounts: bool
) -> None:
    registry, _, _ = registries
    put_image(registry)
    registry.mounts = mounts
    with Registry(registry.host, TOKEN) as opened:
        copied = opened.copy(image_of(opened), opened, THEIRS, OURS, "t2")
    assert copied.blobs == (0 if mounts else 3)
    assert {digest for repository, digest in registry.blobs if repository == OURS} == set(held(registry))


def test_without_the_right_token_the_error_says_what_to_look_at(
    registries: tuple[FakeRegistry, FakeRegistry, BlobStore],
) -> None:
    source, _, _ = registries
    put_image(source)
    with Registry(source.host, "wrong") as registry, pytest.raises(RegistryError, match="does not let these") as error:
        registry.image(THEIRS, "t")
    assert "the repository's policy or the role must allow it" in str(error.value)


def test_a_registry_that_does_not_answer_is_named() -> None:
    with Registry("127.0.0.1:1", TOKEN) as registry, pytest.raises(RegistryError, match=r"127.0.0.1:1 does not answer"):
        registry.image(THEIRS, "t")


def test_a_tag_that_is_not_there_is_no_error(registries: tuple[FakeRegistry, FakeRegistry, BlobStore]) -> None:
    with Registry(registries[0].host, TOKEN) as registry:
        assert registry.image(THEIRS, "t") is None


@pytest.mark.skipif(os.name == "nt" or shutil.which("openssl") is None, reason="needs openssl to make a certificate")
def test_a_company_s_certificate_is_trusted_once_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    # An address of this machine that is not loopback's, where no registry needs TLS.
    making = (
        "-nodes",
        "-newkey",
        "rsa:2048",
        "-days",
        "1",
        "-subj",
        "/CN=registry",
        "-addext",
        "subjectAltName=IP:0.0.0.0",
    )
    files = ("-keyout", str(key), "-out", str(certificate))
    subprocess.run(["openssl", "req", "-x509", *making, *files], check=True, capture_output=True)
    served = FakeRegistry()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    served.socket = context.wrap_socket(served.socket, server_side=True)
    digest = put_image(served)
    threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    host = f"0.0.0.0:{served.server_port}"
    try:
        with Registry(host, TOKEN) as registry, pytest.raises(RegistryError, match="set AWS_CA_BUNDLE to the file"):
            registry.image(THEIRS, "t")
        with Registry(host, TOKEN, str(certificate)) as registry:
            assert image_of(registry).digest == digest
    finally:
        served.shutdown()
        served.server_close()


@pytest.mark.parametrize("moment", ["HEAD", "POST", "PATCH", "PUT", "GET /v2/team/slides/blobs"])
def test_a_registry_that_is_busy_for_a_moment_is_asked_again(
    registries: tuple[FakeRegistry, FakeRegistry, BlobStore], moment: str
) -> None:
    source, target, _ = registries
    digest = put_image(source)
    with Registry(source.host, TOKEN) as there, Registry(target.host, TOKEN) as here:
        image = image_of(there)
        broken = source if moment.startswith("GET") else target
        broken.breaks_at, broken.breaks = moment, 2
        here.copy(image, there, THEIRS, OURS, "t")
        assert broken.breaks == 0
        assert image_of(here, OURS).digest == digest
    assert held(target) == held(source)


def test_what_is_refused_is_not_asked_again(registries: tuple[FakeRegistry, FakeRegistry, BlobStore]) -> None:
    source, _, _ = registries
    with Registry(source.host, "wrong") as registry, pytest.raises(RegistryError):
        registry.image(THEIRS, "t")
    assert len(source.requests) == 1
