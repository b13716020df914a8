"""Small real images, put into a registry by its own interface: no Docker, and no code of the product's."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile

import httpx

from aurora.local.emulator import Emulator

MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"


def push_image(
    emulator: Emulator, repository: str, tag: str, *, platform: str = "linux/amd64", content: bytes = b"hello"
) -> str:
    """Pushes an image of one layer that holds one file, and returns its digest (``sha256:...``)."""
    system, _, architecture = platform.partition("/")
    layer = _layer(content)
    configuration = json.dumps(
        {
            "os": system,
            "architecture": architecture,
            "config": {"Cmd": ["true"]},
            "rootfs": {"type": "layers", "diff_ids": [_digest(gzip.decompress(layer))]},
        }
    ).encode()
    with registry(emulator) as http:
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST_TYPE,
                "config": {
                    "mediaType": "application/vnd.docker.container.image.v1+json",
                    **_push_blob(http, repository, configuration),
                },
                "layers": [
                    {
                        "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
                        **_push_blob(http, repository, layer),
                    }
                ],
            }
        ).encode()
        return push_manifest(http, repository, tag, manifest, MANIFEST_TYPE)


def push_index(emulator: Emulator, repository: str, tag: str) -> str:
    """Pushes an image and, under ``tag``, a list that names it alone: what builds with attestations leave."""
    digest = push_image(emulator, repository, f"{tag[:20]}-amd64")
    platform = {"os": "linux", "architecture": "amd64"}
    index = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": INDEX_TYPE,
            "manifests": [{"mediaType": MANIFEST_TYPE, "digest": digest, "size": 1, "platform": platform}],
        }
    ).encode()
    with registry(emulator) as http:
        return push_manifest(http, repository, tag, index, INDEX_TYPE)


def registry(emulator: Emulator) -> httpx.Client:
    """A client of the emulator's registry."""
    login = ("AWS", emulator.credentials.secret_access_key)
    return httpx.Client(base_url=emulator.endpoint, auth=login, trust_env=False)


def push_manifest(http: httpx.Client, repository: str, tag: str, manifest: bytes, media_type: str) -> str:
    put = http.put(f"/v2/{repository}/manifests/{tag}", content=manifest, headers={"Content-Type": media_type})
    put.raise_for_status()
    return _digest(manifest)


def _push_blob(http: httpx.Client, repository: str, content: bytes) -> dict[str, str | int]:
    digest = _digest(content)
    begun = http.post(f"/v2/{repository}/blobs/uploads/")
    begun.raise_for_status()
    put = http.put(begun.headers["Location"], params={"digest": digest}, content=content)
    put.raise_for_status()
    return {"digest": digest, "size": len(content)}


def _layer(content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo("content")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
