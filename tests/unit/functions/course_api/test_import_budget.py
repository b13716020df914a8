"""API functions start fast because of what they do not import; how fast is for the benchmark to measure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[4]
ALLOWED = {
    *("boto3", "botocore", "jmespath", "s3transfer", "dateutil", "six", "urllib3", "certifi"),
    *("aws_lambda_powertools", "typing_extensions", "aurora", "functions"),
}


@pytest.mark.parametrize("function", ["starter_api", "courses_api"])
def test_an_api_function_imports_boto3_and_powertools_and_nothing_else(function: str) -> None:
    program = (
        f"import sys; before = set(sys.modules); import functions.course_api.{function}\n"
        "names = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(name for name in names - sys.stdlib_module_names if not name.startswith('_')))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=PROJECT)
    imported = set(run.stdout.split())
    assert imported <= ALLOWED
    assert "functions" in imported
