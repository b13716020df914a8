"""An option of a run is one field: everything else that has to do with options follows from it."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from pydantic.alias_generators import to_camel
from typer.models import OptionInfo

from client.course import course, option_name
from functions.course_api.requests import FIELDS
from functions.courses.events import CourseEvent
from functions.courses.options import OPTIONS, REQUEST_OPTIONS, SETTINGS, RunOptions, defaults, field_name, stored
from functions.courses.rules import Number, Setting
from infra.courses import RunSettings
from tests.support.clone import PROJECT, clone_into

STACK = {name: setting.default for name, setting, _ in SETTINGS}
TYPED = {name: option for name, option in REQUEST_OPTIONS.items() if option.help}
ADDED = "tone"
FIELD = f"""
    {ADDED}: Annotated[
        str, Text(what="a tone", longest=9, help="Like whom to write.", setting=Setting("plain", "how texts sound"))
    ]
"""
# What a project in which the field was added says of it: API body, defaults, event, record, settings and command line.
PROGRAM = f"""
import json
from typing import get_type_hints
from aurora.runtime.errors import BadRequest
from client.course import course
from functions.course_api.requests import run_options
from functions.courses.events import CourseEvent
from functions.courses.options import SETTINGS, defaults, stored
stack = {{name: setting.default for name, setting, _ in SETTINGS}}
def asked(body):
    try:
        return run_options(body, defaults(stack), {{}})[{ADDED!r}]
    except BadRequest as error:
        return str(error)
print(json.dumps([
    asked({{}}),
    asked({{{ADDED!r}: "warm"}}),
    asked({{{ADDED!r}: "much too long"}}),
    {ADDED!r} in get_type_hints(CourseEvent),
    stored({{}})[{ADDED!r}],
    {ADDED!r} in course.__signature__.parameters,
]))
"""


def typed_as(name: str) -> OptionInfo:
    """How the command line has an option."""
    annotation = inspect.signature(course).parameters[name].annotation
    return get_args(annotation)[1]


def test_a_field_that_is_added_is_an_option_everywhere(tmp_path: Path) -> None:
    project = clone_into(tmp_path / "project")
    module = project / "functions" / "courses" / "options.py"
    before, last_field, after = module.read_text().partition("    max_concurrency: Annotated[")
    module.write_text(before + FIELD.lstrip("\n") + last_field + after)
    ran = subprocess.run([sys.executable, "-c", PROGRAM], cwd=project, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == ["plain", "warm", "tone must be a tone: at most 9 characters.", True, "", True]


def test_the_event_of_the_workflow_has_every_option() -> None:
    hints = get_type_hints(CourseEvent)
    assert get_type_hints(RunOptions).items() <= hints.items()


def test_a_request_may_say_every_option() -> None:
    assert set(FIELDS) == {"uploadId", *map(field_name, REQUEST_OPTIONS)}


def test_the_defaults_of_a_stack_decide_every_option() -> None:
    assert stored(defaults(STACK)) == defaults(STACK)
    assert defaults(STACK).keys() == OPTIONS.keys()


@pytest.mark.parametrize(("name", "option"), TYPED.items())
def test_an_option_can_be_typed_within_its_bounds(name: str, option: Any) -> None:
    declared = typed_as(name)
    assert declared.default == option_name(name)
    assert (declared.help, declared.rich_help_panel) == (option.help, option.panel or None)
    bounds = (option.minimum, option.maximum) if isinstance(option, Number) else (None, None)
    assert (declared.min, declared.max) == bounds


def test_what_is_typed_of_a_run_is_an_option_of_it() -> None:
    assert inspect.signature(course).parameters.keys() - {"outline", "out", "cancel", "stack"} == TYPED.keys()


@pytest.mark.parametrize(("name", "setting", "option"), SETTINGS)
def test_a_stack_may_set_an_option_within_its_bounds(name: str, setting: Setting, option: Any) -> None:
    field = RunSettings.model_fields[name]
    assert (field.get_default(), field.description) == (setting.default, setting.description)
    said = {type(bound).__name__: bound for bound in field.metadata}
    if isinstance(option, Number):
        assert (said["Ge"].ge, said["Le"].le) == (option.minimum, option.maximum)


@pytest.mark.parametrize("name", OPTIONS)
def test_the_page_has_a_control_for_every_option(name: str) -> None:
    sources = "".join(path.read_text() for path in (PROJECT / "site").rglob("*.js"))
    assert re.search(rf"\b{field_name(name)}\b", sources)


def test_names_are_those_that_settings_and_requests_use() -> None:
    assert [field_name(name) for name in OPTIONS] == [to_camel(name) for name in OPTIONS]
