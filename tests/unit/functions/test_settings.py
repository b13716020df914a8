from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from aurora.runtime.env import Environment
from aurora.runtime.errors import ConfigurationError
from functions.course_api.settings import StarterApiSettings
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


def test_the_language_of_a_stack_alone_may_be_left_empty() -> None:
    variables = dict.fromkeys(StarterApiSettings.names(), "1")
    assert StarterApiSettings.read({**variables, "LANGUAGE": ""}).language == ""
    with pytest.raises(ConfigurationError, match="TEXT_MODELS"):
        StarterApiSettings.read({**variables, "TEXT_MODELS": ""})


@pytest.mark.parametrize("module", MODULES)
def test_settings_import_the_standard_library_alone(module: str) -> None:
    program = (
        f"import sys, {module}\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "print(*sorted(names - sys.stdlib_module_names - {'aurora', 'functions', '__main__'}))"
    )
    run = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
