"""Where a course's objects lie in the bucket, and the few operations that functions do on them.

The only module that knows the layout; it knows nothing of what the objects say.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Final

from botocore.exceptions import ClientError

from functions.common import aws
from functions.common.errors import NotFound, TooLarge

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
"""Of the files that an author may download, by the ends of their names."""

_ID = re.compile(r"[0-9a-f]{32}")
_OWNER = re.compile(r"[A-Za-z0-9._:@|+=-]{1,128}")


def new_id() -> str:
    """A fresh course or upload id: 32 hexadecimal digits, unguessable."""
    return secrets.token_hex(16)


def is_id(text: str) -> bool:
    """Whether `text` has the form of an id made by `new_id`."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True)
class CoursePaths:
    """Keys of one owner's one course. Raises NotFound for an owner or id that could not be one (never a path trick)."""

    owner: str
    course_id: str

    def __post_init__(self) -> None:
        if not is_id(self.course_id) or not _OWNER.fullmatch(self.owner):
            raise NotFound("There is no such course.")

    @property
    def prefix(self) -> str:
        """The prefix under which everything of this course lies; ends with "/"."""
        return f"users/{self.owner}/courses/{self.course_id}/"

    def outline(self, upload_id: str) -> str:
        """The uploaded outline; written by the author's browser or command, never overwritten by a function."""
        if not is_id(upload_id):
            raise NotFound("There is no such upload.")
        return f"{self.prefix}outline/{upload_id}.yaml"

    @property
    def lessons(self) -> str:
        """Prefix of all lessons."""
        return f"{self.prefix}lessons/"

    def lessons_of(self, module: int) -> str:
        """Prefix of one module's lessons."""
        return f"{self.lessons}module-{module:02d}-"

    def lesson(self, module: int, number: int, slug: str) -> str:
        """One lesson's Markdown; `slug` as made from its title."""
        return f"{self.lessons}module-{module:02d}-lesson-{number:02d}-{slug}.md"

    @property
    def prompts(self) -> str:
        """Prefix of the image prompts of all lessons."""
        return f"{self.prefix}prompts/"

    def prompts_of(self, module: int) -> str:
        """Prefix of the image prompts of one module's lessons."""
        return f"{self.prompts}module-{module:02d}-"

    def prompt(self, module: int, number: int) -> str:
        """The image prompts (JSON) of one lesson."""
        return f"{self.prompts}module-{module:02d}-lesson-{number:02d}.json"

    @property
    def images(self) -> str:
        """Prefix of all images."""
        return f"{self.prefix}images/"

    def images_of(self, module: int, lesson: int | None = None) -> str:
        """Prefix of the images of one module's lessons, or of one of them."""
        return f"{self.images}{module:02d}-" + ("" if lesson is None else f"{lesson:02d}-")

    def image(self, image_id: str) -> str:
        """One image; `image_id` is the tag's "MM-LL-NNNN"."""
        return f"{self.images}{image_id}.png"

    @property
    def books(self) -> str:
        """Prefix of the book in all its formats."""
        return f"{self.prefix}book/"

    def book(self, extension: str) -> str:
        """The book in one format: "md", "json", "html", "pdf" or "docx"."""
        return f"{self.books}book.{extension}"

    def lab_book(self, extension: str) -> str:
        """The book of labs in one format."""
        return f"{self.books}lab-book.{extension}"

    @property
    def labs(self) -> str:
        """Prefix of all lab guides, and of what was planned for them."""
        return f"{self.prefix}labguide/"

    def labs_of(self, module: int) -> str:
        """Prefix of one module's lab guides."""
        return f"{self.labs}module-{module:02d}-"

    def lab(self, module: int, number: int, slug: str) -> str:
        """One lab guide's Markdown; `slug` as made from its title."""
        return f"{self.labs}module-{module:02d}-lab-{number:02d}-{slug}.md"

    def lab_plan(self, module: int) -> str:
        """One module's part of the master plan of labs (JSON)."""
        return f"{self.labs}plan-module-{module:02d}.json"

    @property
    def lab_master_plan(self) -> str:
        """The master plan of all labs (JSON)."""
        return f"{self.labs}lab-master-plan.json"

    @property
    def slides(self) -> str:
        """Prefix of all slides."""
        return f"{self.prefix}slides/"

    def deck(self, module: int, slug: str) -> str:
        """One module's slides; `slug` as made from its title."""
        return f"{self.slides}module-{module:02d}-{slug}.pptx"

    @property
    def archive(self) -> str:
        """Everything that an author may download, as one ZIP file."""
        return f"{self.prefix}download/course.zip"

    @property
    def report(self) -> str:
        """The validation report (JSON)."""
        return f"{self.prefix}validation/report.json"


@dataclass(frozen=True)
class StoredObject:
    """An object without its bytes. `etag` changes with the bytes; `metadata` is filled by `head` alone: a listing does
    not tell it."""

    key: str
    size: int
    etag: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])


class CourseStore:
    """Objects of one bucket. Every method takes whole keys, as `CoursePaths` makes them."""

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
        """Write an object. `metadata` must be ASCII, as S3 demands."""
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
