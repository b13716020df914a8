"""How long the API functions' handlers take to import, as a ratio to `import boto3` in the same run.

    .venv/bin/python -m benchmarks.imports

Each import is timed in a process of its own; the two are measured in turns, so that a busy machine slows both.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]
HANDLERS = ("functions.course_api.starter_api", "functions.course_api.courses_api")
RUNS = 15
_TIMED = "import time; t = time.perf_counter(); import {0}; print(time.perf_counter() - t)"


def seconds_to_import(module: str) -> float:
    """Seconds that a fresh Python takes for `import module`, without its own start."""
    command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(PROJECT)!r}); {_TIMED.format(module)}"]
    return float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def main() -> None:
    modules = ("boto3", *HANDLERS)
    for module in modules:
        seconds_to_import(module)  # writes the bytecode, as an image has it
    seconds = {module: [0.0] * RUNS for module in modules}
    for run in range(RUNS):
        for module in modules:
            seconds[module][run] = seconds_to_import(module)
    base = statistics.median(seconds["boto3"])
    print(f"{'import':<32} {'median':>8} {'min':>8} {'ratio':>7}")
    for module in modules:
        median = statistics.median(seconds[module])
        print(f"{module:<32} {median:>7.3f}s {min(seconds[module]):>7.3f}s {median / base:>6.2f}x")


if __name__ == "__main__":
    main()
