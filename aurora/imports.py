"""The one reader of imports: which modules a group of functions reaches, and so which folders are its source.

A room is a folder directly below ``functions/`` with all that it holds, or ``aurora/runtime``, the part of the engine
that images hold. A group's source is its own room and those that its modules import, directly or through one another,
anywhere in a module. Nothing is executed: imports are read with `ast`.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from aurora.suggestions import did_you_mean

RUNTIME: Final = "aurora/runtime"

# (room) -> {POSIX path in the project: bytes} of every file of the room; empty if there is no such folder.
LoadRoom = Callable[[str], Mapping[str, bytes]]
# (name of a folder of functions/) -> whether it is a group of functions, and not a room that groups share.
IsGroup = Callable[[str], bool]

_ROOTS: Final = ("aurora", "functions")
# What the source of a module holds somewhere if it imports a room; others need not be parsed to find their rooms.
_MAY_REACH: Final = re.compile(rb"aurora|functions|from[\s\\]*\.|import_module")
_CATCHES_IMPORT_ERROR: Final = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_ANY_NAME: Final = frozenset({"*", "__getattr__", "globals"})


@dataclass(frozen=True)
class Import:
    """One import of a module, relative ones resolved.

    ``module`` is empty for a relative one that leaves its top-level package; ``names`` are what is imported from it.
    ``optional`` is True where the code goes on without it.
    """

    line: int
    module: str
    names: tuple[str, ...] = ()
    optional: bool = False

    @property
    def top_level(self) -> str:
        """``google`` of ``google.cloud.storage``."""
        return self.module.partition(".")[0]


@cache
def read_imports(content: bytes, package: str) -> tuple[Import, ...]:
    """Every import in the source of a module of ``package``; none if the source is not valid Python.

    Imports for type checkers alone do not count; ``importlib.import_module`` does if it names the module literally.
    """
    tree = _parse(content)
    return tuple(_Finder(package, calls=b"import_module" in content).find(tree.body, optional=False)) if tree else ()


def _parse(content: bytes) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns of invalid escapes when the module runs
        try:
            return ast.parse(content)
        except (SyntaxError, ValueError, RecursionError):
            return None


@dataclass(frozen=True)
class _Finder:
    """Finds the imports of a module of ``package``; with ``calls`` those of ``import_module`` too."""

    package: str
    calls: bool

    def find(self, nodes: Iterable[ast.AST], *, optional: bool) -> Iterator[Import]:
        for node in nodes:
            if isinstance(node, ast.Import):
                yield from (Import(node.lineno, alias.name, (), optional) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                names = tuple(alias.name for alias in node.names)
                yield Import(node.lineno, self._absolute(node.module or "", node.level), names, optional)
            elif isinstance(node, ast.If) and (types_only := _types_only(node.test)) is not None:
                yield from self.find(node.orelse if types_only else node.body, optional=optional)
            elif isinstance(node, (ast.Try, ast.TryStar)) and any(map(_catches_import_error, node.handlers)):
                yield from self.find([*node.body, *node.handlers], optional=True)
                yield from self.find([*node.orelse, *node.finalbody], optional=optional)
            elif isinstance(node, ast.expr):
                if self.calls:
                    yield from self._called(node, optional=optional)
            else:
                yield from self.find(ast.iter_child_nodes(node), optional=optional)

    def _called(self, expression: ast.expr, *, optional: bool) -> Iterator[Import]:
        """``import_module("module")`` and ``import_module(".module", __package__)``."""
        for call in ast.walk(expression):
            if not isinstance(call, ast.Call) or _last_name(call.func) != "import_module" or not call.args:
                continue
            name = call.args[0].value if isinstance(call.args[0], ast.Constant) else None
            if isinstance(name, str):
                module = name.lstrip(".")
                yield Import(call.lineno, self._absolute(module, len(name) - len(module)), (), optional)

    def _absolute(self, module: str, level: int) -> str:
        """The whole name of what an import with ``level`` dots names; empty if it has more dots than parents."""
        if not level:
            return module
        parents = self.package.split(".")
        if level > len(parents):
            return ""
        return ".".join([*parents[: len(parents) - level + 1], *filter(None, [module])])


def _types_only(test: ast.expr) -> bool | None:
    """Whether the body of ``if test:`` is for type checkers alone; False if its ``else`` is, None if neither is."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _types_only(test.operand)
        return None if inner is None else not inner
    return True if _last_name(test) == "TYPE_CHECKING" else None


def _catches_import_error(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(each is None or _last_name(each) in _CATCHES_IMPORT_ERROR for each in caught)


def _last_name(expression: ast.expr) -> str:
    """``c`` of ``c`` and of ``a.b.c``."""
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""


@cache
def _imports_of_rooms(content: bytes, package: str) -> tuple[Import, ...]:
    if not _MAY_REACH.search(content):
        return ()
    return tuple(each for each in read_imports(content, package) if not each.module or each.top_level in _ROOTS)


@cache
def _names(content: bytes) -> frozenset[str]:
    """Names that a module may define, and those that let it define anything."""
    tree = _parse(content)
    names: set[str] = set() if tree else {"*"}
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.partition(".")[0])
    return frozenset(names)


@dataclass(frozen=True)
class GroupCode:
    """The code that a group's image holds: ``{POSIX path in the project: bytes}``.

    ``rooms`` are its own and those that it reaches, ``modules`` the paths of the modules that it reaches. ``faults``
    are imports that its image would not hold: each with file, line, module and what to do.
    """

    group: str
    files: Mapping[str, bytes]
    rooms: tuple[str, ...]
    modules: tuple[str, ...]
    faults: tuple[str, ...]

    def imports(self) -> Iterator[tuple[str, Import]]:
        """Every import of the modules that the group reaches, with the path of the importing module."""
        for path in self.modules:
            yield from ((path, each) for each in read_imports(self.files[path], _package(path)))


