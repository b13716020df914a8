"""Writes the lessons of one batch: which are due, in what time, and what becomes of each.

Knows the store, the records and the model by their interfaces only, and nothing of Lambda.

What makes it safe to call again and again: a lesson is stored first and recorded afterwards, and its object names the
execution that wrote it. A lesson stored by this execution is never written again, one that failed in it is not tried
again. If a call dies while it waits for a model, nothing of that answer remains: the record still says "writing", and
the next call of the same batch, if there is one, asks for that one lesson once more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypedDict

from functions.common.errors import (
    AnswerCut,
    ModelAnswerInvalid,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
    Throttled,
)
from functions.common.events import CourseEvent
from functions.common.models import TextModel
from functions.common.outline import Batch, Lesson, Module, Outline, WordTarget, slug, word_target
from functions.common.records import LessonRecords, LessonStatus, lesson_id
from functions.common.storage import CoursePaths, CourseStore
from functions.common.stored import lesson_keys
from functions.common.tidy import tidy_lesson
from functions.common.words import count_words
from functions.content.prompts import lesson_brief, lesson_request

MARGIN_SECONDS: Final = 15.0
"""Kept back of a call's time for storing and recording a lesson after its model has answered."""
LEAST_SHARE: Final = 0.1
"""An answer with fewer words than this share of the target is no lesson but an excuse."""

_LASTING = (ModelTimeout, ModelRefused, ModelAnswerInvalid, AnswerCut)


class BatchCount(TypedDict):
    """How many lessons of a batch stand how, now: not how many this call did. `remaining` is what is still to do."""

    written: int
    skipped: int
    failed: int
    remaining: int


def batch_lessons(outline: Outline, batch: Batch) -> tuple[Module, tuple[Lesson, ...]]:
    """A batch's module and the lessons of it that are the batch's."""
    module = next(module for module in outline.modules if module.number == batch["module_number"])
    return module, module.lessons[batch["batch_start_idx"] : batch["batch_end_idx"]]


@dataclass(frozen=True)
class LessonWriter:
    """Writes lessons with one model.

    `seconds_left` tells how much of this call's time is left; `lesson_seconds` is what the worst lesson is assumed to
    take until one took longer. `clock` measures that, in seconds.
    """

    store: CourseStore
    records: LessonRecords
    model: TextModel
    target: WordTarget
    lesson_seconds: float
    seconds_left: Callable[[], float]
    clock: Callable[[], float] = time.monotonic

    def write_batch(self, course: CourseEvent, outline: Outline, batch: Batch) -> BatchCount:
        """Write what is due of a batch, as far as the time goes; the first lesson due is always begun.

        Raises Throttled or ModelUnavailable, with the lesson noted as waiting, so that the workflow calls again
        later. Every other fault of the model is that one lesson's: it is noted as failed and the next one begun.
        """
        module, lessons = batch_lessons(outline, batch)
        count: BatchCount = {"written": 0, "skipped": 0, "failed": 0, "remaining": 0}
        due = self._due(course, module, lessons, count)
        worst = self.lesson_seconds
        for begun, (lesson, key) in enumerate(due):
            if begun and self.seconds_left() < worst + MARGIN_SECONDS:
                count["remaining"] = len(due) - begun
                break
            start = self.clock()
            written = self._write(course, outline, module, lesson, key)
            worst = max(worst, self.clock() - start)
            count["written" if written else "failed"] += 1
        return count

    def _due(
        self, course: CourseEvent, module: Module, lessons: tuple[Lesson, ...], count: BatchCount
    ) -> list[tuple[Lesson, str]]:
        """The lessons to write, each with its key; those that are settled are counted, and recorded if they are not."""
        execution = course["execution"]
        paths = CoursePaths(course["owner"], course["course_id"])
        stored = lesson_keys(self.store, paths)
        _, records = self.records.progress(execution)
        recorded = {record.id: record for record in records}
        due: list[tuple[Lesson, str]] = []
        for lesson in lessons:
            id_ = lesson_id(module.number, lesson.number)
            state = recorded[id_].state if id_ in recorded else "waiting"
            key = stored.get(id_)
            found = self.store.head(key) if key else None
            words = int(found.metadata.get("words", 0)) or None if found else None
            if found and found.metadata.get("execution") == execution:
                count["written"] += 1
                if state != "written":  # the call that stored it died before it could say so
                    self.records.set_state(execution, module.number, lesson.number, "written", words=words)
            elif state == "failed":
                count["failed"] += 1
            elif found and not course["force"]:
                count["skipped"] += 1
                if state != "skipped":
                    self.records.set_state(execution, module.number, lesson.number, "skipped", words=words)
            else:
                # A lesson that exists keeps its name though its title may have changed: it is never there twice.
                due.append((lesson, key or paths.lesson(module.number, lesson.number, slug(lesson.title))))
        return due

    def _write(self, course: CourseEvent, outline: Outline, module: Module, lesson: Lesson, key: str) -> bool:
        """Write, store and record one lesson; False if it failed for good."""
        execution = course["execution"]

        def note(state: LessonStatus, reason: str | None = None, words: int | None = None) -> None:
            self.records.set_state(execution, module.number, lesson.number, state, reason=reason, words=words)

        note("writing")
        target = word_target(lesson, module, self.target)
        request = lesson_request(lesson_brief(outline, module, lesson, target))
        try:
            answer = self.model.write(request, self.seconds_left() - MARGIN_SECONDS)
            text = tidy_lesson(answer.text, lesson.title, request.brief.lesson_id)
            words = count_words(text)
            if words < LEAST_SHARE * target:
                raise ModelAnswerInvalid(f"The text model wrote {words} words where {target} were asked for.")
        except (Throttled, ModelUnavailable) as error:
            note("waiting", _sentence(error))
            raise
        except _LASTING as error:
            note("failed", _sentence(error))
            return False
        model = answer.model.encode("ascii", "replace").decode()
        metadata = {"execution": execution, "words": str(words), "target": str(target), "model": model}
        self.store.write(key, text, "text/markdown; charset=utf-8", metadata)
        note("written", words=words)
        return True


def _sentence(error: Exception) -> str:
    """What an error says, ended: more may be said after it."""
    text = str(error)
    return text if text.endswith((".", "!", "?")) else f"{text}."
