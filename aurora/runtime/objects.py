"""A bucket's objects: the operations that functions need, and digests of an object's sources.

An object's metadata may hold the digest of its sources: while that is the same, it need not be made again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Final

from botocore.exceptions import ClientError

from aurora.runtime import aws
from aurora.runtime.errors import NotFound, TooLarge

UPLOAD_SECONDS: Final = 15 * 60
"""How long a presigned upload is valid."""
DOWNLOAD_SECONDS: Final = 15 * 60
"""How long a presigned download is valid."""
CONTENT_TYPES: Final[Mapping[str, str]] = {
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
"""The content types of files that users download, by suffix."""


@dataclass(frozen=True)
class StoredObject:
    """An object without its bytes. `etag` changes with the bytes; only `head` fills `metadata`, as listings have
    none."""

    key: str
    size: int
    etag: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])


class ObjectStore:
    """The objects of one bucket. Every method takes whole keys."""

    def __init__(self, bucket: str, client: Any = None) -> None:
        self.bucket = bucket
        self._client = client or aws.client("s3")

    def fetch(self, key: str, max_bytes: int | None = None) -> tuple[bytes, Mapping[str, str]]:
        """The object's bytes and metadata. Raises NotFound; TooLarge beyond `max_bytes` (nothing is read then)."""
        try:
            answer = self._client.get_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if aws.error_code(error) in ("NoSuchKey", "404"):
                raise NotFound(f"There is no object {key}.") from None
            raise
        with answer["Body"] as body:
            if max_bytes is not None and answer["ContentLength"] > max_bytes:
                raise TooLarge(f"It has {answer['ContentLength']:,} bytes; at most {max_bytes:,} are accepted.")
            return body.read(), answer.get("Metadata", {})

    def read(self, key: str, max_bytes: int | None = None) -> bytes:
        """The object's bytes. Raises as `fetch`."""
        return self.fetch(key, max_bytes)[0]

    def read_text(self, key: str) -> str:
        """The object's text (UTF-8). Raises NotFound."""
        return self.read(key).decode()

    def head(self, key: str) -> StoredObject | None:
        """The object's size and metadata, or None if there is none."""
        try:
            answer = self._client.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if aws.error_code(error) in ("NoSuchKey", "404", "NotFound"):
                return None
            raise
        return StoredObject(key, answer["ContentLength"], answer["ETag"], answer.get("Metadata", {}))

    def write(
        self, key: str, body: bytes | str | IO[bytes], content_type: str, metadata: Mapping[str, str] | None = None
    ) -> None:
        """Write an object. S3 requires `metadata` to be ASCII."""
        content = body.encode() if isinstance(body, str) else body
        self._client.put_object(
            Bucket=self.bucket, Key=key, Body=content, ContentType=content_type, Metadata=dict(metadata or {})
        )

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """The objects under `prefix` in the order of their keys."""
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            for item in page.get("Contents", ()):
                yield StoredObject(item["Key"], item["Size"], item["ETag"])

    def upload_form(self, key: str, max_bytes: int, content_type: str) -> dict[str, Any]:
        """A presigned POST for `key` alone: {"url", "fields"}; 1 to `max_bytes` bytes, valid `UPLOAD_SECONDS`."""
        return self._client.generate_presigned_post(
            Bucket=self.bucket,
            Key=key,
            Fields={"Content-Type": content_type},
            Conditions=[{"Content-Type": content_type}, ["content-length-range", 1, max_bytes]],
            ExpiresIn=UPLOAD_SECONDS,
        )

    def download_url(self, key: str, file_name: str, content_type: str) -> str:
        """A presigned GET valid `DOWNLOAD_SECONDS`; the browser saves it as `file_name`."""
        return self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self.bucket,
                "Key": key,
                "ResponseContentType": content_type,
                "ResponseContentDisposition": f'attachment; filename="{file_name}"',
            },
            ExpiresIn=DOWNLOAD_SECONDS,
        )


def source_digest(*parts: Any) -> str:
    """A digest of `parts`, which are JSON values such as keys, entity tags and settings."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def etags(found: Iterable[StoredObject]) -> list[tuple[str, str]]:
    """Keys and entity tags of a listing; they change with the objects' bytes."""
    return [(one.key, one.etag) for one in found]


def source_metadata(source: str) -> dict[str, str]:
    """The metadata of an object that is made from sources with the digest `source`."""
    return {"source": source}


def is_made_from(stored: StoredObject | None, source: str) -> bool:
    """Whether an object, as `head` returns it, exists and was made from sources with the digest `source`."""
    return stored is not None and stored.metadata.get("source") == source
