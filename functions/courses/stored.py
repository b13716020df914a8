"""What of a course is stored: the outline that was accepted, which lessons and labs under which key, and its images."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from aurora.runtime.errors import NotFound
from aurora.runtime.objects import ObjectStore, StoredObject
from functions.courses.events import CourseEvent
from functions.courses.paths import CoursePaths
from functions.outline.limits import MAX_OUTLINE_BYTES
from functions.outline.model import Outline
from functions.outline.parse import parse
from functions.outline.units import LESSON, UnitKind, lesson_id
from functions.text.visuals import prompt_digest

_THREADS: Final = 16


def accepted_outline(course: CourseEvent, store: ObjectStore) -> Outline:
    """The outline of an execution, in the language that it asks for.

    Raises NotFound if it is gone, InvalidOutline if it is not what was accepted.
    """
    outline = stored_outline(store, course["outline_key"])
    return replace(outline, language=course["language"]) if course["language"] else outline


def stored_outline(store: ObjectStore, key: str) -> Outline:
    """The outline of that key. Raises NotFound if it is gone, InvalidOutline if it is none."""
    return _parsed(store.read(key, MAX_OUTLINE_BYTES))


# A function meets the same outline at every batch of a course, and a large one takes long to parse.
_parsed = functools.lru_cache(maxsize=4)(parse)


def stored_units(
    store: ObjectStore, paths: CoursePaths, kind: UnitKind, module: int | None = None
) -> dict[str, StoredObject]:
    """The stored units of a kind, or those of one module alone, by their numbers ("MM-LL"), whatever their titles are
    now."""
    prefix = paths.units(kind)
    listed = store.list(paths.units(kind, module))
    numbered = ((found, kind.numbers_of_file(found.key.removeprefix(prefix))) for found in listed)
    return {lesson_id(*numbers): found for found, numbers in numbered if numbers}


def unit_keys(store: ObjectStore, paths: CoursePaths, kind: UnitKind, module: int | None = None) -> dict[str, str]:
    """The keys of what `stored_units` finds, by their numbers."""
    return {numbers: found.key for numbers, found in stored_units(store, paths, kind, module).items()}


def stored_texts(store: ObjectStore, keys: Mapping[str, str]) -> dict[str, str]:
    """The texts of stored units, by what their `keys` are called."""
    with ThreadPoolExecutor(_THREADS) as threads:
        return dict(zip(keys, threads.map(store.read_text, keys.values()), strict=True))


def planned_for(lesson: StoredObject) -> dict[str, str]:
    """The metadata of image prompts that are planned for this text of a lesson: those of another are none of it."""
    return {"lesson": lesson.etag.strip('"')}


def is_planned_for(metadata: Mapping[str, str], lesson: StoredObject) -> bool:
    """Whether image prompts with this metadata are planned for this text of their lesson."""
    return metadata.get("lesson") == lesson.etag.strip('"')


def stored_images(store: ObjectStore, paths: CoursePaths, module: int | None = None) -> dict[str, bytes | None]:
    """The images, or those of one module alone, by their ids ("MM-LL-NNNN").

    None for one that was drawn for another text than the lesson has now.
    """
    planned = [found.key for found in store.list(paths.prompts if module is None else paths.prompts_of(module))]
    listed = store.list(paths.images if module is None else paths.images_of(module))
    ids = [found.key.removeprefix(paths.images).removesuffix(".png") for found in listed]
    texts = stored_units(store, paths, LESSON, module)
    prompts: dict[str, str] = {}
    without_plan: set[str] = set()  # lessons that were written anew, whose images were not planned since

    def image(id_: str) -> bytes | None:
        try:
            png, metadata = store.fetch(paths.image(id_))
        except NotFound:  # removed since it was listed
            return None
        is_stale = id_ in prompts and metadata.get("prompt") != prompt_digest(prompts[id_])
        return None if is_stale or id_.rpartition("-")[0] in without_plan else png

    with ThreadPoolExecutor(_THREADS) as threads:
        for body, metadata in threads.map(store.fetch, planned):
            plan = json.loads(body)
            text = texts.get(plan["lesson"])
            if text and not is_planned_for(metadata, text):
                without_plan.add(plan["lesson"])
            prompts.update({asked["id"]: asked["prompt"] for asked in plan["images"]})
        return dict(zip(ids, threads.map(image, ids), strict=True))
