"""The source digest over generated trees: equal for equal source, different for different source."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aurora.image.source import GroupSource

FIXED = ("aurora/image/Dockerfile", "images/g/requirements.txt", "aurora/__init__.py", "functions/__init__.py")
# In every checkout: the group reaches a room.
REACHES = {"functions/g/reaches.py": b"import functions.text\n", "functions/text/__init__.py": b""}
NOT_PART = ("__pycache__/m.pyc", "m.pyc", ".DS_Store", ".m.py.swp", "m.py~", "#m.py#", ".idea/workspace.xml")

# Short, so that names are often each other's prefixes; never two that differ by case only, which are refused.
names = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=4)
paths = st.builds(
    lambda folder, inner, name: "/".join(("functions", folder, *inner, f"_{name}.py")),
    st.sampled_from(["text", "g"]),
    # Folders never begin as files do, so that none of them has to be both.
    st.lists(names.map(lambda name: f"d{name}"), max_size=3),
    names,
)
contents = st.binary(max_size=32)
trees = st.builds(
    lambda fixed, rest: {**dict(zip(FIXED, fixed, strict=True)), **rest},
    st.tuples(contents, contents, contents, contents),
    st.dictionaries(paths, contents, min_size=1, max_size=6),
)
# Making files takes as long as the machine is busy.
over_trees = settings(deadline=None, max_examples=50)
arguments = st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=3)


@contextmanager
def checkout(files: Mapping[str, bytes], order: Any = sorted) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, content in {**REACHES, **{name: files[name] for name in order(files)}}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield root


def digest_at(root: Path) -> str:
    return GroupSource.read(root, "g").digest("base", "platform", {"A": "1"})


def digest(files: Mapping[str, bytes]) -> str:
    with checkout(files) as root:
        return digest_at(root)


@over_trees
@given(trees, st.randoms(use_true_random=False), st.sampled_from([0o600, 0o644, 0o755, 0o700]), st.integers(0, 2**31))
def test_modes_times_places_and_order_of_creation_do_not_count(
    files: dict[str, bytes], random: Any, mode: int, seconds: int
) -> None:
    with checkout(files, lambda names: random.sample(sorted(names), len(names))) as root:
        for path in root.rglob("*.py"):
            path.chmod(mode)
            os.utime(path, (seconds, seconds))
        assert digest_at(root) == digest(files)


@over_trees
@given(trees, st.data())
def test_any_byte_counts(files: dict[str, bytes], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(name for name in files if files[name]) or [""]))
    assume(name)
    content = bytearray(files[name])
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    assert digest({**files, name: bytes(content)}) != digest(files)


@over_trees
@given(trees, st.data(), contents)
def test_a_byte_more_or_less_counts(files: dict[str, bytes], data: st.DataObject, more: bytes) -> None:
    assume(more)
    name = data.draw(st.sampled_from(sorted(files)))
    at = data.draw(st.integers(0, len(files[name])))
    assert digest({**files, name: files[name][:at] + more + files[name][at:]}) != digest(files)


@over_trees
@given(trees, paths, contents)
def test_a_file_more_or_less_counts(files: dict[str, bytes], name: str, content: bytes) -> None:
    assume(name not in files)
    assert digest({**files, name: content}) != digest(files)


@over_trees
@given(trees, paths, st.data())
def test_a_renamed_file_counts(files: dict[str, bytes], name: str, data: st.DataObject) -> None:
    assume(name not in files)
    old = data.draw(st.sampled_from(sorted(set(files) - set(FIXED))))
    renamed = {name if known == old else known: content for known, content in files.items()}
    assert digest(renamed) != digest(files)


@over_trees
@given(trees, st.data())
def test_bytes_that_move_from_one_file_to_the_next_count(files: dict[str, bytes], data: st.DataObject) -> None:
    ordered = sorted(files)
    at = data.draw(st.integers(0, len(ordered) - 2))
    one, other = ordered[at], ordered[at + 1]
    assume(files[one])
    cut = data.draw(st.integers(0, len(files[one]) - 1))
    moved = {**files, one: files[one][:cut], other: files[one][cut:] + files[other]}
    assert digest(moved) != digest(files)


@over_trees
@given(trees, st.sampled_from(["functions/text/", "functions/g/", "functions/g/pkg/"]), st.sampled_from(NOT_PART))
def test_caches_and_what_editors_leave_do_not_count(files: dict[str, bytes], folder: str, name: str) -> None:
    assert digest({**files, folder + name: b"x"}) == digest(files)


@over_trees
@given(trees, st.sampled_from(["functions/h/", "functions/g2/", "images/h/", "docs/", "tests/", "site/"]), names)
def test_another_groups_files_do_not_count(files: dict[str, bytes], folder: str, name: str) -> None:
    assert digest({**files, folder + name: b"x"}) == digest(files)


@over_trees
@given(trees)
def test_what_is_staged_is_what_was_hashed(files: dict[str, bytes]) -> None:
    with checkout(files) as root, tempfile.TemporaryDirectory() as folder:
        source = GroupSource.read(root, "g")
        source.stage(Path(folder))
        staged = [path for path in Path(folder).rglob("*") if path.is_file()]
        assert {path.relative_to(folder).as_posix(): path.read_bytes() for path in staged} == source.files
        assert source.files == {
            name.removeprefix("images/g/").removeprefix("aurora/image/"): content
            for name, content in {**REACHES, **files}.items()
        }


# Names of any kind here: what a name may be is decided where files are read.
file_maps = st.dictionaries(st.text(max_size=8), contents, max_size=4)
contexts = st.tuples(file_maps, st.text(max_size=4), st.text(max_size=4), arguments)


@given(contexts, contexts)
def test_two_contexts_have_one_digest_only_if_they_are_equal(one: Any, other: Any) -> None:
    same = GroupSource("g", one[0]).digest(*one[1:]) == GroupSource("g", other[0]).digest(*other[1:])
    assert same == (one == other)


@given(st.text(min_size=1, max_size=8), st.data())
def test_no_text_can_move_between_the_parts_of_a_context(text: str, data: st.DataObject) -> None:
    def cut(parts: int) -> list[str]:
        ends = sorted(data.draw(st.integers(0, len(text))) for _ in range(parts - 1))
        return [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]

    def context() -> Any:
        """The text, cut anywhere into base image, platform, an argument's name and value, a file's name and bytes."""
        kind = data.draw(st.sampled_from(["argument", "file", "both", "equals sign"]))
        if kind == "equals sign":
            base, platform, key, value = cut(4)
            return {}, base, platform, {f"{key}={value}": ""}
        base, platform, *rest = cut(6)
        argument = {rest[0]: rest[1]} if kind != "file" else {}
        file = {rest[2]: rest[3].encode()} if kind != "argument" else {}
        return file, base, platform, argument

    one, other = context(), context()
    same = GroupSource("g", one[0]).digest(*one[1:]) == GroupSource("g", other[0]).digest(*other[1:])
    assert same == (one == other)


def test_arguments_cannot_read_as_files_nor_names_as_values() -> None:
    contexts: list[Any] = [
        ({}, {"A": "B=C"}),
        ({}, {"A=B": "C"}),
        ({}, {"A": "B", "C": ""}),
        ({"A": b"B"}, {}),
        ({"A": b"B", "C": b"D"}, {}),
        ({"C": b"D"}, {"A": "B"}),
        ({"A": b"D", "C": b"B"}, {}),
        ({"AB": b""}, {}),
        ({"": b"AB"}, {}),
    ]
    digests = {GroupSource("g", files).digest("b", "p", arguments) for files, arguments in contexts}
    assert len(digests) == len(contexts)


def test_a_value_cannot_read_as_the_hash_of_a_files_bytes() -> None:
    rare = b"124935989"  # its sha256 happens to be text in UTF-8
    value = hashlib.sha256(rare).digest().decode()
    file, argument = GroupSource("g", {"A": rare}), GroupSource("g", {})
    assert file.digest("b", "p", {}) != argument.digest("b", "p", {"A": value})
