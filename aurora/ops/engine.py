"""The engine as a package that projects depend on: a wheel, or a git URL.

The wheel of a checkout has a version that follows from its bytes (``0.3.0+g4f1c2aa``): uv treats two wheels of one
version as the same.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

import aurora
from aurora.errors import CommandError, InvalidInput
from aurora.ops import uv

DISTRIBUTION: Final = "aurora-engine"
TEMPLATE: Final = Path(aurora.__file__).parent / "template"
"""The files of a new project."""
_CHECKOUT: Final = Path(aurora.__file__).parents[1]
# Files of editors and interpreters.
_IGNORED: Final = re.compile(r"__pycache__|.*\.py[co]|.*~|\.DS_Store|\..*\.sw.")
_VERSION: Final = re.compile(r'^version = "(.+)"$', re.MULTILINE)
_SOURCES: Final = "[tool.uv.sources]\n"
_SOURCE: Final = re.compile(rf"^{DISTRIBUTION} = .*\n", re.MULTILINE)
_GIT: Final = re.compile(r"git\+(?P<url>.+?)(@(?P<rev>[^@/:]+))?")


@dataclass(frozen=True)
class Engine:
    """Where a project gets the engine: a wheel, a git URL with an optional revision, or a version."""

    wheel: Path | None = None
    git: str = ""
    rev: str = ""
    version: str = ""

    @staticmethod
    def parse(text: str) -> Engine:
        """Parses the path of a wheel, or ``git+https://host/repository@revision``.

        Raises:
            InvalidInput: it is neither.
        """
        if found := _GIT.fullmatch(text):
            return Engine(git=found["url"], rev=found["rev"] or "")
        path = Path(text).resolve()
        if not path.name.startswith("aurora_engine-") or path.suffix != ".whl" or not path.is_file():
            raise InvalidInput(
                f"{text} is neither a wheel of the engine (aurora_engine-....whl; its checkout makes one by "
                "`python3 run.py wheel`) nor a git URL (git+https://host/repository@revision)."
            )
        return Engine(wheel=path)

    def source(self) -> str:
        """The value of ``aurora-engine`` under ``[tool.uv.sources]``; empty for a version of the package index."""
        if self.wheel is not None:
            return f'{{ path = "vendor/{self.wheel.name}" }}'
        if self.git:
            return f'{{ git = "{self.git}"' + (f', rev = "{self.rev}"' if self.rev else "") + " }"
        return ""

    def requirement(self) -> str:
        """The requirement for installers."""
        if self.wheel is not None:
            return str(self.wheel)
        if self.git:
            return f"{DISTRIBUTION} @ git+{self.git}" + (f"@{self.rev}" if self.rev else "")
        return f"{DISTRIBUTION}=={self.version}"


def present(folder: Path) -> Engine:
    """The engine that runs this command; from a checkout, its wheel is built into ``folder``.

    Raises:
        CommandError: the wheel that it was installed from no longer exists, or it is linked to another folder.
    """
    if is_checkout():
        return Engine(wheel=build(folder))
    installed = metadata.distribution(DISTRIBUTION)
    origin: dict[str, Any] = json.loads(installed.read_text("direct_url.json") or "{}")
    if "vcs_info" in origin:
        return Engine(git=origin["url"], rev=origin["vcs_info"]["commit_id"])
    if "url" not in origin:
        return Engine(version=installed.version)
    wheel = Path(url2pathname(urlsplit(str(origin["url"])).path))
    if not wheel.is_file():
        raise CommandError(f"The engine was installed from {wheel}, which no longer exists: git checkout vendor")
    return Engine(wheel=wheel)


def use(engine: Engine, folder: Path) -> None:
    """Makes the project in ``folder`` depend on ``engine``: its wheel in vendor/, its source in pyproject.toml."""
    vendor = folder / "vendor"
    for other in vendor.glob("aurora_engine-*.whl"):
        if engine.wheel is None or other.resolve() != engine.wheel:
            other.unlink()
    if engine.wheel is not None and engine.wheel.parent != vendor:
        vendor.mkdir(exist_ok=True)
        shutil.copy(engine.wheel, vendor)
    project = folder / "pyproject.toml"
    project.write_text(
        with_source(project.read_text(encoding="utf-8"), engine.source()), encoding="utf-8", newline="\n"
    )


def with_source(project: str, source: str) -> str:
    """A pyproject.toml's text in which uv gets the engine from ``source``, or from the package index if it is empty."""
    line = f"{DISTRIBUTION} = {source}\n" if source else ""
    if _SOURCE.search(project):
        return _SOURCE.sub(lambda _: line, project, count=1)
    if not source:
        return project
    head, section, rest = project.partition(_SOURCES)
    return f"{head}{section}{line}{rest}" if section else f"{project}\n{_SOURCES}{line}"


def is_checkout(folder: Path = _CHECKOUT) -> bool:
    """Whether ``folder`` is a checkout of the engine; by default, whether the running engine is one, not a package."""
    project = folder / "pyproject.toml"
    return project.is_file() and f'\nname = "{DISTRIBUTION}"\n' in project.read_text(encoding="utf-8")


def build(folder: Path, checkout: Path = _CHECKOUT) -> Path:
    """Builds the wheel of the engine's checkout into ``folder``, offline; the same files make the same bytes.

    Raises:
        CommandError: this is not a checkout of the engine, or it cannot be built.
    """
    if not is_checkout(checkout):
        raise CommandError("Only the engine's own checkout can build it; this project has it as a package.")
    files = dict(sorted(_files(checkout)))
    text = files["pyproject.toml"].decode()
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    version = f"{_VERSION.search(text)[1]}+g{digest.hexdigest()[:7]}"  # type: ignore[index]
    files["pyproject.toml"] = _VERSION.sub(f'version = "{version}"', text, count=1).encode()
    with tempfile.TemporaryDirectory() as temporary:
        staged = Path(temporary, "engine")
        for name, content in files.items():
            path = staged / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o644)
        uv.run("build", "--wheel", "--offline", "--out-dir", str(Path(temporary, "built")), folder=staged)
        (wheel,) = Path(temporary, "built").glob("*.whl")
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(wheel, folder))


def _files(checkout: Path) -> Iterator[tuple[str, bytes]]:
    """The files of a checkout that make the wheel: ``(POSIX path, bytes)``."""
    for name in ("LICENSE", "pyproject.toml"):
        yield name, (checkout / name).read_bytes()
    for path in (checkout / "aurora").rglob("*"):
        name = path.relative_to(checkout)
        if path.is_file() and not any(_IGNORED.fullmatch(part) for part in name.parts):
            yield name.as_posix(), path.read_bytes()
