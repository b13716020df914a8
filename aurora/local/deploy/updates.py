"""The code of the deployed functions: checked before a platform is ready, and deployed again after each edit.

Code that cannot be imported is not deployed: the functions stay as they are until the next save.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from aurora.image.packages import import_faults
from aurora.image.source import UnreadableSource, read_group
from aurora.imports import GroupCode
from aurora.local.aws import LocalAws, LocalFunction
from aurora.local.deploy.resources.functions import source_digest, update_code
from aurora.local.errors import LocalError, ProgramError

_CHECK = Path(__file__).parents[1] / "scripts" / "check_handlers.py"
_SECONDS_TO_IMPORT = 60
_SECONDS_TO_SAVE = 0.2


class CodeUpdates:
    """The code of the functions of ``aws``.

    ``environment`` is what their processes inherit; ``report`` is called with what was deployed, and what failed.
    """

    def __init__(self, aws: LocalAws, environment: Mapping[str, str], report: Callable[[str], None]) -> None:
        self._aws = aws
        self._environment = environment
        self._report = report
        self._places: dict[str, frozenset[str]] = {}
        self._faulty: set[str] = set()

    def check(self) -> None:
        """Checks that every function can be imported.

        Raises:
            ProgramError: one cannot; the message names file and line.
        """
        groups = sorted({each.group for each in self._aws.functions.values()})
        try:
            faults = self._faults([self._read(group) for group in groups])
        except UnreadableSource as error:
            raise ProgramError(str(error)) from error
        if faults:
            raise ProgramError("\n".join(dict.fromkeys(chain.from_iterable(faults.values()))))

    def places(self) -> Mapping[str, Collection[str]]:
        """Each group's files and folders, as POSIX paths in the project: an edit of them changes its functions."""
        return self._places

    def deploy(self, groups: Iterable[str]) -> None:
        """Deploys the saved code of ``groups``, if it changed and can be imported."""
        codes = [code for group in sorted(groups) if (code := self._changed(group))]
        faults = self._faults(codes)
        ready: dict[str, str] = {}
        for code in codes:
            if not self._is_as_saved(code):
                continue  # a later save deploys it
            if found := faults.get(code.group):
                self._refuse(code.group, "\n".join(found))
            elif sources := self._sources(code):
                ready[code.group] = sources
        if ready:
            self._update(ready)

    def _update(self, ready: Mapping[str, str]) -> None:
        """Deploys the functions of groups: ``{group: source digest or image}``."""
        functions = [each for each in self._aws.functions.values() if each.group in ready]
        try:
            with ThreadPoolExecutor(max_workers=4) as pool:
                updates = [pool.submit(update_code, each, ready[each.group], self._aws) for each in functions]
            deployed = {each.group for each, update in zip(functions, updates, strict=True) if update.result()}
        except (BotoCoreError, ClientError, OSError) as error:
            # The next save tries again; `LocalPlatform.wait` reports an emulator that has ended.
            self._report(f"could not deploy {', '.join(ready)}: {error}")
        else:
            self._faulty -= ready.keys()
            if deployed:
                self._report(f"deployed {', '.join(sorted(deployed))}")

    def _changed(self, group: str) -> GroupCode | None:
        """The saved code of a group; None if its functions run it already, or if it cannot be read."""
        try:
            try:
                code = self._read(group)
            except UnreadableSource:
                time.sleep(_SECONDS_TO_SAVE)  # an editor may be replacing a file
                code = self._read(group)
        except UnreadableSource as error:
            self._refuse(group, str(error))
            return None
        # An image also changes with files that are not code.
        if self._aws.images is not None or any(each.sources != source_digest(code) for each in self._functions(group)):
            return code
        if group in self._faulty:
            self._faulty.remove(group)
            self._report(f"the functions of {group} run the saved code again")
        return None

    def _is_as_saved(self, code: GroupCode) -> bool:
        try:
            return self._read(code.group).files == code.files
        except UnreadableSource:
            return False

    def _sources(self, code: GroupCode) -> str | None:
        """A group's source digest or image, for `update_code`; None if its image cannot be made."""
        if self._aws.images is None:
            return source_digest(code)
        try:
            self._aws.images.renew(code.group)
        except LocalError as error:
            self._refuse(code.group, str(error))
            return None
        return self._aws.images.uri(code.group)

    def _refuse(self, group: str, why: str) -> None:
        self._faulty.add(group)
        self._report(f"error: {group} is not deployed; its functions stay as they are:\n{why}")

    def _functions(self, group: str) -> list[LocalFunction]:
        return [each for each in self._aws.functions.values() if each.group == group]

    def _read(self, group: str) -> GroupCode:
        self._places.setdefault(group, frozenset({f"functions/{group}"}))
        code = read_group(self._aws.project, group)
        own = [f"images/{group}"] if self._aws.images is not None else []
        self._places[group] = frozenset({*code.rooms, *own, "aurora/__init__.py", "functions/__init__.py"})
        return code

    def _faults(self, codes: Iterable[GroupCode]) -> dict[str, list[str]]:
        """Why groups' functions cannot be imported: ``{group: faults}``, for groups with faults only."""
        faults: dict[str, list[str]] = {}
        functions: list[LocalFunction] = []
        for code in codes:
            faults[code.group] = [
                *import_faults(code, self._aws.project),
                *filter(None, (_fault_of(code, path) for path in code.modules)),
            ]
            # An image's handlers are imported while it is built.
            if self._aws.images is None and not faults[code.group]:
                functions += self._functions(code.group)
        while functions:
            answers, ended = self._import(functions)
            for function, answer in zip(functions, answers, strict=False):
                # Several handlers may import the same module.
                if answer and answer not in faults[function.group]:
                    faults[function.group].append(answer)
            functions = functions[len(answers) :]
            if functions:
                culprit = functions.pop(0)
                faults[culprit.group].append(f"{culprit.handler} cannot be imported: the import {ended}")
        return {group: found for group, found in faults.items() if found}

    def _import(self, functions: Sequence[LocalFunction]) -> tuple[list[str | None], str]:
        """Imports functions' handlers in a separate process.

        Returns the fault of each, or None, up to the one that ended the process, and how the process ended.
        """
        command = [sys.executable, "-I", "-X", f"pycache_prefix={self._aws.bytecode}", str(_CHECK)]
        try:
            run = subprocess.run(
                [*command, str(self._aws.project)],
                input=json.dumps([[each.handler, each.variables] for each in functions]).encode(),
                env=dict(self._environment),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=_SECONDS_TO_IMPORT,
                check=False,
            )
            answers, ended = run.stdout, f"ends the process with exit code {run.returncode}"
        except subprocess.TimeoutExpired as error:
            answers, ended = error.stdout or b"", f"takes longer than {_SECONDS_TO_IMPORT} s"
        return [json.loads(line) for line in answers.splitlines()], ended


def _fault_of(code: GroupCode, path: str) -> str | None:
    """Why a module does not compile."""
    try:
        compile(code.files[path], path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"{path}, line {error.lineno}: {error.msg}"
    except ValueError as error:  # null bytes
        return f"{path}: {error}"
    return None
