"""The reader of imports over generated projects, held against the way in which each of them was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from aurora.imports import GroupCode, read_code

NAMES = "abcd"
PACKAGES = {f"functions/{room}": f"functions.{room}" for room in ("content", "text", "book", "outline")} | {
    "aurora/runtime": "aurora.runtime"
}
MODULES = [f"{folder}/{name}.py" for folder in PACKAGES for name in NAMES]
ALWAYS = {"aurora/__init__.py": b"", "functions/__init__.py": b""}

# Ways in which a module at one path imports the module of another, as it is called from there.
FORMS = (
    "import {module}",
    "import json, {module} as m",
    "from {package} import {name}",
    "from {package} import (\n    {name} as n,\n)",
    "from {module} import *",
    "from {relative} import {name}",
    "def lazy():\n    from {package} import {name}",
    "try:\n    import {module}\nexcept ValueError:\n    pass",
    "if TYPE_CHECKING:\n    import json\nelse:\n    import {module}",
    "import importlib\nimportlib.import_module('{module}')",
)
# Ways that import nothing.
SILENT = ("# import {module}", "'import {module}'", "if TYPE_CHECKING:\n    import {module}", "m = '{module}'")


@dataclass(frozen=True)
class Made:
    """A project's files, and which module imports which."""

    files: Mapping[str, bytes]
    edges: Mapping[str, frozenset[str]]


def statement(form: str, importer: str, imported: str) -> str:
    package, name = imported.removesuffix(".py").replace("/", ".").rpartition(".")[::2]
    one, other = (path.rpartition("/")[0] for path in (importer, imported))
    relative = "." if one == other else f"..{other.rpartition('/')[2]}"
    if one.partition("/")[0] != other.partition("/")[0]:
        relative = package
    return form.format(module=f"{package}.{name}", package=package, name=name, relative=relative)


@st.composite
def projects(draw: st.DrawFn) -> Made:
    edges: dict[str, set[str]] = {module: set() for module in MODULES}
    sources: dict[str, list[str]] = {module: ["TYPE_CHECKING = False"] for module in MODULES}
    for _ in range(draw(st.integers(0, 25))):
        importer, imported = draw(st.sampled_from(MODULES)), draw(st.sampled_from(MODULES))
        silent = draw(st.booleans()) and draw(st.booleans())
        form = draw(st.sampled_from(SILENT if silent else FORMS))
        sources[importer].append(statement(form, importer, imported))
        if not silent:
            edges[importer].add(imported)
    files = {module: "\n".join(lines).encode() for module, lines in sources.items()}
    packages = draw(st.sets(st.sampled_from(sorted(PACKAGES))))  # the others are namespaces
    files |= {f"{folder}/__init__.py": b"" for folder in packages}
    return Made({**files, **ALWAYS}, {module: frozenset(to) for module, to in edges.items()})


def read(files: Mapping[str, bytes], group: str = "content") -> GroupCode:
    def load(room: str) -> dict[str, bytes]:
        return {path: content for path, content in files.items() if path.startswith(f"{room}/")}

    return read_code(group, ALWAYS, load, lambda name: name == group)


def closure(made: Made, beginnings: list[str]) -> set[str]:
    """The modules that ``beginnings`` lead to, with the packages that they are in."""
    reached: set[str] = set()
    pending = list(beginnings)
    while pending:
        if (module := pending.pop()) not in reached:
            reached.add(module)
            pending.extend(made.edges[module])
    packages = {f"{module.rpartition('/')[0]}/__init__.py" for module in reached}
    return reached | (packages & made.files.keys()) | set(ALWAYS)


@settings(deadline=None)
@given(projects())
def test_what_is_reached_is_what_the_project_was_made_to_import(made: Made) -> None:
    code = read(made.files)
    reached = closure(made, [f"functions/content/{name}.py" for name in NAMES])
    assert code.faults == ()
    assert set(code.modules) == reached
    rooms = {"/".join(module.split("/")[:2]) for module in reached if module.count("/") > 1}
    assert set(code.rooms) == rooms
    assert set(code.files) == {
        path for path in made.files if path in ALWAYS or path.startswith(tuple(f"{room}/" for room in rooms))
    }


@settings(deadline=None)
@given(projects(), st.sampled_from(MODULES), st.sampled_from(["# more", "more = 1", "import json", "1 +"]))
def test_what_is_appended_to_a_module_of_a_room_alters_the_code_exactly_if_the_room_is_reached(
    made: Made, module: str, more: str
) -> None:
    before, after = read(made.files), read({**made.files, module: made.files[module] + b"\n" + more.encode()})
    assert (before.files != after.files) == ("/".join(module.split("/")[:2]) in before.rooms)


@settings(deadline=None)
@given(projects(), st.sampled_from(MODULES))
def test_a_module_that_goes_is_missed_by_those_that_are_reached_and_import_it(made: Made, gone: str) -> None:
    files = {path: content for path, content in made.files.items() if path != gone}
    kept = Made(files, {module: to - {gone} for module, to in made.edges.items() if module != gone})
    begin = [f"functions/content/{name}.py" for name in NAMES if f"functions/content/{name}.py" != gone]
    left = closure(kept, begin) - {gone}
    missing = {module for module in left & made.edges.keys() if gone in made.edges[module]}
    assert {fault.partition(",")[0] for fault in read(files).faults} == missing
