"""Makes the images that a batch's prompts ask for, a bounded number a call. Knows the store and the model, no Lambda.

An image is drawn again only if its prompt has changed: its object carries the digest of the prompt it was drawn from.
One that failed is not asked for again in the same execution, it might be paid for each time: its lesson's prompts
carry, as metadata, which images failed in which execution.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypedDict

from aurora.runtime.errors import AuroraError, TryLater
from aurora.runtime.objects import ObjectStore
from functions.courses.events import CourseEvent
from functions.courses.paths import CoursePaths
from functions.courses.progress import CourseProgress
from functions.generation import metrics
from functions.generation.writing import LASTING, MARGIN_SECONDS, cost_of, sentence, within_budget
from functions.models import ImageModel, ImageRequest
from functions.outline.batches import Batch
from functions.outline.units import LESSON, lesson_id
from functions.progress.records import Spent
from functions.text.visuals import prompt_digest

AT_ONCE: Final = 4
"""How many images are asked for at the same time: models are waited for, and so is the store."""

_IMAGE_ID = re.compile(r"\d{2,3}-\d{2,3}-\d{4}")


class ImageCount(TypedDict):
    """What became of a batch's images: drawn by this call, as they should be already, failed in this execution, given
    up because it was cancelled; and those left for the next call."""

    drawn: int
    skipped: int
    failed: int
    cancelled: int
    remaining: int


@dataclass(frozen=True)
class _Wanted:
    """One image that a lesson's prompts ask for; `prompts` is their key, `lesson` the lesson's id."""

    request: ImageRequest
    prompts: str
    lesson: str

    @property
    def digest(self) -> str:
        return prompt_digest(self.request.prompt)


@dataclass(frozen=True)
class Drawer:
    """Draws with one model.

    `seconds_left` tells how much of this call's time is left, `worst_seconds` is what the worst image is assumed to
    take. What cannot be drawn is told to `failed`, with its key.
    """

    store: ObjectStore
    records: CourseProgress
    model: ImageModel
    images_per_call: int
    worst_seconds: float
    seconds_left: Callable[[], float]
    failed: Callable[[str, Exception], None]

    def draw_batch(self, course: CourseEvent, batch: Batch) -> ImageCount:
        """Ask for at most `images_per_call` images of a batch, as far as the time goes; the first are always begun.

        Raises Throttled or ModelUnavailable if that keeps this call from drawing anything, so that the workflow calls
        again later.
        """
        count: ImageCount = {"drawn": 0, "skipped": 0, "failed": 0, "cancelled": 0, "remaining": 0}
        due = list(self._due(course, batch, count))
        now, later = due[: self.images_per_call], due[self.images_per_call :]
        count["remaining"] = len(later)
        failed_before = count["failed"]
        cost = 0
        busy: AuroraError | None = None
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for start in range(0, len(now), AT_ONCE):
                if self.records.is_cancelled(course["execution"]):
                    count["cancelled"] = len(due) - start
                    count["remaining"] = 0
                    break
                if busy or (start and self.seconds_left() < self.worst_seconds + MARGIN_SECONDS):
                    count["remaining"] += len(now) - start
                    break
                some = now[start : start + AT_ONCE]
                answers = list(threads.map(lambda image: self._draw(course, image), some))
                cost += sum(answer for answer in answers if isinstance(answer, int))
                busy = self._settle(course, some, answers, count)
        if due:
            metrics.images_drawn(count["drawn"], count["failed"] - failed_before, cost)
        if busy:
            metrics.unit_waits(LESSON.name, busy)
        if busy and not count["drawn"]:
            self.records.note_images_problem(course["execution"], sentence(busy))
            raise busy
        return count

    def _due(self, course: CourseEvent, batch: Batch, count: ImageCount) -> Iterator[_Wanted]:
        """The images to ask for; those that are settled, and prompts that cannot be read, are counted."""
        paths = CoursePaths(course["owner"], course["course_id"])
        module = batch["module_number"]
        present = {found.key for found in self.store.list(paths.images_of(module))}
        planned = {found.key for found in self.store.list(paths.prompts_of(module))}
        for number in batch["lessons"]:
            key = paths.prompt(module, number)
            if key not in planned:
                continue
            body, metadata = self.store.fetch(key)
            given_up = _failed_in(course["execution"], metadata)
            try:
                images = _wanted(body, key, lesson_id(module, number))
            except (ValueError, KeyError, TypeError) as error:
                self.failed(key, error)
                count["failed"] += 1
                continue
            for image in images:
                image_key = paths.image(image.request.id)
                found = self.store.head(image_key) if image_key in present else None
                if found and found.metadata.get("prompt") == image.digest:
                    count["skipped"] += 1
                elif image.request.id in given_up:
                    count["failed"] += 1
                else:
                    yield image

    def _draw(self, course: CourseEvent, image: _Wanted) -> int | AuroraError:
        """Draw, store and record one image; what it cost, or the fault of the model."""
        paths = CoursePaths(course["owner"], course["course_id"])
        seconds = self.seconds_left() - MARGIN_SECONDS
        request = image.request
        try:
            answer = within_budget(
                self.model.most(request), course, self.records, lambda: self.model.draw(request, seconds)
            )
        except (TryLater, *LASTING) as error:
            self._charge(course, image, cost_of(error))  # it may have been paid for without an image
            return error
        self._charge(course, image, answer.cost)
        self.store.write(paths.image(request.id), answer.png, "image/png", {"prompt": image.digest})
        return answer.cost

    def _charge(self, course: CourseEvent, image: _Wanted, cost: int) -> None:
        if cost:
            self.records.add_cost(course["execution"], image.lesson, Spent(cost=cost))

    def _settle(
        self, course: CourseEvent, images: list[_Wanted], answers: list[int | AuroraError], count: ImageCount
    ) -> AuroraError | None:
        """Count what became of images, and note which must not be asked for again; the fault that will pass, if any."""
        busy: AuroraError | None = None
        paths = CoursePaths(course["owner"], course["course_id"])
        for image, answer in zip(images, answers, strict=True):
            if isinstance(answer, int):
                count["drawn"] += 1
            elif isinstance(answer, TryLater):
                count["remaining"] += 1
                busy = answer
            else:
                count["failed"] += 1
                self.failed(paths.image(image.request.id), answer)
                self.records.note_images_problem(course["execution"], sentence(answer))
                self._give_up(course["execution"], image)
        return busy

    def _give_up(self, execution: str, image: _Wanted) -> None:
        body, metadata = self.store.fetch(image.prompts)
        failed = sorted({*_failed_in(execution, metadata), image.request.id})
        told = {**metadata, "execution": execution, "failed": " ".join(failed)}
        self.store.write(image.prompts, body, "application/json", told)


def _failed_in(execution: str, metadata: Mapping[str, str]) -> list[str]:
    return metadata.get("failed", "").split() if metadata.get("execution") == execution else []


def _wanted(prompts: bytes, key: str, lesson: str) -> list[_Wanted]:
    """The images that a lesson's prompts ask for. Raises ValueError, KeyError or TypeError."""
    planned: dict[str, Any] = json.loads(prompts)
    wanted: list[_Wanted] = []
    for image in planned["images"]:
        if not _IMAGE_ID.fullmatch(image["id"]):
            raise ValueError(f"{image['id']!r} is no id of an image")
        request = ImageRequest(
            image["id"], planned["title"], image["description"], planned["language"], image["prompt"]
        )
        wanted.append(_Wanted(request, key, lesson))
    return wanted
