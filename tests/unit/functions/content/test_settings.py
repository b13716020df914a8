from __future__ import annotations

import subprocess
import sys

import pytest

from aurora.runtime.env import Environment
from aurora.runtime.errors import ConfigurationError
from functions.content import settings

ALL = [kind for kind in vars(settings).values() if isinstance(kind, type) and issubclass(kind, Environment)]


@pytest.mark.parametrize("kind", [kind for kind in ALL if kind is not Environment], ids=lambda kind: kind.__name__)
def test_every_setting_reads_from_its_variable(kind: type[Environment]) -> None:
    read = kind.read(dict.fromkeys(kind.names(), "7"))
    assert {str(value) for value in vars(read).values()} <= {"7", "7.0"}


def test_the_language_of_a_stack_alone_may_be_left_empty() -> None:
    variables = dict.fromkeys(settings.StarterApiSettings.names(), "1")
    assert settings.StarterApiSettings.read({**variables, "LANGUAGE": ""}).language == ""
    with pytest.raises(ConfigurationError, match="TEXT_MODELS"):
        settings.StarterApiSettings.read({**variables, "TEXT_MODELS": ""})


@pytest.mark.parametrize(
    "module", ["functions.content.settings", "functions.labs.settings", "functions.slides.settings"]
)
def test_settings_import_the_standard_library_alone(module: str) -> None:
    program = (
        f"import sys, {module}\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "print(*sorted(names - sys.stdlib_module_names - {'aurora', 'functions', '__main__'}))"
    )
    run = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
