"""Functions read their environment in one place, so that what they read is what the program sets."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from aurora.runtime.env import Environment
from aurora.testing.declared import declare, stack_config
from functions.content import settings as content
from functions.course_api import settings as course_api
from functions.labs import settings as labs
from functions.slides import settings as slides
from tests.support.clone import PROJECT

FOLDERS = (PROJECT / "functions", PROJECT / "aurora" / "runtime")
MODULES = sorted(path.relative_to(PROJECT).as_posix() for folder in FOLDERS for path in folder.rglob("*.py"))
# Who may look at the process's environment. AWS_REGION, AWS_ENDPOINT_URL and the like are read by boto3 itself,
# POWERTOOLS_* and LOG_LEVEL by powertools: Lambda, or whoever runs a function, sets those.
MAY_READ = {
    "aurora/runtime/env.py": "where Settings.read is defined",
    "functions/generation/metrics.py": "which function this is, as Lambda itself tells it",
}
SETTINGS = [
    kind
    for module in (content, course_api, labs, slides)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Environment) and kind is not Environment
]
_OF_OS = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}


def readings(source: str) -> list[str]:
    """Where a module looks at the environment by itself, as Python's standard library lets one."""
    return list(_readings(ast.parse(source)))


def _readings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("os", "posix"):
            if node.attr in _OF_OS:
                yield f"line {node.lineno}: {node.value.id}.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and node.module in ("os", "posix"):
            yield from (f"line {node.lineno}: {name.name}" for name in node.names if name.name in _OF_OS)
        elif isinstance(node, ast.Import):
            renamed = (name for name in node.names if name.name in ("os", "posix") and name.asname)
            yield from (f"line {node.lineno}: {name.name} under another name" for name in renamed)


def settings_imported(source: str) -> set[str]:
    """The settings that a module takes from its group, to be read by it: not only to name their type."""
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body.clear()
    return {
        name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(".settings")
        for name in node.names
    }


@pytest.mark.parametrize("module", [module for module in MODULES if module not in MAY_READ])
def test_a_module_reads_no_variable_by_itself(module: str) -> None:
    assert readings((PROJECT / module).read_text()) == []


@pytest.mark.parametrize("module", MAY_READ)
def test_whoever_may_read_the_environment_does(module: str) -> None:
    assert readings((PROJECT / module).read_text())


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.environ['X']",
        "import os\nos.getenv('X')",
        "from os import environ",
        "import os as system\nsystem.environ",
        "import posix\nposix.environ",
    ],
)
def test_every_way_to_read_a_variable_is_found(source: str) -> None:
    assert readings(source)


def test_settings_are_imported_by_handlers_alone() -> None:
    functions = declare("dev", stack_config("dev")).of_type("lambda/function:Function")
    commands = {function.inputs["imageConfig"]["commands"][0] for function in functions}
    handlers = {f"{command.removesuffix('.handler').replace('.', '/')}.py" for command in commands}
    importing = {module for module in MODULES if settings_imported((PROJECT / module).read_text())}
    assert importing == handlers


def looked_at(module: str) -> set[str]:
    """The attributes that a handler's code looks at, in its module and in all that this imports of the functions."""
    seen: set[str] = set()
    waiting, attributes = [module], set[str]()
    while waiting:
        name = waiting.pop()
        path = PROJECT.joinpath(*name.split("."))
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if name in seen or name.endswith(".settings") or not file.is_file():
            continue
        seen.add(name)
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute):
                attributes.add(node.attr)
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("functions", "aurora.runtime")):
                waiting += [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    return attributes


@pytest.mark.parametrize("kind", SETTINGS, ids=lambda kind: kind.__name__)
def test_no_function_has_a_variable_that_its_code_never_looks_at(kind: type[Environment]) -> None:
    function = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__.removesuffix("Settings")).lower()
    module = f"{kind.__module__.rpartition('.')[0]}.{function}"
    assert {name.lower() for name in kind.names()} - looked_at(module) == set()


def test_a_variable_that_no_code_looks_at_would_be_found() -> None:
    assert "images_per_call" in looked_at("functions.slides.images_gen")
    assert "images_per_call" not in looked_at("functions.content.visual_planner")
