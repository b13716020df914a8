from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from aurora.runtime.env import Environment
from tests.support.clone import PROJECT

MODULES = sorted(f"functions.{path.parent.name}.settings" for path in PROJECT.glob("functions/*/settings.py"))
ALL = [
    kind
    for module in MODULES
    for kind in vars(importlib.import_module(module)).values()
    if isinstance(kind, type) and issubclass(kind, Environment) and kind is not Environment
]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_setting_reads_from_its_variable(kind: type[Environment]) -> None:
    read = kind.read(dict.fromkeys(kind.names(), "7"))
    assert {str(value) for value in vars(read).values()} <= {"7", "7.0"}


@pytest.mark.parametrize("module", [*MODULES, "functions.courses.options"])
def test_what_the_program_that_deploys_reads_imports_the_standard_library_alone(module: str) -> None:
    program = (
        f"import sys, {module}\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "print(*sorted(names - sys.stdlib_module_names - {'aurora', 'functions', '__main__'}))"
    )
    run = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
