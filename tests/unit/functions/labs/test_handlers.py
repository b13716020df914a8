"""The handlers as Lambda calls them, one after the other, with the sample model."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from aurora.runtime.env import Environment
from aurora.runtime.errors import ConfigurationError
from aurora.testing.http_api import Context
from functions.labs import lab_batch_expander, lab_book_builder, lab_planner, lab_writer, settings
from functions.outline.units import LAB
from tests.support.courses import PATHS
from tests.support.fake_openai import FakeOpenAI
from tests.unit.functions.labs.conftest import Workshop

MODULES = (lab_planner, lab_batch_expander, lab_writer, lab_book_builder)
SETTINGS = [kind for name, kind in vars(settings).items() if name.endswith("Settings")]


class TimedContext(Context):
    """The context of a call that has all of Lambda's time before it."""

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


@pytest.fixture
def environment(workshop: Workshop, progress_table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {
        "BUCKET": workshop.store.bucket,
        "PROGRESS_TABLE": progress_table,
        "MODELS": "{}",
        "SAMPLE_SECONDS": "0",
        "BATCH_SECONDS": "450",
        "UNIT_SECONDS": "240",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for module in MODULES:
        module._settings.cache_clear()


@pytest.mark.usefixtures("environment")
def test_the_functions_of_the_group_make_a_lab_book_between_them(workshop: Workshop) -> None:
    event: dict[str, Any] = {"course": workshop.begin()}
    context = TimedContext()
    assert lab_planner.handler(event, context) == {
        "written": 2,
        "skipped": 0,
        "failed": 0,
        "cancelled": 0,
        "remaining": 0,
    }
    expanded = lab_batch_expander.handler(event, context)
    assert expanded["labs"] == 4
    for batch in expanded["batches"]:
        assert lab_writer.handler({**event, "batch": batch}, context)["written"] == len(batch["labs"])
    results = [{"module_number": 1, "batch_index": 1, "error": None}]
    assert lab_book_builder.handler({**event, "batches": results}, context) == {"missing": 0, "labs": 4}
    assert workshop.store.read(PATHS.lab_book("pdf")).startswith(b"%PDF")


@pytest.mark.usefixtures("environment")
def test_plans_and_guides_come_from_a_model_behind_its_protocol(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeOpenAI() as fake:
        spec = {"provider": "openai", "kind": "text", "id": "fake-1", "baseUrl": fake.url}
        monkeypatch.setenv("MODELS", json.dumps({"openai": spec}))
        event: dict[str, Any] = {"course": workshop.begin(only=["lab-02-01"], plan_model="openai", lab_model="openai")}
        lab_planner.handler(event, TimedContext())
        lab_writer.handler({**event, "batch": {"module_number": 2, "batch_index": 1, "labs": [1]}}, TimedContext())
    assert [asked.lesson for asked in fake.asked] == ["", "Water a bed"]
    planned = json.loads(workshop.store.read(PATHS.lab_plan(2)))
    assert (planned["source"], planned["labs"][0]["minutes"]) == ("model", 30)
    guide = workshop.store.read_text(PATHS.unit(LAB, 2, 1, "water-a-bed"))
    assert "print('[VISUAL: not a tag]')" in guide
    assert guide.count("VISUAL") == 1


@pytest.mark.usefixtures("environment")
def test_a_model_that_is_not_set_up_is_an_error_of_the_configuration(workshop: Workshop) -> None:
    event = {"course": workshop.begin(plan_model="nobody")}
    with pytest.raises(ConfigurationError, match="nobody"):
        lab_planner.handler(event, TimedContext())


@pytest.mark.parametrize("kind", SETTINGS, ids=lambda kind: kind.__name__)
def test_every_setting_reads_from_its_variable(kind: type[Environment]) -> None:
    read = kind.read(dict.fromkeys(kind.names(), "7"))
    assert {str(value) for value in vars(read).values()} <= {"7", "7.0"}


def test_settings_import_the_standard_library_alone() -> None:
    program = (
        "import sys, functions.labs.settings\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "print(*sorted(names - sys.stdlib_module_names - {'aurora', 'functions', '__main__'}))"
    )
    run = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
