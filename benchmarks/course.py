"""A course of 42 lessons from outline to book, and how well its Map uses the batches that may run at a time.

    .venv/bin/python -m benchmarks.course

First the whole command with the sample model. Then the Map with a model that takes two seconds a lesson: its time
over the shortest that its own states' work allows when batches are started in order (list scheduling), images apart.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from aurora.local.platform import LocalPlatform
from benchmarks.outlines import outline
from client.api import CoursesApi
from client.session import Session

PROJECT = Path(__file__).parents[1]
SECONDS_PER_LESSON = 2.0
CONCURRENCIES = (2, 4)
_REPORT = re.compile(r"^REPORT .*\tDuration: ([\d.]+) ms")


@dataclass(frozen=True)
class Call:
    """One call of a function: when it began and ended, in epoch seconds, its cold start included."""

    begun: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.begun


@dataclass(frozen=True)
class MapRun:
    """One run of the Map: its seconds, and each batch's own work in seconds, in order."""

    seconds: float
    batches: tuple[float, ...]
    images: float
    book: float


def whole_command(outline_file: Path, folder: Path) -> float:
    """Seconds of ``run.py course``, from nothing running to the book in a folder."""
    began = time.perf_counter()
    command = [sys.executable, "run.py", "course", str(outline_file), "--out", str(folder)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    return time.perf_counter() - began


def list_schedule(batches: Sequence[float], slots: int) -> float:
    """Seconds until all batches have ended, each started in order as soon as one of ``slots`` is free."""
    free = [0.0] * slots
    for seconds in batches:
        free.sort()
        free[0] += seconds
    return max(free)


def run_map(concurrency: int) -> MapRun:
    """Runs the course with a slow model and reads from the platform's own logs what each state took."""
    config = {
        "aurora:maxConcurrency": str(concurrency),
        "aurora:sampleSecondsPerLesson": str(SECONDS_PER_LESSON),
    }
    with LocalPlatform(announce=False, watch=False, stack_config=config) as platform, httpx.Client(timeout=60) as http:
        session = Session(http, platform.endpoint, platform.client_id, choose_password=str)
        session.sign_in(platform.email, platform.password)
        api = CoursesApi(http, platform.api, session, patience=5)
        upload = api.upload("outline.yaml")
        api.send(upload, "outline.yaml", outline())
        started = api.start(upload, {})
        while (execution := api.execution(started.execution_id)).running:
            time.sleep(2)
        assert execution.outcome == "complete", execution.error
        entered, exited = _map_times(platform, started.execution_id)
        drawn = _calls(platform, "images-gen")
        batches = _batches(_calls(platform, "content-gen"), _calls(platform, "visual-planner"), drawn)
        book = sum(call.seconds for call in _calls(platform, "book-builder"))
    return MapRun(exited - entered, tuple(batches), sum(call.seconds for call in drawn), book)


def _map_times(platform: LocalPlatform, execution: str) -> tuple[float, float]:
    arn = str(platform.exports["stateMachines"]["courses"]).replace(":stateMachine:", ":execution:") + f":{execution}"
    pages = platform.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=arn)
    times = {event["type"]: event["timestamp"].timestamp() for page in pages for event in page["events"]}
    return times["MapStateEntered"], times["MapStateExited"]


def _calls(platform: LocalPlatform, function: str) -> list[Call]:
    """Every call of a function, in the order in which they began."""
    logs = platform.client("logs")
    group = f"/aws/lambda/aurora-local-{function}"
    calls: list[Call] = []
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
        for event in page["events"]:
            if reported := _REPORT.match(event["message"]):
                ended = event["timestamp"] / 1000
                calls.append(Call(ended - float(reported[1]) / 1000, ended))
    return sorted(calls, key=lambda call: call.begun)


def _batches(*states: list[Call]) -> list[float]:
    """Each batch's own work. The Map starts batches in order; each next state begins when the one before it ends."""
    chains: list[list[Call]] = [[first] for first in states[0]]
    for calls in states[1:]:
        waiting = list(chains)
        for call in calls:
            chain = min(waiting, key=lambda chain: abs(call.begun - chain[-1].ended))
            waiting.remove(chain)
            chain.append(call)
    return [sum(call.seconds for call in chain) for chain in chains]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "outline.yaml"
        file.write_bytes(outline())
        whole_command(file, Path(folder) / "first")  # bytecode of everything
        seconds = whole_command(file, Path(folder) / "second")
    print(f"run.py course, 42 lessons, sample model: {seconds:.1f} s end to end")
    for concurrency in CONCURRENCIES:
        run = run_map(concurrency)
        ideal = list_schedule(run.batches, concurrency)
        lessons = SECONDS_PER_LESSON * 42 / concurrency
        overhead = (sum(run.batches) - run.images - SECONDS_PER_LESSON * 42) / len(run.batches)
        print(
            f"Map, {len(run.batches)} batches, {concurrency} at a time, {SECONDS_PER_LESSON:g} s a lesson: "
            f"{run.seconds:.1f} s, {run.seconds / ideal:.3f}x the list schedule of its states' work ({ideal:.1f} s; "
            f"the model alone: {lessons:.1f} s)\n"
            f"  a batch beyond its lessons' model time, without images: {overhead:.2f} s; images {run.images:.1f} s in "
            f"all; book {run.book:.1f} s"
        )


if __name__ == "__main__":
    main()
