"""A whole platform on this machine: the embedded AWS, the program, the site, the watcher, the local user."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from platform import machine
from types import TracebackType
from typing import TYPE_CHECKING, Any

from aurora.local import state
from aurora.local.containers import Attendant
from aurora.local.credentials import Credentials
from aurora.local.emulator import Emulator, find_python
from aurora.local.errors import LocalError, ProgramError
from aurora.local.passwords import new_password
from aurora.local.site import SiteServer
from aurora.local.watch import GroupWatcher
from aurora.project import ROOT, service
from aurora.stack.deployed import LOCAL

if TYPE_CHECKING:  # what they import takes long
    from aurora.local.deploy.images import GroupImages
    from aurora.local.deploy.updates import CodeUpdates


# The services that the program's own code reaches directly, by Pulumi's names for them.
_ENDPOINT_SERVICES = ("cognitoidp", "dynamodb", "ecr", "lambda", "s3", "sqs", "sts")
_NEEDED_EXPORTS = ("api", "buckets", "clientId", "userPoolId")

Progress = Callable[[str], None]


def _silent(_: str) -> None:
    """Shows no progress."""


class LocalPlatform:
    """A local platform that runs within a ``with`` block; everything it starts ends with the block, or this process.

    ``data_dir`` keeps objects, tables and users between sessions; ``port`` is the site's (default: a free one);
    ``progress`` is called with short messages; ``stack_config`` adds to, or replaces, the local stack's config
    (``{"aurora:logRetentionDays": "1"}``); ``announce`` makes the platform known to other commands of the
    project; ``watch`` deploys edits of functions as they are saved; ``containers`` runs functions as containers of
    their images, which Docker builds; functions' calls of AWS are written to the file ``record_calls``, for
    `aurora.testing.permissions`.

    Raises on entering:
        LocalError: the message says what is wrong and what to do.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        port: int | None = None,
        progress: Progress | None = None,
        stack_config: Mapping[str, str] | None = None,
        *,
        project: Path | None = None,
        announce: bool = True,
        watch: bool = True,
        containers: bool = False,
        record_calls: Path | None = None,
    ) -> None:
        self.project = (project or ROOT).resolve()
        self.service = service(self.project)
        self.stack = LOCAL
        self.email = f"author@{self.service}.local"
        self.password = ""
        self.exports: dict[str, Any] = {}
        # Seconds from entering to the end of each phase, in the order of the phases.
        self.timings: dict[str, float] = {}
        self._data_dir = data_dir
        self._port = port
        self._progress = progress or _silent
        self._stack_config = dict(stack_config or {})
        self._announce = announce
        self._watch = watch
        self._containers = containers
        self._record_calls = record_calls
        self._closing = ExitStack()
        self._began = 0.0
        self._emulator: Emulator | None = None
        self._site: SiteServer | None = None
        self.region = self._stack_config.get("aws:region", "us-east-1")

    @property
    def site(self) -> str:
        """The site's URL."""
        return str(self.exports["site"])

    @property
    def api(self) -> str:
        """The HTTP API's URL."""
        return str(self.exports["api"])

    @property
    def buckets(self) -> dict[str, str]:
        """The names of the systems' buckets, by their keys."""
        return dict(self.exports["buckets"])

    @property
    def user_pool_id(self) -> str:
        """The pool in which users sign in."""
        return str(self.exports["userPoolId"])

    @property
    def client_id(self) -> str:
        """The sign-in client of site and command."""
        return str(self.exports["clientId"])

    @property
    def endpoint(self) -> str:
        """The URL of the embedded AWS."""
        return self._running().endpoint

    @property
    def emulator_pid(self) -> int:
        """The process id of the embedded AWS."""
        return self._running().pid

    @property
    def credentials(self) -> Credentials:
        """The access key of the embedded AWS's root user."""
        return self._running().credentials

    def client(self, service: str) -> Any:
        """A boto3 client of the embedded AWS."""
        return self._aws.client(service)

    def described(self) -> dict[str, Any]:
        """The content of ``.aurora/local.json``, from which other commands know the platform."""
        return {
            "pid": os.getpid(),
            "site": self.site,
            "region": self.region,
            "endpoint": self.endpoint,
            "outputs": self.exports,
            "email": self.email,
            "password": self.password,
            "access_key_id": self.credentials.access_key_id,
            "secret_access_key": self.credentials.secret_access_key,
        }

    def check(self) -> None:
        """Checks that the platform serves.

        Raises:
            EmulatorError: the embedded AWS has ended.
        """
        self._running().check()

    def wait(self) -> None:
        """Waits until the embedded AWS ends by itself, or for ever; Ctrl-C interrupts it.

        Raises:
            EmulatorError: the embedded AWS has ended.
        """
        # In short steps: on some systems Ctrl-C does not interrupt an endless wait.
        while not self._running().wait(1.0):
            continue
        self.check()

    def __enter__(self) -> LocalPlatform:
        self._began = time.monotonic()
        with ExitStack() as opened:
            self._open(opened)
            self._closing = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def _open(self, opened: ExitStack) -> None:
        folder = self.project / state.FOLDER
        if self._announce and (other := state.find_running(self.project)):
            raise state.already_running(other)
        python = find_python(self.project)
        if self._containers:
            _check_docker()
        data = None
        if self._data_dir is not None:
            data = state.DataFolder(self._data_dir)
            opened.callback(data.release)
        self._site = SiteServer(self._port)
        opened.callback(self._site.close)
        scratch = state.scratch_folder(self.project)
        opened.callback(shutil.rmtree, scratch, ignore_errors=True)

        self._progress("starting the embedded AWS")
        emulator = self._emulator = self._start_emulator(opened, python, scratch, data, self._site.origin)
        ready = _InBackground(emulator.wait_until_ready)

        self._progress("deploying the program")
        # Imported while the emulator starts: Pulumi and boto3 take longer.
        from aurora.local.aws import LocalAws
        from aurora.local.deploy import invokes, program, resources, updates

        self._time("imports")
        ready.result()  # only now is its port final: it takes another if the first is in use

        config = self._config(emulator, self._site.origin)
        images = self._images(opened, config)
        aws = self._aws = LocalAws(
            endpoint_when_ready=lambda: emulator.endpoint,
            credentials=emulator.credentials,
            region=self.region,
            project=self.project,
            bytecode=folder / "bytecode",
            site_origin=self._site.origin,
            images=images,
            record_calls=self._record_calls,
        )
        try:
            self.exports = program.run(
                self.project,
                name=self.service,
                stack=self.stack,
                config=config,
                create=lambda kind, name, inputs: resources.create(kind, name, inputs, aws),
                invoke=lambda token, arguments: invokes.answer(token, arguments, aws),
            )
        except ProgramError:
            emulator.check()  # if it has ended, report that
            raise
        missing = [name for name in _NEEDED_EXPORTS if name not in self.exports]
        if missing:
            raise ProgramError(f"The program does not export {', '.join(missing)}: a local platform needs them.")
        self._time("program")
        functions = updates.CodeUpdates(aws, emulator.environment_of_functions(), self._progress)
        functions.check()
        self._time("handlers")
        self._site.serve(aws)
        self._create_user(data)
        self._time("author")
        if self._watch:
            self._start_watcher(opened, functions)
        if self._announce:
            state.announce(self.project, self.described())
            opened.callback(state.withdraw, self.project)
        self._time("ready")
        self._progress("ready")

    def _start_emulator(
        self, opened: ExitStack, python: Path, scratch: Path, data: state.DataFolder | None, site_origin: str
    ) -> Emulator:
        log = scratch / "emulator.log"
        opened.callback(_keep_log, log, self.project / state.FOLDER / "emulator.log")
        attendant = None
        if self._containers:
            attendant = Attendant(python=python, session=scratch, images=f"{self.service}-{LOCAL}-", log=log)
            opened.callback(attendant.stop)
            attendant.start()
        emulator = Emulator(
            python=python,
            region=self.region,
            log=log,
            scratch=scratch,
            bytecode=self.project / state.FOLDER / "bytecode",
            data_dir=data.path if data else None,
            attendant=attendant,
            site_origin=site_origin,
            mail=lambda address, code: self._progress(
                f"local platforms send no mail: the code for {address} is {code}"
            ),
        )
        opened.callback(emulator.stop)
        emulator.start()
        return emulator

    def _config(self, emulator: Emulator, site_origin: str) -> dict[str, str]:
        # The page must be allowed to open the URLs that functions sign.
        endpoints = {**dict.fromkeys(_ENDPOINT_SERVICES, emulator.endpoint), "s3": emulator.endpoint_for_functions}
        # Images for another processor would need emulation.
        processor = "arm64" if machine() in ("arm64", "aarch64") else "x86_64"
        return {
            "aws:region": self.region,
            "aws:accessKey": emulator.credentials.access_key_id,
            "aws:secretKey": emulator.credentials.secret_access_key,
            "aws:endpoints": json.dumps([endpoints]),
            "aurora:siteOrigin": site_origin,
            **({"aurora:architecture": processor} if self._containers else {}),
            **self._stack_config,
        }

    def _start_watcher(self, opened: ExitStack, updates: CodeUpdates) -> None:
        # Processes run the functions' code; images also depend on the files in images/.
        folders = ("functions", "images") if self._containers else ("functions",)
        watcher = GroupWatcher(
            self.project,
            [folder for name in (*folders, "aurora") if (folder := self.project / name).is_dir()],
            updates.places,
            updates.deploy,
        )
        watcher.start()
        opened.callback(watcher.stop)
        if self._aws.images is not None:
            opened.callback(self._aws.images.close)  # runs first, else the watcher would wait for a build

    def _images(self, opened: ExitStack, config: Mapping[str, str]) -> GroupImages | None:
        if not self._containers:
            return None
        from aurora.aws_session import StackSession
        from aurora.local.deploy.images import GroupImages

        images = GroupImages(StackSession(config), self.project, self._progress)
        opened.callback(images.close)
        return images

    def _create_user(self, data: state.DataFolder | None) -> None:
        """Creates the local user, or finds the kept one; the password is kept with the data."""
        cognito = self._aws.client("cognito-idp")
        self.password = (data.password() if data else None) or new_password()
        try:
            cognito.admin_create_user(
                UserPoolId=self.user_pool_id,
                Username=self.email,
                MessageAction="SUPPRESS",
                UserAttributes=[
                    {"Name": "email", "Value": self.email},
                    {"Name": "email_verified", "Value": "true"},
                ],
            )
        except cognito.exceptions.UsernameExistsException:
            self._progress("using the data kept earlier")
        cognito.admin_set_user_password(
            UserPoolId=self.user_pool_id, Username=self.email, Password=self.password, Permanent=True
        )
        if data:
            data.keep_password(self.password)

    def _running(self) -> Emulator:
        if self._emulator is None:
            raise LocalError("The local platform is not running.")
        return self._emulator

    def _time(self, phase: str) -> None:
        self.timings[phase] = time.monotonic() - self._began


class _InBackground:
    """Runs a function in a daemon thread."""

    def __init__(self, function: Callable[[], None]) -> None:
        self._function = function
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="emulator-start", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._function()
        except BaseException as error:  # noqa: BLE001 - `result` raises it
            self._error = error

    def result(self) -> None:
        """Waits for the function; raises what it raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error


def _check_docker() -> None:
    """Checks that Docker can build and run images here.

    Raises:
        LocalError: it cannot; the message says what to do.
    """
    from aurora.image import docker

    try:
        docker.check()
    except docker.DockerError as error:
        raise LocalError(str(error)) from error


def _keep_log(log: Path, last: Path) -> None:
    """Keeps the session's log as the last one."""
    if log.exists():
        log.replace(last)
