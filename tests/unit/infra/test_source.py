"""The source digest: equal for equal source, different for different source, on every machine."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.source import GroupSource, UnreadableSource

FILES = {
    "images/content/Dockerfile": b"FROM base\n",
    "images/content/requirements.txt": b"boto3==1\n",
    "functions/__init__.py": b"",
    "functions/common/errors.py": b"class E(Exception): ...\n",
    "functions/content/gen.py": b"def handler(): ...\n",
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


def test_another_checkout_with_other_modes_times_and_order_has_the_same_digest(tmp_path: Path) -> None:
    one = checkout(tmp_path / "one", FILES)
    other = checkout(tmp_path / "a" / "longer path", dict(reversed(FILES.items())))
    for path in other.rglob("*.py"):
        path.chmod(0o600)
        os.utime(path, (0, 0))
    assert digest(one) == digest(other)


def test_caches_and_other_groups_do_not_count(tmp_path: Path) -> None:
    root = checkout(tmp_path, FILES)
    before = digest(root)
    extra = {"functions/content/__pycache__/gen.pyc": b"x", "functions/content/old.pyc": b"x"}
    checkout(root, {**extra, "functions/slides/draw.py": b"y", "tests/test_gen.py": b"z", "docs/a.md": b"w"})
    assert digest(root) == before


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_file_of_the_context_counts(tmp_path: Path, name: str) -> None:
    root = checkout(tmp_path, FILES)
    before = digest(root)
    checkout(root, {name: FILES[name] + b"#"})
    assert digest(root) != before


def test_a_new_file_counts_and_the_manifest_names_it(tmp_path: Path) -> None:
    root = checkout(tmp_path, FILES)
    before = GroupSource.read(root, "content").manifest()
    checkout(root, {"functions/common/new.py": b""})
    after = GroupSource.read(root, "content").manifest()
    assert set(after) - set(before) == {"functions/common/new.py"}
    assert before.items() <= after.items()


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


def test_a_symbolic_link_is_refused_by_name(tmp_path: Path) -> None:
    root = checkout(tmp_path, FILES)
    (root / "functions/content/link.py").symlink_to(root / "functions/content/gen.py")
    with pytest.raises(UnreadableSource, match=r"link\.py is a symbolic link"):
        digest(root)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    root = checkout(tmp_path, {name: content for name, content in FILES.items() if "requirements" not in name})
    with pytest.raises(UnreadableSource, match=r"requirements\.txt cannot be read"):
        digest(root)


trees = st.dictionaries(st.text(min_size=1, max_size=8), st.binary(max_size=16), max_size=5)


@given(trees, trees)
def test_two_trees_have_one_digest_only_if_they_are_equal(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    same = GroupSource("g", one).digest("b", "p", {}) == GroupSource("g", other).digest("b", "p", {})
    assert same == (one == other)


@pytest.fixture(params=[0o000, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_what_is_staged_is_what_was_hashed_with_modes_and_times_of_no_machine(tmp_path: Path) -> None:
    source = GroupSource.read(checkout(tmp_path / "checkout", FILES), "content")
    context = tmp_path / "context"
    context.mkdir()
    source.stage(context)
    below = list(context.rglob("*"))
    assert {path.relative_to(context).as_posix(): path.read_bytes() for path in below if path.is_file()} == source.files
    assert {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in below} == {(False, 0o644), (True, 0o755)}
    assert {path.stat().st_mtime_ns for path in below} == {0}


def test_a_context_is_staged_into_an_empty_folder_only(tmp_path: Path) -> None:
    (tmp_path / "left.txt").touch()
    with pytest.raises(FileExistsError, match="is not empty"):
        GroupSource("content", FILES).stage(tmp_path)
