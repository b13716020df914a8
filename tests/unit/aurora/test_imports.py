"""The reader of imports: what counts as one, where it leads, and what is refused."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping

import pytest

from aurora.imports import GroupCode, Import, read_code, read_imports

GROUPS = {"content", "slides"}
ALWAYS = {"aurora/__init__.py": b"", "functions/__init__.py": b""}


def code_of(
    modules: Mapping[str, str], group: str = "content", groups: Collection[str] = frozenset(GROUPS)
) -> GroupCode:
    """The code of a group in a project of ``modules``, whose paths begin below functions/ unless they name aurora/."""
    files = {
        path if path.startswith("aurora/") else f"functions/{path}": textwrap.dedent(source).encode()
        for path, source in modules.items()
    }

    def load(room: str) -> dict[str, bytes]:
        return {path: content for path, content in files.items() if path.startswith(f"{room}/")}

    return read_code(group, ALWAYS, load, groups.__contains__)


def rooms_of(modules: Mapping[str, str], group: str = "content") -> set[str]:
    """The rooms that a group reaches beside its own."""
    code = code_of(modules, group)
    assert code.faults == ()
    return {room.removeprefix("functions/") for room in code.rooms} - {group}


# What counts as an import ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "import functions.text.words",
        "import functions.text.words as words, json",
        "import functions.text",
        "from functions import text",
        "from functions import text as t",
        "from functions.text import words",
        "from functions.text import (\n    words as w,\n)",
        "from functions.text import *",
        "from functions.text.words import count",
        "from functions.text.words import *",
        "from functions.text.words import \\\n    count",
        "from .. import text",
        "from ..text import words",
        "from..text.words import count",
        "from \\\n  ..text import words",
        "def lazy():\n    import functions.text",
        "async def lazy():\n    async with a:\n        from functions.text.words import count",
        "class Lazy:\n  def method(self):\n    if a:\n      while b:\n        import functions.text",
        "match a:\n    case 1:\n        import functions.text",
        "with a:\n    import functions.text",
        "for a in b:\n    pass\nelse:\n    import functions.text",
        "try:\n    import functions.text\nexcept ImportError:\n    pass",
        "try:\n    pass\nexcept* ValueError:\n    import functions.text",
        "try:\n    pass\nfinally:\n    import functions.text",
        "if TYPE_CHECKING:\n    pass\nelse:\n    import functions.text",
        "if not TYPE_CHECKING:\n    import functions.text",
        "if a:\n    pass\nelif b:\n    import functions.text",
        "import importlib\nimportlib.import_module('functions.text.words')",
        "words = [import_module('..text.words', __package__) for a in b]",
        "x = 1; import functions.text",
        "lazy = lambda: import_module('functions.text').words",
    ],
)
def test_an_import_of_any_form_reaches_the_room(source: str) -> None:
    modules = {"content/a.py": source, "text/__init__.py": "", "text/words.py": "", "book/pages.py": ""}
    assert rooms_of(modules) == {"text"}


@pytest.mark.parametrize(
    "source",
    [
        "# import functions.text",
        "'''\nimport functions.text\n'''",
        "if TYPE_CHECKING:\n    import functions.text",
        "if typing.TYPE_CHECKING:\n    from functions.text import words",
        "if not TYPE_CHECKING:\n    pass\nelse:\n    import functions.text",
        "import_module(functions.text)",
        "import_module(7)",
        "import_module()",
        "words = 'functions.text.words'",
        "import json, functions",
        "import aurora",
        "from functions import __doc__",
        "import textwrap",
        "import functions_of_somebody_else",
    ],
)
def test_what_only_looks_like_an_import_reaches_nothing(source: str) -> None:
    modules = {"content/a.py": source, "text/__init__.py": "", "text/words.py": "", "aurora/runtime/env.py": ""}
    assert rooms_of(modules) == set()


@pytest.mark.parametrize(
    ("source", "optional"),
    [
        ("import a", False),
        ("try:\n    import a\nexcept ImportError:\n    pass", True),
        ("try:\n    import a\nexcept (KeyError, ModuleNotFoundError):\n    pass", True),
        ("try:\n    import a\nexcept builtins.ImportError:\n    pass", True),
        ("try:\n    import a\nexcept Exception:\n    pass", True),
        ("try:\n    import a\nexcept:\n    pass", True),
        ("try:\n    b\nexcept ImportError:\n    import a", True),
        ("try:\n    if b:\n        import a\nexcept ImportError:\n    pass", True),
        ("try:\n    import a\nexcept ValueError:\n    pass", False),
        ("try:\n    b\nexcept ImportError:\n    pass\nelse:\n    import a", False),
        ("try:\n    b\nexcept ImportError:\n    pass\nfinally:\n    import a", False),
    ],
)
def test_an_import_that_the_code_can_do_without_is_optional(source: str, optional: bool) -> None:
    assert [each.optional for each in read_imports(source.encode(), "functions.content")] == [optional]


def test_an_import_has_its_line_its_module_and_its_names() -> None:
    source = (
        b"import os.path\n\nfrom . import a, b\nfrom ..text.words import c as d\nfrom ... import e\nfrom .... import f"
    )
    assert read_imports(source, "functions.content.deck") == (
        Import(1, "os.path"),
        Import(3, "functions.content.deck", ("a", "b")),
        Import(4, "functions.content.text.words", ("c",)),
        Import(5, "functions", ("e",)),
        Import(6, "", ("f",)),
    )


@pytest.mark.parametrize(
    "source", ["import functions.text\ndef (", "\0import functions.text", "import functions.text\n  x"]
)
def test_a_module_that_is_not_valid_python_is_passed_over(source: str) -> None:
    code = code_of({"content/a.py": source, "content/b.py": "import functions.book", "text/a.py": "", "book/a.py": ""})
    assert (code.rooms, code.faults) == (("functions/book", "functions/content"), ())
    assert "functions/content/a.py" in code.modules


@pytest.mark.filterwarnings("error")
def test_an_escape_that_python_does_not_know_is_no_reason_to_pass_a_module_over() -> None:
    assert rooms_of({"content/a.py": r"'\d'" + "\nimport functions.text", "text/__init__.py": ""}) == {"text"}


# Where imports lead ---------------------------------------------------------------------------------------------------


def test_a_room_comes_whole_with_its_data_files() -> None:
    code = code_of(
        {
            "content/a.py": "import functions.book.pdf",
            "content/prompts/lesson.txt": "Write.",
            "book/pdf.py": "",
            "book/html.py": "",
            "book/styles/book.css": "p {}",
            "text/words.py": "",
        }
    )
    assert set(code.files) == {
        *ALWAYS,
        "functions/content/a.py",
        "functions/content/prompts/lesson.txt",
        "functions/book/pdf.py",
        "functions/book/html.py",
        "functions/book/styles/book.css",
    }
    assert set(code.modules) == {*ALWAYS, "functions/content/a.py", "functions/book/pdf.py"}


def test_rooms_are_reached_through_one_another_and_by_modules_that_are_reached_alone() -> None:
    modules = {
        "content/a.py": "from functions.outline import parse",
        "outline/__init__.py": "",
        "outline/parse.py": "def parse():\n    from functions.text.words import count",
        "outline/print.py": "import functions.book",
        "text/words.py": "from aurora.runtime.env import read",
        "book/__init__.py": "",
        "aurora/runtime/env.py": "",
    }
    assert rooms_of(modules) == {"outline", "text", "aurora/runtime"}


def test_the_folder_of_a_module_is_imported_with_it() -> None:
    modules = {
        "content/a.py": "import functions.text.deep.words",
        "text/__init__.py": "import functions.outline",
        "text/deep/__init__.py": "from ...book import pages",
        "text/deep/words.py": "",
        "outline/__init__.py": "",
        "book/pages.py": "",
    }
    assert rooms_of(modules) == {"text", "outline", "book"}


def test_modules_that_import_each_other_are_read_once() -> None:
    modules = {
        "content/a.py": "import functions.text.b",
        "text/b.py": "import functions.text.c",
        "text/c.py": "from . import b",
    }
    assert rooms_of(modules) == {"text"}


def test_every_module_of_the_groups_folder_is_a_beginning_and_no_other_group_s() -> None:
    modules = {
        "content/a.py": "",
        "content/deep/er/b.py": "from ....text import words",
        "slides/a.py": "import functions.book",
        "text/words.py": "",
        "book/__init__.py": "",
    }
    assert rooms_of(modules) == {"text"}
    assert rooms_of(modules, "slides") == {"book"}


def test_a_module_goes_before_a_folder_of_its_name_that_is_no_package() -> None:
    modules = {
        "content/a.py": "from functions.text.words import count",
        "text/words.py": "import functions.outline",
        "text/words/count.py": "import functions.book",
        "outline/__init__.py": "",
        "book/__init__.py": "",
    }
    assert rooms_of(modules) == {"text", "outline"}


def test_what_a_package_defines_may_be_imported_from_it() -> None:
    names = ("constant", "function", "Class", "words", "other", "anything")
    modules = {
        "content/a.py": f"from functions.text import {', '.join(names[:-1])}\nfrom functions.book import {names[-1]}",
        "text/__init__.py": """
            import functions.text.words as words, other.inner
            constant: int = 1
            def function(): ...
            class Class: ...
        """,
        "text/words.py": "",
        "book/__init__.py": "def __getattr__(name): ...",
    }
    assert rooms_of(modules) == {"text", "book"}


# What is refused ------------------------------------------------------------------------------------------------------

PROJECT = {
    "text/__init__.py": "count = 1",
    "text/words.py": "",
    "book/pages.py": "",
    "slides/__init__.py": "",
    "slides/deck.py": "",
    "aurora/runtime/env.py": "",
    "aurora/settings.py": "",
}
MISSING = "imports functions.text.wrods, which does not exist"
MEANT = ": did you mean 'words'?"
ENGINE = ": images hold aurora.runtime and nothing else of aurora"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import functions.text.wrods", MISSING + MEANT),
        ("import functions.text.zzz", "imports functions.text.zzz, which does not exist (known: words)"),
        ("import functions.text.words.count", "imports functions.text.words.count, which does not exist"),
        ("import functions.nowhere", "imports functions.nowhere, which does not exist"),
        ("from functions import nowhere", "imports functions.nowhere, which does not exist"),
        ("from functions.text import count, wrods", MISSING + MEANT),
        ("from functions.text import wordz", "imports functions.text.wordz, which does not exist" + MEANT),
        ("from functions.text.wrods import *", MISSING + MEANT),
        ("from .wrods import a", "imports functions.content.wrods, which does not exist (known: a)"),
        ("from .... import a", "imports from above its top-level folder: remove dots"),
        ("def f():\n  import functions.text.zzz", "imports functions.text.zzz, which does not exist (known: words)"),
        ("import_module('functions.text.zzz')", "imports functions.text.zzz, which does not exist (known: words)"),
        ("import aurora.settings", "imports aurora.settings" + ENGINE),
        ("from aurora import settings", "imports aurora.settings" + ENGINE),
        ("from aurora.settings import Settings", "imports aurora.settings" + ENGINE),
        ("import aurora.runtime.nothing", "imports aurora.runtime.nothing, which does not exist (known: env)"),
        (
            "from functions.slides.deck import a",
            "imports functions.slides.deck, which belongs to the group slides and is not in the image of content: "
            "move the code that both need into a folder of functions/ that is not a group",
        ),
        (
            "from functions import slides",
            "imports functions.slides, which belongs to the group slides and is not in the image of content: "
            "move the code that both need into a folder of functions/ that is not a group",
        ),
    ],
)  # fmt: skip
def test_what_an_image_would_not_hold_is_refused_with_file_line_and_what_to_do(source: str, problem: str) -> None:
    line = source.count("\n") + 2
    code = code_of({**PROJECT, "content/a.py": "\n" + source})
    assert code.faults == (f"functions/content/a.py, line {line} {problem}",)


def test_every_fault_of_every_module_that_is_reached_is_named_and_none_of_the_others() -> None:
    modules = {
        "content/b.py": "import functions.text.words\nimport functions.a\nimport functions.b",
        "content/a.py": "import functions.c",
        "text/words.py": "import aurora.ops",
        "text/other.py": "import functions.d",
    }
    assert [fault.partition(" imports ")[::2] for fault in code_of(modules).faults] == [
        ("functions/content/a.py, line 1", "functions.c, which does not exist"),
        ("functions/content/b.py, line 2", "functions.a, which does not exist"),
        ("functions/content/b.py, line 3", "functions.b, which does not exist"),
        ("functions/text/words.py, line 1", "aurora.ops" + ENGINE),
    ]


def test_the_engines_runtime_may_import_nothing_else_of_the_engine_either() -> None:
    modules = {"content/a.py": "import aurora.runtime.env", "aurora/runtime/env.py": "from .. import naming"}
    assert code_of(modules).faults == (
        "aurora/runtime/env.py, line 1 imports aurora.naming: images hold aurora.runtime and nothing else of aurora",
    )


def test_an_optional_import_may_be_absent_and_leads_to_a_room_that_is_there() -> None:
    source = """
        try:
            import functions.text.words, functions.text.wrods, functions.nowhere
            from functions.book import pages, covers
        except ImportError:
            pass
    """
    assert rooms_of({"content/a.py": source, "text/words.py": "", "book/pages.py": ""}) == {"text", "book"}


@pytest.mark.parametrize("module", ["functions.slides.deck", "aurora.settings"])
def test_an_optional_import_of_what_is_there_but_in_no_image_is_refused(module: str) -> None:
    source = f"try:\n    import {module}\nexcept ImportError:\n    pass"
    assert [fault.split(":")[0].split(",")[1] for fault in code_of({**PROJECT, "content/a.py": source}).faults] == [
        f" line 2 imports {module}"
    ]


def test_a_folder_is_a_group_s_only_if_it_has_an_image() -> None:
    modules = {**PROJECT, "content/a.py": "import functions.slides.deck"}
    code = code_of(modules, groups={"content"})
    assert (code.rooms, code.faults) == (("functions/content", "functions/slides"), ())
