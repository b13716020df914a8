"""The source digest: what is part of a build context, what is refused, and how a refusal reads."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aurora.image.source import GroupSource, UnreadableSource, read_base_image

PROJECT = Path(__file__).parents[4]
FILES = {
    "aurora/image/Dockerfile": b"FROM base\n",
    "images/content/requirements.txt": b"boto3==1\n",
    "aurora/__init__.py": b"",
    "aurora/runtime/env.py": b"",
    "functions/__init__.py": b"",
    "functions/text/errors.py": b"class E(Exception): ...\n",
    "functions/content/gen.py": b"import aurora.runtime.env\nfrom functions.text import errors\ndef handler(): ...\n",
    "functions/content/prompts/lesson.txt": b"Escribe",
}


def checkout(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def digest(root: Path) -> str:
    return GroupSource.read(root, "content").digest("base:1", "linux/amd64", {})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return checkout(tmp_path / "checkout", FILES)


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_file_of_the_context_counts(root: Path, name: str) -> None:
    before = digest(root)
    checkout(root, {name: FILES[name] + b"#"})
    assert digest(root) != before


def test_a_new_file_counts_and_the_manifest_names_it(root: Path) -> None:
    before = GroupSource.read(root, "content").manifest()
    checkout(root, {"functions/text/new.py": b""})
    after = GroupSource.read(root, "content").manifest()
    assert set(after) - set(before) == {"functions/text/new.py"}
    assert before.items() <= after.items()


def test_a_file_saved_with_other_line_endings_counts_because_the_image_would_hold_them(root: Path) -> None:
    before = digest(root)
    checkout(root, {"functions/content/gen.py": FILES["functions/content/gen.py"].replace(b"\n", b"\r\n")})
    assert digest(root) != before


def test_base_image_platform_and_build_arguments_count() -> None:
    source = GroupSource("content", FILES)
    variants = {
        source.digest("base:1", "linux/amd64", {}),
        source.digest("base:2", "linux/amd64", {}),
        source.digest("base:1", "linux/arm64", {}),
        source.digest("base:1", "linux/amd64", {"A": "1"}),
        source.digest("base:1", "linux/amd64", {"A": "2"}),
    }
    assert len(variants) == 5


def test_the_order_in_which_arguments_and_files_are_told_does_not_count() -> None:
    one = GroupSource("content", FILES).digest("b", "p", {"A": "1", "B": "2"})
    assert one == GroupSource("content", dict(reversed(FILES.items()))).digest("b", "p", {"B": "2", "A": "1"})


# Context --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "functions/content/__pycache__/gen.cpython-311.pyc",
        "functions/content/old.pyc",
        "functions/content/old.pyo",
        "functions/content/.DS_Store",
        "functions/content/.gen.py.swp",
        "functions/content/gen.py~",
        "functions/content/#gen.py#",
        "functions/text/.pytest_cache/v/cache/lastfailed",
        "functions/text/.ruff_cache/0.17.0/1234",
        "functions/text/.idea/workspace.xml",
    ],
)
def test_caches_and_what_editors_leave_are_not_part(root: Path, name: str) -> None:
    before = digest(root)
    checkout(root, {name: b"x"})
    assert digest(root) == before


@pytest.mark.parametrize(
    "name",
    [
        "functions/slides/draw.py",
        "functions/book/not_imported.py",
        "functions/content-old/gen.py",
        "aurora/settings.py",
        "functions/README.md",
        "images/content/README.md",
        "images/content/Dockerfile",
        "tests/test_gen.py",
        "docs/a.md",
        "site/index.html",
        "requirements.txt",
    ],
)
def test_what_belongs_to_others_is_not_part(root: Path, name: str) -> None:
    before = digest(root)
    checkout(root, {name: b"x"})
    assert digest(root) == before


def test_an_empty_folder_is_not_part_since_git_does_not_keep_it(root: Path) -> None:
    before = digest(root)
    (root / "functions/content/empty/inner").mkdir(parents=True)
    assert digest(root) == before


@pytest.mark.parametrize("place", ["", "images/content/", "functions/content/"])
@pytest.mark.parametrize("name", [".dockerignore", "Dockerfile.dockerignore"])
def test_nothing_that_docker_ignores_by_leaves_the_context(root: Path, tmp_path: Path, place: str, name: str) -> None:
    checkout(root, {place + name: b"**/prompts\n"})
    context = tmp_path / "context"
    context.mkdir()
    GroupSource.read(root, "content").stage(context)
    assert (context / "functions/content/prompts/lesson.txt").is_file()
    assert not (context / name).exists()


@pytest.fixture(params=[0o000, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_what_is_staged_is_what_was_hashed_with_modes_and_times_of_no_machine(root: Path, tmp_path: Path) -> None:
    (root / "functions/content/gen.py").chmod(0o750)
    source = GroupSource.read(root, "content")
    context = tmp_path / "context"
    context.mkdir()
    source.stage(context)
    below = list(context.rglob("*"))
    assert {path.relative_to(context).as_posix(): path.read_bytes() for path in below if path.is_file()} == source.files
    assert {path.stat().st_mtime_ns for path in below} == {0}
    if os.name == "posix":
        modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in below}
        assert modes == {(False, 0o644), (True, 0o755)}


def test_a_context_is_staged_into_an_empty_folder_only(tmp_path: Path) -> None:
    (tmp_path / "left.txt").touch()
    with pytest.raises(FileExistsError, match="is not empty"):
        GroupSource("content", FILES).stage(tmp_path)


# Refusals -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "functions/content/link.py",
        "functions/content/gen.py",
        "functions/content/prompts",
        "functions/content",
        "functions/text",
        "functions",
        "functions/__init__.py",
        "aurora/__init__.py",
        "aurora/runtime",
        "aurora/image/Dockerfile",
        "images/content/requirements.txt",
        "images/content",
        "images",
    ],
)
def test_a_symbolic_link_is_refused_by_name_wherever_it_stands(root: Path, tmp_path: Path, name: str) -> None:
    place, elsewhere = root / name, tmp_path / "elsewhere"
    if place.exists():
        place.rename(elsewhere)
    else:
        elsewhere.touch()
    place.symlink_to(elsewhere)
    with pytest.raises(UnreadableSource, match="is a symbolic link") as refused:
        digest(root)
    assert str(refused.value).startswith(str(place))


def test_a_loop_of_symbolic_links_is_refused_and_not_followed(root: Path) -> None:
    (root / "functions/content/loop").symlink_to(root / "functions/content", target_is_directory=True)
    with pytest.raises(UnreadableSource, match="loop is a symbolic link"):
        digest(root)


def test_an_editors_lock_is_no_symbolic_link_to_refuse(root: Path) -> None:
    before = digest(root)
    (root / "functions/content/.#gen.py").symlink_to("somebody@machine.1234")
    assert digest(root) == before


def fifo(path: Path) -> None:
    os.mkfifo(path)


def bound_socket(path: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)  # a socket's whole path may have 108 bytes
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.chdir(before)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")
@pytest.mark.parametrize("make", [fifo, bound_socket])
@pytest.mark.parametrize("name", ["functions/content/pipe.py", "aurora/image/Dockerfile"])
def test_a_file_that_holds_no_bytes_of_its_own_is_refused_and_not_read(
    root: Path, make: Callable[[Path], None], name: str
) -> None:
    (root / name).unlink(missing_ok=True)
    make(root / name)
    with pytest.raises(UnreadableSource, match=rf"{Path(name).name} is (neither a file nor a folder|not a file)"):
        digest(root)


@pytest.mark.parametrize(
    "name",
    [
        "lección.txt",
        "leccio\u0301n.txt",
        "课.txt",
        "\u017f-is-a-long-s.py",
        "\u212a-is-a-kelvin.py",
        "two words.py",
        "back\\slash.py",
        "colon:stream.py",
        "tab\t.py",
        "line\n.py",
        "star*.py",
        "ends-in-dot.",
        "aux.py",
        "NUL",
        "Com1.txt",
        "not-utf-8-\udcff.py",
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux stores all of these names")
def test_a_name_that_not_every_system_stores_alike_is_refused(root: Path, name: str) -> None:
    (root / "functions/content" / name).touch()
    with pytest.raises(UnreadableSource, match="not every system can store") as refused:
        digest(root)
    path = str(root / "functions/content" / name)
    assert str(refused.value).startswith((path, repr(path)))
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("name", ["auxiliary.py", "console.py", "com.py", "a-b_c.1.txt", "-", "UPPER", "com10"])
def test_an_ordinary_name_is_part(root: Path, name: str) -> None:
    checkout(root, {f"functions/content/{name}": b""})
    assert f"functions/content/{name}" in GroupSource.read(root, "content").files


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the two names are one file")
@pytest.mark.parametrize("name", ["Gen.py", "Prompts/other.txt"])
def test_names_that_differ_by_case_only_are_refused(root: Path, name: str) -> None:
    checkout(root, {f"functions/content/{name}": b""})
    with pytest.raises(UnreadableSource, match="differ only in upper and lower case"):
        digest(root)


@pytest.mark.skipif(os.name != "posix", reason="Windows needs longer paths switched on")
def test_long_names_are_part(root: Path) -> None:
    name = f"functions/content/{'a' * 200}/{'b' * 200}/{'c' * 252}.py"
    checkout(root, {name: b"x"})
    assert GroupSource.read(root, "content").files[name] == b"x"


@pytest.mark.parametrize("name", ["images/content/requirements.txt", "aurora/image/Dockerfile", "images/content"])
def test_what_is_missing_is_named(root: Path, name: str) -> None:
    (root / name).rename(root / "elsewhere")
    with pytest.raises(UnreadableSource, match="cannot be read: ") as refused:
        digest(root)
    assert str(refused.value).startswith(str(root / name))


def test_a_file_where_a_groups_folder_belongs_is_refused(root: Path) -> None:
    checkout(root, {"functions/slides": b"", "images/slides/requirements.txt": b""})
    with pytest.raises(UnreadableSource, match="slides is not a folder"):
        GroupSource.read(root, "slides")


@pytest.fixture
def readable_by_all() -> Iterator[Path]:
    """A checkout that a user without any right of its own can read; pytest's and the user's own folders deny that."""
    shared = "/tmp" if os.path.isdir("/tmp") else None
    with tempfile.TemporaryDirectory(dir=shared) as folder:
        Path(folder).chmod(0o755)
        yield checkout(Path(folder), FILES)


def refusal(root: Path, before_reading: str = "") -> str:
    """What reading the group answers in a process of its own, after the statements ``before_reading``."""
    program = f"""
