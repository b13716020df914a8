"""Makes the images that a batch's prompts ask for, a bounded number a call.

An image is drawn again only if its prompt has changed: its object carries the digest of the prompt it was drawn from.
One that failed is not asked for again in the same execution, it might be paid for each time: its lesson's prompts
carry, as metadata, which images failed in which execution.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, Final

from aurora.runtime.errors import TryLater
from aurora.runtime.logging import current_logger
from aurora.runtime.objects import ObjectStore
from functions.courses.events import CourseEvent, job_of
from functions.courses.paths import CoursePaths
from functions.courses.progress import CourseProgress
from functions.generation import metrics
from functions.generation.budget import Budget, spent_in_vain
from functions.generation.loop import Loop, State
from functions.generation.units import LASTING
from functions.models import ImageModel, ImageRequest
from functions.outline.batches import Batch
from functions.outline.units import LESSON, lesson_id
from functions.progress.counts import Count
from functions.progress.jobs import Job
from functions.progress.records import Spent
from functions.text.visuals import prompt_digest
from functions.text.words import sentence

AT_ONCE: Final = 4
"""How many images are asked for at the same time: models are waited for, and so is the store."""

_IMAGE_ID = re.compile(r"\d{2,3}-\d{2,3}-\d{4}")


@dataclass(frozen=True)
class Drawer:
    """Draws with one model, at most `images_per_call` in a call; the times mean what they mean in `Loop`."""

    store: ObjectStore
    records: CourseProgress
    model: ImageModel
    images_per_call: int
    seconds_left: Callable[[], float]
    worst_seconds: float
    giving_up: Lock = field(default_factory=Lock)

    def draw_batch(self, course: CourseEvent, batch: Batch) -> Count:
        """Draw the images of a batch, as far as the time goes. Raises as `Loop.run`, with the reason recorded."""
        images, unreadable = self._images(course, batch)
        is_cancelled = partial(self.records.is_cancelled, course["execution"])
        loop = Loop(is_cancelled, self.seconds_left, self.worst_seconds, AT_ONCE, self.images_per_call, keep_going=True)
        try:
            count = loop.run(images)
        except TryLater as error:
            self.records.note_images_problem(course["execution"], sentence(str(error)))
            raise
        finally:
            _write_metrics(images)
        return {**count, "failed": count["failed"] + unreadable}

    def _images(self, course: CourseEvent, batch: Batch) -> tuple[list[_Image], int]:
        """The images that the batch's prompts ask for, and how many prompts cannot be read."""
        paths = CoursePaths(course["owner"], course["course_id"])
        module = batch["module_number"]
        present = {found.key for found in self.store.list(paths.images_of(module))}
        planned = {found.key for found in self.store.list(paths.prompts_of(module))}
        job = job_of(course)
        images: list[_Image] = []
        unreadable = 0
        for number in batch["lessons"]:
            prompts = paths.prompt(module, number)
            if prompts not in planned:
                continue
            body, metadata = self.store.fetch(prompts)
            given_up = _failed_in(course["execution"], metadata)
            try:
                for request in list(_requests(body)):
                    key = paths.image(request.id)
                    found = self.store.head(key) if key in present else None
                    known: State | None = "failed" if request.id in given_up else None
                    if found and found.metadata.get("prompt") == prompt_digest(request.prompt):
                        known = "skipped"
                    images.append(_Image(self, job, request, key, prompts, lesson_id(module, number), known))
            except (ValueError, KeyError, TypeError) as error:
                _log_failure(prompts, error)
                unreadable += 1
        return images, unreadable


@dataclass
class _Image:
    """An image as the loop makes it, that lies or will lie at `key`; `prompts` is the key of its lesson's prompts.

    `known` is its state before this call, `end` how it ended in it (the error if it is to be drawn later), `cost` what
    it cost in it.
    """

    drawer: Drawer
    job: Job
    request: ImageRequest
    key: str
    prompts: str
    lesson: str
    known: State | None
    cost: int = 0
    end: State | TryLater | None = None

    @property
    def id(self) -> str:
        """The lesson's: an image is no unit of its own."""
        return self.lesson

    def state(self) -> State | None:
        return self.known

    def claim(self, seconds: float) -> bool:  # noqa: ARG002
        """One call at a time draws the images of a batch."""
        return True

    def make(self, seconds: float) -> State:
        drawer, request = self.drawer, self.request
        try:
            answer = Budget(self.job, drawer.records).spend(
                drawer.model.max_cost(request), lambda: drawer.model.draw(request, seconds)
            )
        except TryLater as error:
            self.end = error
            raise
        except LASTING as error:
            self._charge(spent_in_vain(error).cost)
            self._give_up(error)
            self.end = "failed"
        else:
            self._charge(answer.cost)
            drawer.store.write(self.key, answer.png, "image/png", {"prompt": prompt_digest(request.prompt)})
            self.end = "written"
        return self.end

    def cancel(self) -> None:
        """An image has no record that could say so."""

    def _charge(self, cost: int) -> None:
        self.cost = cost
        if cost:
            self.drawer.records.add_cost(self.job.execution, self.lesson, Spent(cost=cost))

    def _give_up(self, error: Exception) -> None:
        """Note that the image is not to be asked for again in this execution, and why."""
        _log_failure(self.key, error)
        self.drawer.records.note_images_problem(self.job.execution, sentence(str(error)))
        with self.drawer.giving_up:
            body, metadata = self.drawer.store.fetch(self.prompts)
            failed = sorted({*_failed_in(self.job.execution, metadata), self.request.id})
            noted = {**metadata, "execution": self.job.execution, "failed": " ".join(failed)}
            self.drawer.store.write(self.prompts, body, "application/json", noted)


def _write_metrics(images: Sequence[_Image]) -> None:
    ends = [image.end for image in images if image.end]
    if ends:
        metrics.images_drawn(ends.count("written"), ends.count("failed"), sum(image.cost for image in images))
    if waiting := next((end for end in ends if isinstance(end, TryLater)), None):
        metrics.unit_waits(LESSON.name, waiting)


def _log_failure(key: str, error: Exception) -> None:
    current_logger().error("key=<%s>, error=<%r> | image not drawn", key, error)


def _failed_in(execution: str, metadata: Mapping[str, str]) -> list[str]:
    return metadata.get("failed", "").split() if metadata.get("execution") == execution else []


def _requests(prompts: bytes) -> Iterator[ImageRequest]:
    """The images that a lesson's prompts ask for. Raises ValueError, KeyError or TypeError."""
    planned: dict[str, Any] = json.loads(prompts)
    for image in planned["images"]:
        if not _IMAGE_ID.fullmatch(image["id"]):
            raise ValueError(f"{image['id']!r} is no id of an image")
        yield ImageRequest(image["id"], planned["title"], image["description"], planned["language"], image["prompt"])
