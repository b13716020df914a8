"""How soon a local platform is ready, and how soon an edit of a function answers with the new code.

    .venv/bin/python -m benchmarks.local

The edit is made in a copy of the project, by appending a line to a group's module; the time runs from the save to the
first answer that the new version gave.
"""

from __future__ import annotations

import json
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from aurora.local.platform import LocalPlatform

PROJECT = Path(__file__).parents[1]
RUNS = 5
EDITS = 5


def seconds_to_ready() -> float:
    """Seconds from starting ``run.py local`` to its line of JSON."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "run.py", "local", "--json"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as output:
        json.loads(output.readline())
        seconds = time.perf_counter() - began
        process.send_signal(signal.SIGINT)
        process.wait()
    return seconds


def seconds_to_new_code() -> list[float]:
    """For each edit, seconds from the save to the first answer of the new code."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".aurora"))
        (copy / ".aurora").mkdir()
        (copy / ".aurora" / "emulator").symlink_to(PROJECT / ".aurora" / "emulator")
        module = copy / "functions" / "slides" / "images_gen.py"
        original = module.read_text()
        with LocalPlatform(project=copy) as platform:
            functions = platform.client("lambda")

            def answer() -> object:
                called = functions.invoke(FunctionName="aurora-local-images-gen", Qualifier="live", Payload=b"{}")
                return json.loads(called["Payload"].read())

            answer()
            seconds: list[float] = []
            for edit in range(1, EDITS + 1):
                began = time.perf_counter()
                module.write_text(f"{original}\n\ndef handler(event, context):\n    return {edit}\n")
                while answer() != edit:
                    time.sleep(0.005)
                seconds.append(time.perf_counter() - began)
    return seconds


def main() -> None:
    seconds_to_ready()  # bytecode of everything
    ready = [seconds_to_ready() for _ in range(RUNS)]
    edits = seconds_to_new_code()
    print(f"{'':<34} {'median':>8} {'min':>8} {'max':>8}")
    for label, seconds in (("run.py local, ready", ready), ("edit, answered by the new code", edits)):
        print(f"{label:<34} {statistics.median(seconds):>7.2f}s {min(seconds):>7.2f}s {max(seconds):>7.2f}s")


if __name__ == "__main__":
    main()