def read_code(group: str, initial: Mapping[str, bytes], load: LoadRoom, is_group: IsGroup) -> GroupCode:
    """Reads what ``group`` imports, beginning with every module of ``functions/<group>``.

    ``initial`` are the files that every image holds (``functions/__init__.py``).
    """
    reader = _Reader(group, initial, load, is_group)
    reader.read([*initial, *reader.files_of(f"functions/{group}")])
    rooms = sorted(room for room, files in reader.rooms.items() if files)
    return GroupCode(group, reader.files, tuple(rooms), tuple(sorted(reader.seen)), tuple(sorted(reader.faults)))


class _Unresolved(Exception):
    """An image would not hold what is imported; the message continues "FILE, line N ..."."""


class _Reader:
    """Follows imports from module to module, and loads the rooms that they reach."""

    def __init__(self, group: str, initial: Mapping[str, bytes], load: LoadRoom, is_group: IsGroup) -> None:
        self.files = dict(initial)
        self.rooms: dict[str, Mapping[str, bytes]] = {}
        self.seen: set[str] = set()
        self.faults: set[str] = set()
        self._group = group
        self._load = load
        self._is_group = is_group
        self._folders: set[str] = {*_ROOTS}
        self._found: dict[str, tuple[str, ...] | None] = {}

    def files_of(self, room: str) -> Mapping[str, bytes]:
        """The files of a room, which is loaded on first use."""
        if room not in self.rooms:
            self.rooms[room] = self._load(room)
            self.files.update(self.rooms[room])
            for path in self.rooms[room]:
                while (path := path.rpartition("/")[0]) not in self._folders:
                    self._folders.add(path)
        return self.rooms[room]

    def read(self, paths: Iterable[str]) -> None:
        """Reads the modules of ``paths`` and all that they reach."""
        pending = [path for path in paths if path.endswith(".py")]
        self.seen.update(pending)
        while pending:
            path = pending.pop()
            for each in _imports_of_rooms(self.files[path], _package(path)):
                try:
                    reached = set(self._reached(each)) - self.seen
                except _Unresolved as unresolved:
                    self.faults.add(f"{path}, line {each.line} {unresolved}")
                else:
                    self.seen |= reached
                    pending.extend(reached)

    def _reached(self, each: Import) -> Iterator[str]:
        """The paths of the modules that an import executes."""
        if not each.module:
            raise _Unresolved("imports from above its top-level folder: remove dots")
        found = self._modules(each.module)
        if found is None and not each.optional:
            raise _Unresolved(f"imports {each.module}, which does not exist{self._hint(each.module)}")
        if found is None:
            return
        yield from found
        path = each.module.replace(".", "/")
        if found and found[-1] == f"{path}.py":
            return  # what is imported from it is no module
        for name in self._submodules(path) if each.names == ("*",) else each.names:
            module = f"{each.module}.{name}"
            found = self._modules(module)
            if found is None and not each.optional and not self._may_define(f"{path}/__init__.py", name):
                raise _Unresolved(f"imports {module}, which does not exist{self._hint(module)}")
            yield from found or ()

    def _modules(self, module: str) -> tuple[str, ...] | None:
        """The paths of a module and its parents, as far as they have one; None if it does not exist."""
        if module not in self._found:
            self._found[module] = self._find(module)
        return self._found[module]

    def _find(self, module: str) -> tuple[str, ...] | None:
        root, *inner = module.split(".")
        path = root
        found = [path for path in (f"{root}/__init__.py",) if path in self.files]
        if inner:
            self._check_room(module, root, inner[0])
            self.files_of(f"{root}/{inner[0]}")
        for index, name in enumerate(inner, 1):
            path = f"{path}/{name}"
            if f"{path}/__init__.py" in self.files:
                found.append(f"{path}/__init__.py")
            elif f"{path}.py" in self.files:
                found.append(f"{path}.py")
                return tuple(found) if index == len(inner) else None
            elif path not in self._folders:
                return None
        return tuple(found)

    def _check_room(self, module: str, root: str, name: str) -> None:
        if root == "aurora" and name != "runtime":
            raise _Unresolved(f"imports {module}: images hold aurora.runtime and nothing else of aurora")
        if root == "functions" and name != self._group and self._is_group(name):
            raise _Unresolved(
                f"imports {module}, which belongs to the group {name} and is not in the image of {self._group}: move "
                "the code that both need into a folder of functions/ that is not a group"
            )

    def _submodules(self, path: str) -> list[str]:
        inside = [name.removeprefix(f"{path}/") for name in self.files if name.startswith(f"{path}/")]
        names = {name.partition("/")[0].removesuffix(".py") for name in inside if name.endswith(".py")}
        return sorted(names - {"__init__"})

    def _may_define(self, path: str, name: str) -> bool:
        if name.startswith("__"):
            return True
        return path in self.files and bool(_names(self.files[path]) & {name, *_ANY_NAME})

    def _hint(self, module: str) -> str:
        parent, _, name = module.rpartition(".")
        known = [] if parent in _ROOTS else self._submodules(parent.replace(".", "/"))
        return did_you_mean(name, known) if known else ""


def _package(path: str) -> str:
    """The package of the module at ``path``: ``functions.text`` of ``functions/text/words.py``."""
    return path.rpartition("/")[0].replace("/", ".")
