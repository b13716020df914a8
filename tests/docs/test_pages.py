"""The pages agree with the code and with each other."""

from __future__ import annotations

import re

import yaml

from aurora.ops import machine, readiness
from aurora.settings import EngineSettings
from aurora.stack.pulumi_stack import PulumiStack
from aurora.testing.declared import declare, stack_config
from functions.outline.parse import parse
from infra import SYSTEMS
from tests.docs.documents import PROJECT, anchors, links


def test_every_link_leads_somewhere() -> None:
    broken = []
    for page, target in links():
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        if not linked.exists() or (anchor and anchor not in anchors(linked)):
            broken.append(f"{page.name}: {target}")
    assert broken == []


def test_the_page_of_settings_lists_every_setting_with_its_default() -> None:
    page = (PROJECT / "docs/guide/settings.md").read_text()
    rows = dict(re.findall(r"^\| `aurora:(\w+)` \| (?:`([^`]*)`)? ?\|", page, re.MULTILINE))
    secrets = {key for system in SYSTEMS for key in system.secrets}
    assert {rows.pop(key) for key in secrets} == {""}
    models = {EngineSettings, *(kind for system in SYSTEMS for kind in system.settings)}
    fields = [field for kind in models for field in kind.model_fields.values()]
    defaults = {
        str(field.alias): yaml.safe_load(rows[str(field.alias)]) if rows[str(field.alias)] else "" for field in fields
    }
    assert len(rows) == len(fields)
    known = {str(field.alias): field.get_default(call_default_factory=True) for field in fields}
    assert defaults == {alias: list(value) if isinstance(value, tuple) else value for alias, value in known.items()}


def test_the_page_of_settings_tells_how_the_environments_differ() -> None:
    page = (PROJECT / "docs/guide/settings.md").read_text()
    for label, key, default in (
        ("batches at a time", "maxConcurrency", "2"),
        ("logs are kept", "logRetentionDays", "14"),
    ):
        (row,) = re.findall(rf"^\| {label} \|(.*)\|$", page, re.MULTILINE)
        shown = [re.sub(r"\D", "", cell) for cell in row.split("|")]
        configs = [
            yaml.safe_load((PROJECT / f"Pulumi.{stage}.yaml").read_text()) for stage in ("dev", "staging", "prod")
        ]
        assert shown == [config["config"].get(f"aurora:{key}", default) for config in configs]


def test_the_smallest_outline_of_the_guide_is_accepted() -> None:
    page = (PROJECT / "docs/guide/courses.md").read_text()
    (smallest,) = re.findall(r"The smallest one:\n\n```yaml\n(.*?)```", page, re.DOTALL)
    assert parse(smallest).modules[0].lessons[0].title == "The only lesson"


def test_every_example_outline_is_accepted() -> None:
    examples = list((PROJECT / "examples").glob("*.yaml"))
    assert examples
    for example in examples:
        assert parse(example.read_text()).modules


def test_every_alarm_has_a_line_in_the_runbook() -> None:
    runbook = (PROJECT / "docs/runbook.md").read_text()
    alarms = declare("prod", stack_config("prod")).of_type(":MetricAlarm")
    names = {str(alarm.inputs["name"]).removeprefix("aurora-prod-") for alarm in alarms}
    shown = {re.sub(r"^.*(-errors|-children-failed)$", r"...\1", name) for name in names}
    shown.add("...-dead-letters")  # of a system's queues
    assert set(re.findall(r"^\| an alarm `([^`]+)`", runbook, re.MULTILINE)) == shown


def test_the_page_of_commands_lists_every_check_of_the_doctor() -> None:
    page = (PROJECT / "docs/guide/commands.md").read_text()
    table = page[page.index("| check |") :].partition("\n\n")[0].splitlines()[2:]
    listed = [name for row in table for name in row.split("|")[1].strip().split(", ")]
    checks = [*machine.checks(), *readiness.checks(PulumiStack("dev"), {})]
    assert listed == [check.name for check in checks]