import os, sys
from pathlib import Path
from aurora.image.source import GroupSource, UnreadableSource, read_base_image
{before_reading}
try:
    GroupSource.read(Path({str(root)!r}), "content")
except UnreadableSource as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    return run.stdout.strip()


# Root may read everything: whoever runs the tests, these read as somebody else.
AS_NOBODY = "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)"


@pytest.mark.skipif(os.name != "posix", reason="modes deny nothing on Windows")
@pytest.mark.parametrize(
    "name",
    ["functions/content/gen.py", "functions/content/prompts", "functions/content", "aurora/image/Dockerfile"],
)
def test_what_may_not_be_read_is_named(readable_by_all: Path, name: str) -> None:
    assert refusal(readable_by_all, AS_NOBODY) == ""
    place = readable_by_all / name
    mode = place.stat().st_mode
    place.chmod(0)
    answer = refusal(readable_by_all, AS_NOBODY)
    place.chmod(mode)
    assert answer == f"{place} cannot be read: Permission denied"


@pytest.mark.parametrize(
    ("event", "name"), [("open", "functions/content/gen.py"), ("os.scandir", "functions/content/prompts")]
)
def test_what_vanishes_while_it_is_read_is_named(root: Path, event: str, name: str) -> None:
    # Python announces what it is about to open: the very moment to take it away.
    vanish = f"""
place = {str(root / name)!r}
def vanish(event, args):
    if event == {event!r} and isinstance(args[0], str) and os.path.normpath(args[0]) == place:
        os.rename(place, place + ".gone")
sys.addaudithook(vanish)
"""
    answer = refusal(root, vanish)
    assert answer.startswith(f"{root / name} cannot be read: ")


def test_the_base_image_is_the_one_reference_of_its_file(root: Path) -> None:
    checkout(root, {"images/base-image": b"public.ecr.aws/lambda/python:3.13\n"})
    assert read_base_image(root) == "public.ecr.aws/lambda/python:3.13"


@pytest.mark.parametrize("content", [b"", b"two words\n", b"one:1\ntwo:2\n", b"\xff\xfe", None])
def test_a_base_image_that_is_not_named_is_told_with_the_command_that_brings_it_back(
    root: Path, content: bytes | None
) -> None:
    if content is not None:
        checkout(root, {"images/base-image": content})
    with pytest.raises(UnreadableSource, match=r"base-image .*`git checkout images/base-image`"):
        read_base_image(root)
