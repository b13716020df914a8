"""The data that travels between the states of a course's workflow, as far as more than one function knows it.

Keys, names and numbers only: lessons, books and uploads stay in the bucket.
"""

from __future__ import annotations

from typing import Literal, TypedDict

Content = Literal["theory", "labs", "both", "slides"]
"""What an execution makes: lessons and their book, lab guides and their book, both, or slides of what is written."""


class CourseEvent(TypedDict):
    """What every function of an execution is told. `execution` is the execution's name.

    `modules` None means all; `only` names units ("03-02", "lab-03-01") that alone are made, and made again. `language`
    is the one to write in, "" for the outline's own. Word targets are words, `budget` is in millionths of a US dollar
    (0: no limit).
    """

    owner: str
    course_id: str
    execution: str
    outline_key: str
    content: Content
    slides: bool
    modules: list[int] | None
    only: list[str] | None
    force: bool
    language: str
    lesson_model: str
    plan_model: str
    lab_model: str
    image_model: str
    words_per_minute: int
    min_words: int
    max_words: int
    lessons_per_batch: int
    labs_per_batch: int
    max_concurrency: int
    budget: int


class Batch(TypedDict):
    """A run of lessons of one module: `batch_index` from 1, lessons[batch_start_idx:batch_end_idx] of the module.

    `lessons` holds the numbers of those that are concerned: all of the run, unless a request names some.
    """

    module_number: int
    batch_index: int
    total_batches: int
    batch_start_idx: int
    batch_end_idx: int
    lessons: list[int]


class LabBatch(TypedDict):
    """Some labs of one module, by their numbers; `batch_index` from 1."""

    module_number: int
    batch_index: int
    labs: list[int]


class BatchResult(TypedDict):
    """What became of one batch of a Map; `error` is the name of what ended it, None if nothing did."""

    module_number: int
    batch_index: int
    error: str | None


class Count(TypedDict):
    """How many units of a batch stand how, now: not how many this call did. `remaining` is what is still to do."""

    written: int
    skipped: int
    failed: int
    cancelled: int
    remaining: int
