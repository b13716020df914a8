"""Makes the images that a batch's prompts ask for, a bounded number a call. Knows the store and no Lambda.

An image is drawn again only if its prompt has changed: its object carries the digest of the prompt it was drawn from.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from functions.common.events import CourseEvent
from functions.common.storage import CoursePaths, CourseStore
from functions.slides.drawing import Picture, draw

_PROMPTS = re.compile(r"module-(\d{2})-lesson-\d{2}\.json")
_IMAGE_ID = re.compile(r"\d{2}-\d{2}-\d{4}")


class ImageCount(TypedDict):
    """What a call did: images drawn, found as they should be, failed; and those left for the next call."""

    drawn: int
    skipped: int
    failed: int
    remaining: int


@dataclass(frozen=True)
class _Wanted:
    """One image that a prompt asks for."""

    picture: Picture
    digest: str


def draw_batch(
    course: CourseEvent,
    module: int,
    batch_index: int,
    store: CourseStore,
    images_per_call: int,
    failed: Callable[[str, Exception], None],
) -> ImageCount:
    """Draw at most `images_per_call` images of a batch; call again while some remain.

    What cannot be drawn is told to `failed` with its key, counted, and does not use up the number: a fault that
    lasts must not keep the images behind it from being drawn.
    """
    paths = CoursePaths(course["owner"], course["course_id"])
    count: ImageCount = {"drawn": 0, "skipped": 0, "failed": 0, "remaining": 0}
    present = {found.key for found in store.list(paths.images)}
    for key in _prompt_files(store, paths, module):
        try:
            images = _wanted(store.read_text(key), batch_index)
        except (ValueError, KeyError, TypeError) as error:
            failed(key, error)
            count["failed"] += 1
            continue
        for image in images:
            outcome = _make(image, store, paths, present, may_draw=count["drawn"] < images_per_call, failed=failed)
            count[outcome] += 1
    return count


def _make(
    image: _Wanted,
    store: CourseStore,
    paths: CoursePaths,
    present: set[str],
    *,
    may_draw: bool,
    failed: Callable[[str, Exception], None],
) -> Literal["drawn", "skipped", "failed", "remaining"]:
    key = paths.image(image.picture.id)
    found = store.head(key) if key in present else None
    if found and found.metadata.get("prompt") == image.digest:
        return "skipped"
    if not may_draw:
        return "remaining"
    try:
        png = draw(image.picture)
    except (OSError, ValueError) as error:
        failed(key, error)
        return "failed"
    store.write(key, png, "image/png", {"prompt": image.digest})
    return "drawn"


def _prompt_files(store: CourseStore, paths: CoursePaths, module: int) -> Iterator[str]:
    for found in store.list(paths.prompts):
        match = _PROMPTS.fullmatch(found.key.removeprefix(paths.prompts))
        if match and int(match[1]) == module:
            yield found.key


def _wanted(prompts: str, batch_index: int) -> list[_Wanted]:
    """The images of a lesson's prompts, [] if another batch draws them. Raises ValueError, KeyError or TypeError."""
    lesson: dict[str, Any] = json.loads(prompts)
    if lesson["batch"] != batch_index:
        return []
    wanted: list[_Wanted] = []
    for image in lesson["images"]:
        if not _IMAGE_ID.fullmatch(image["id"]):
            raise ValueError(f"{image['id']!r} is no id of an image")
        picture = Picture(image["id"], lesson["title"], image["description"], lesson["language"])
        wanted.append(_Wanted(picture, hashlib.sha256(image["prompt"].encode()).hexdigest()))
    return wanted
