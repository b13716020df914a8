"""The embedded AWS: MiniStack as a child process on a free loopback port, its log in a file.

It ends when this process ends, in any way.
"""

from __future__ import annotations

import http.client
import json
import os
import shlex
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from aurora.files import append_privately
from aurora.local.containers import Attendant
from aurora.local.credentials import Credentials
from aurora.local.errors import EmulatorError

HOST = "127.0.0.1"
ACCOUNT_ID = "000000000000"
MINISTACK_VARIABLE = "AURORA_MINISTACK"

_LAUNCHER = Path(__file__).parent / "scripts" / "launcher.py"
_SECONDS_TO_START = 60.0
_SECONDS_TO_STOP = 5.0
_ATTEMPTS = 3  # a port that was free may be taken by somebody else before the emulator binds it

# Local runs neither need nor use the user's own AWS configuration.
_NOT_INHERITED = ("AWS_", "MINISTACK_", "LOCALSTACK_", "LAMBDA_", "PYTHON", "PULUMI_")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_SECONDS_FOR_DOCKER = 120


def free_port() -> int:
    """A TCP port on loopback that is free now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def find_python(project: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """The Python of the environment that MiniStack is installed in.

    ``AURORA_MINISTACK`` may name another installation's ``ministack`` executable.

    Raises:
        EmulatorError: it is not installed.
    """
    named = environ.get(MINISTACK_VARIABLE)
    executable = Path(named) if named else project / ".aurora" / "emulator" / "bin" / "ministack"
    python = executable.parent / "python"
    if not executable.is_file() or not python.exists():
        where = f"{MINISTACK_VARIABLE} names {executable}, which" if named else f"The embedded AWS ({executable})"
        raise EmulatorError(f"{where} is not installed. Install it with a network connection: python3 run.py local")
    return python


class Emulator:
    """A running embedded AWS.

    ``endpoint`` is its URL for every AWS service. ``data_dir`` keeps objects, tables and users between runs; without
    it they end with the process. ``scratch`` holds temporary files, bytecode of the function workers goes to
    ``bytecode`` (kept, so that workers start fast). With an ``attendant`` functions may be containers. Pages of
    ``site_origin`` may call it, and no other page. ``mail`` is called, in a thread, with the address and code of each
    user who requests a new password. ``credentials`` are those of the root user: the emulator accepts only these, and
    those of the functions' roles.
    """

    def __init__(
        self,
        *,
        python: Path,
        region: str,
        log: Path,
        scratch: Path,
        bytecode: Path,
        data_dir: Path | None = None,
        attendant: Attendant | None = None,
        site_origin: str = "",
        mail: Callable[[str, str], None] | None = None,
    ) -> None:
        self.credentials = Credentials.random()
        self.region = region
        self.account_id = ACCOUNT_ID
        self.log = log
        self.bytecode = bytecode
        self._python = python
        self._scratch = scratch
        self._data_dir = data_dir
        self._attendant = attendant
        self._site_origin = site_origin
        self._mail = mail
        self._process: subprocess.Popen[bytes] | None = None
        self._log_file: IO[bytes] | None = None
        self.port = 0

    @property
    def endpoint(self) -> str:
        """The URL of every service, e.g. ``http://127.0.0.1:4566``; known once `start` has returned."""
        return f"http://{HOST}:{self.port}"

    @property
    def endpoint_for_functions(self) -> str:
        """The URL of every service for functions; URLs that they sign with it work on this machine too."""
        return f"http://{self._attendant.address}:{self.port}" if self._attendant else self.endpoint

    @property
    def pid(self) -> int:
        """The process id of the running emulator."""
        return self._running().pid

    def __enter__(self) -> Emulator:
        try:
            self.start()
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the process; `wait_until_ready` waits until it serves."""
        self.port = free_port()
        self._scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.bytecode.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._log_file = append_privately(self.log)
        codes, codes_from_emulator = os.pipe()
        containers = [self._attendant.address, str(self._attendant.session)] if self._attendant else []
        try:
            self._process = subprocess.Popen(
                [str(self._python), "-I", "-X", f"pycache_prefix={self.bytecode}", str(_LAUNCHER), *containers],
                env={**self._environment(), "AURORA_MAIL": str(codes_from_emulator)},
                # Nothing is written here: the pipe closes when this process ends, and the launcher notices.
                stdin=subprocess.PIPE,
                stdout=self._log_file,
                stderr=subprocess.STDOUT,
                cwd=self._scratch,
                # Its files hold users' passwords and the keys that sign their tokens.
                umask=0o077,
                # This process handles Ctrl-C: the emulator must end after everything that uses it.
                start_new_session=True,
                # With the lifeline, the attendant notices the emulator's end.
                pass_fds=[codes_from_emulator, *([self._attendant.lifeline] if self._attendant else [])],
            )
        except OSError as error:
            os.close(codes)
            self.stop()
            raise EmulatorError(f"The embedded AWS cannot be started with {self._python}: {error}.") from error
        finally:
            os.close(codes_from_emulator)
        threading.Thread(target=self._deliver, args=(codes,), name="mail", daemon=True).start()

    def wait_until_ready(self) -> None:
        """Waits until the emulator answers its health check.

        Raises:
            EmulatorError: it ended first, or did not answer within a minute.
        """
        deadline = time.monotonic() + _SECONDS_TO_START
        attempts = 1
        while not self._healthy():
            process = self._running()
            if process.poll() is not None:
                if attempts < _ATTEMPTS and "already in use" in self._last_lines(20):
                    attempts += 1
                    self.stop()
                    self.start()
                    continue
                raise EmulatorError(
                    f"The embedded AWS ended while it started (exit code {process.returncode}): "
                    f"{self._last_lines(1) or 'without a message'} (log: {self.log})."
                )
            if time.monotonic() > deadline:
                raise EmulatorError(
                    f"The embedded AWS did not answer within {_SECONDS_TO_START:.0f} s (log: {self.log})."
                )
            time.sleep(0.01)

    def wait(self, timeout: float | None = None) -> bool:
        """Waits for the process to end; False if it still runs after ``timeout`` seconds."""
        try:
            self._running().wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def check(self) -> None:
        """Checks that the process runs.

        Raises:
            EmulatorError: it ended by itself.
        """
        code = self._running().poll()
        if code is not None:
            how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
            raise EmulatorError(f"The embedded AWS {how}: start the local platform again (log: {self.log}).")

    def stop(self) -> None:
        """Saves kept data, then ends the process and every function worker. May be called twice."""
        process, self._process = self._process, None
        if process is not None:
            if process.stdin:
                with suppress(BrokenPipeError):
                    process.stdin.close()  # the launcher saves and ends
            try:
                process.wait(_SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._log_file is not None:
            self._log_file.close()
            self._log_file = None

    def _deliver(self, codes: int) -> None:
        """Passes codes on until the emulator ends."""
        with os.fdopen(codes, encoding="utf-8") as lines:
            for line in lines:
                if self._mail is not None:
                    self._mail(*json.loads(line))

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise EmulatorError("The embedded AWS is not running.")
        return self._process

    def _healthy(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=2)
        try:
            connection.request("GET", "/_ministack/health")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _last_lines(self, count: int) -> str:
        lines = self.log.read_text("utf-8", "replace").split("\n")
        return " ".join([line.strip() for line in lines if line.strip()][-count:])

    def environment_of_functions(self) -> dict[str, str]:
        """The environment that functions' processes inherit, besides their own variables."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)},
            "TMPDIR": str(self._scratch),
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            # The root user's; MiniStack replaces them by those of each function's role.
            "AWS_ACCESS_KEY_ID": self.credentials.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.credentials.secret_access_key,
            "AWS_ENDPOINT_URL": self.endpoint_for_functions,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": _without_proxy("NO_PROXY", HOST, "localhost"),
            "no_proxy": _without_proxy("no_proxy", HOST, "localhost"),
        }

    def _environment(self) -> dict[str, str]:
        environment = {
            **self.environment_of_functions(),
            "BIND_HOST": HOST,
            "MINISTACK_HOST": HOST,
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_REGION": self.region,
            "MINISTACK_AUTOCREATE_AWS_MANAGED": "1",
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            "AUTH": "true",
            "AURORA_SITE_ORIGIN": self._site_origin,
            # Also without kept data: it holds the keys that sign tokens, which no other platform may share.
            "STATE_DIR": str((self._data_dir or self._scratch) / "state"),
            "PYTHONUNBUFFERED": "1",
        }
        if self._attendant is not None:
            # MiniStack itself only connects to this machine; Docker sets a container's proxies.
            environment = {name: value for name, value in environment.items() if name.lower() not in _PROXIES}
            environment |= {
                "MINISTACK_DOCKER_TIMEOUT": str(_SECONDS_FOR_DOCKER),
                "LAMBDA_DOCKER_FLAGS": shlex.join(_container_flags(self._attendant.address)),
            }
        if self._data_dir is not None:
            environment |= {
                "PERSIST_STATE": "1",
                "S3_PERSIST": "1",
                "S3_DATA_DIR": str(self._data_dir / "objects"),
            }
        return environment


def _container_flags(address: str) -> list[str]:
    """Docker options of every function's container: as in Lambda, only /tmp is writable."""
    variables = {name: _without_proxy(name, address) for name in ("NO_PROXY", "no_proxy")}
    variables["AWS_EC2_METADATA_DISABLED"] = "true"
    environment = [part for name, value in variables.items() for part in ("--env", f"{name}={value}")]
    return [*environment, "--read-only", "--tmpfs", "/tmp"]


def _without_proxy(variable: str, *ours: str) -> str:
    """The hosts that are reached without a proxy: the user's own list, and ours."""
    hosts = [os.environ.get(variable, ""), *ours]
    return ",".join(host for host in hosts if host)
