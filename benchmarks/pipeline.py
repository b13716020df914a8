"""The whole pipeline with the sample model: lessons, labs, images, books and slides, and how its time grows.

    .venv/bin/python -m benchmarks.pipeline

First the largest course, everything of it; then the same again with nothing to do. Then courses of 7 and of 70
modules, lessons and labs: the time of a module in the larger one over that in the smaller. At last one module and a
hundred, of one lesson and lab each: the events in the history of the workflow, of which AWS keeps 25,000, and of the
longest of its child executions.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import httpx

from aurora.local.platform import LocalPlatform
from benchmarks.outlines import LARGEST, outline
from client.api import CoursesApi, Execution, Upload
from client.session import Session
from tests.support.somebody import histories_of_children, history

FEW, MANY = 7, 70
HUNDRED = 100
LESSONS_A_MODULE = 3


class Author:
    """The local author of a platform."""

    def __init__(self, platform: LocalPlatform, http: httpx.Client) -> None:
        self._platform = platform
        session = Session(http, platform.endpoint, platform.client_id, choose_password=str)
        session.sign_in(platform.email, platform.password)
        self._api = CoursesApi(http, platform.api, session, patience=5)

    def upload(self, lessons: Sequence[int]) -> Upload:
        upload = self._api.upload("outline.yaml")
        self._api.send(upload, "outline.yaml", outline(lessons))
        return upload

    def seconds(self, upload: Upload, *, slides: bool) -> tuple[float, Execution]:
        """How long an execution of everything takes, and how it ended."""
        began = time.perf_counter()
        started = self._api.start(upload, {"content": "both", "slides": slides})
        while (execution := self._api.execution(started.execution_id)).running:
            time.sleep(0.2)
        assert execution.outcome == "complete", (execution.outcome, execution.problems, execution.error)
        return time.perf_counter() - began, execution

    def events(self, modules: int) -> tuple[int, int, int]:
        """How many events the history of a course of so many modules has, how many child executions, and their most."""
        upload = self.upload((1,) * modules)
        self.seconds(upload, slides=False)
        execution_id = f"{upload.course_id}-1"
        children = histories_of_children(self._platform, execution_id)
        return len(history(self._platform, execution_id)), len(children), max(map(len, children))


def main() -> None:
    with LocalPlatform(announce=False, watch=False) as platform, httpx.Client(timeout=60, trust_env=False) as http:
        author = Author(platform, http)
        author.seconds(author.upload((1,)), slides=True)  # bytecode, and a worker of each function
        largest = author.upload(LARGEST)
        seconds, execution = author.seconds(largest, slides=True)
        kinds = {kind: len(execution.of_kind(kind)) for kind in ("lesson", "lab", "slides")}
        print(
            f"{kinds['lesson']} lessons with {4 * kinds['lesson']} images, {kinds['lab']} labs, {kinds['slides']} "
            f"decks, all books: {seconds:.1f} s"
        )
        again, execution = author.seconds(largest, slides=True)
        assert {unit.state for unit in execution.units} == {"skipped"}
        print(f"the same with nothing to do: {again:.1f} s, {again / seconds:.2f}x")
        few, _ = author.seconds(author.upload((LESSONS_A_MODULE,) * FEW), slides=False)
        many, _ = author.seconds(author.upload((LESSONS_A_MODULE,) * MANY), slides=False)
        print(
            f"{FEW} modules of {LESSONS_A_MODULE} lessons and labs: {few:.1f} s; {MANY}: {many:.1f} s; a module of the "
            f"larger course takes {many / MANY / (few / FEW):.2f}x as long"
        )
        for modules in (1, HUNDRED):
            parent, children, longest = author.events(modules)
            print(f"{modules} modules: {parent} events, {children} child executions of at most {longest} events")


if __name__ == "__main__":
    main()
