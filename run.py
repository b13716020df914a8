#!/usr/bin/env python3
"""Installs what the lock files name, then runs the `aurora` command: ``python3 run.py ARGS``.

Standard library only: it is what a fresh clone starts with, and the same file in every project. Everything it makes
stays inside the clone: ``.aurora/uv`` (the installer, as uv-requirements.txt pins it), ``.venv`` (what uv.lock names,
the engine among it) and ``.aurora/emulator`` (the embedded AWS, apart because it pins botocore, as the engine pins it).
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import IO

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.abspath(__file__))
STATE = os.path.join(ROOT, ".aurora")
# Where the engine is installed: written with the project's packages, and deleted with them.
ENGINE = os.path.join(ROOT, ".venv", "aurora-engine")
WINDOWS = os.name == "nt"


class InstallError(Exception):
    """What is missing cannot be installed; the message is a sentence for the person who typed the command."""


class Part:
    """One environment that a lock file describes.

    ``directory`` and ``lock`` are relative to the project. The stamp inside the directory holds the hash of the
    lock, so a part that is in place costs reading one small file; it goes with the directory when that is deleted.
    """

    def __init__(self, name: str, directory: str, lock: str, title: str, variant: str = "") -> None:
        self.name = name
        self.directory = os.path.join(ROOT, directory)
        self._lock = lock
        self.title = title
        self.variant = variant

    @property
    def lock(self) -> str:
        """The path of the lock file."""
        return os.path.join(ROOT, self._lock)

    @property
    def python(self) -> str:
        return os.path.join(self.directory, "Scripts", "python.exe") if WINDOWS else self.tool("python")

    def tool(self, name: str) -> str:
        """The path of a program installed in this environment."""
        return os.path.join(self.directory, "Scripts", name + ".exe") if WINDOWS else self.directory + "/bin/" + name

    @property
    def _stamp(self) -> str:
        return os.path.join(self.directory, ".aurora-stamp")

    @property
    def _marker(self) -> str:
        return os.path.join(STATE, "installing-" + self.name)

    def _key(self) -> str:
        import hashlib

        with open(self.lock, "rb") as lock:
            digest = hashlib.sha256(lock.read())
        # An environment holds absolute paths: a clone that was moved installs again.
        digest.update("{}.{} {}".format(sys.version_info[0], sys.version_info[1], ROOT).encode())
        return digest.hexdigest()

    def ready(self) -> bool:
        """Whether what the lock names is in place, whole, for this Python."""
        try:
            with open(self._stamp, encoding="ascii") as stamp:
                key, _, variant = stamp.read().partition(" ")
        except OSError:
            return False
        return key == self._key() and self.variant in variant and os.path.exists(self.python)

    def begin(self) -> bool:
        """Marks the installation as under way; True if one before was broken off, so that what it left is suspect."""
        interrupted = os.path.exists(self._marker)
        with open(self._marker, "w", encoding="ascii"):
            pass
        if os.path.exists(self._stamp):
            os.remove(self._stamp)
        return interrupted

    def finish(self) -> None:
        """Stamps the environment as whole."""
        with open(self._stamp, "w", encoding="ascii") as stamp:
            stamp.write(self._key() + " " + self.variant)
        os.remove(self._marker)


class PartOfEngine(Part):
    """One whose lock file, relative to the engine, comes with the engine."""

    @property
    def lock(self) -> str:
        with open(ENGINE, encoding="utf-8") as engine:
            return os.path.join(engine.read(), self._lock)


UV = Part("uv", ".aurora/uv", "uv-requirements.txt", "the installer (uv)")
EMULATOR = PartOfEngine(
    "emulator", ".aurora/emulator", "local/ministack-requirements.txt", "the embedded AWS (MiniStack)"
)
PROJECT = Part("project", ".venv", "uv.lock", "the project's Python packages")
PROJECT_AND_TESTS = Part("project", ".venv", "uv.lock", "the project's and its tests' Python packages", "dev")


def main(arguments: list[str]) -> int:
    """Installs what is missing and becomes the `aurora` command; returns an exit code where it could not."""
    if sys.version_info < OLDEST:
        print(too_old(), file=sys.stderr)
        return 1
    project = PROJECT_AND_TESTS if arguments[:1] == ["test"] else PROJECT
    # The embedded AWS runs on Linux and macOS (Windows: in WSL2); everything else runs anywhere.
    parts = [UV, project] if WINDOWS else [UV, project, EMULATOR]
    try:
        if hides_engine():
            raise InstallError("Rename what is called aurora in " + ROOT + ": it hides the engine of that name.")
        if not all(part.ready() for part in parts):
            install(parts)
    except InstallError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(explain(str(error), "The installation"), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. The same command installs the rest.", file=sys.stderr)
        return 130
    # Without bytecode every start of the platform would take seconds longer.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["AURORA_PROJECT"] = ROOT
    # -P: a folder named aurora where the user stands is not this one.
    return become([project.python, "-P", "-m", "aurora"] + (arguments or ["--help"]))


def too_old() -> str:
    import shutil

    newer = [name for name in ("python3.14", "python3.13", "python3.12", "python3.11") if shutil.which(name)]
    advice = newer[0] + " run.py" if newer else "install Python 3.11 or later (https://www.python.org/downloads/)"
    return "Aurora needs Python 3.11 or later; this is {}.{}. Try: {}".format(
        sys.version_info[0], sys.version_info[1], advice
    )


def hides_engine() -> bool:
    """Whether the project has a package with the engine's name and is not the engine's own project."""
    if not any(os.path.exists(os.path.join(ROOT, name)) for name in ("aurora", "aurora.py")):
        return False
    with open(os.path.join(ROOT, "pyproject.toml"), encoding="utf-8") as project:
        return '\nname = "aurora-engine"\n' not in project.read()


def become(command: list[str]) -> int:
    """Runs the command in place of this process, so that signals and the exit code are its own."""
    if not WINDOWS:
        os.execv(command[0], command)
    import signal
    import subprocess

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the command too, which decides
    return subprocess.call(command)


def install(parts: list[Part]) -> None:
    """Installs the parts that are not in place, one process at a time.

    Raises:
        InstallError: with what is missing and what to do about it.
    """
    import signal

    def terminated(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    os.makedirs(STATE, exist_ok=True)
    before = signal.signal(signal.SIGTERM, terminated)  # so that what is under way is ended too
    lock = lock_installation()
    try:
        for part in parts:
            if part.ready():
                continue
            broken = part.begin()
            with Step("Installing " + part.title) as step:
                INSTALLERS[part.name](part, step, broken)
            part.finish()
    finally:
        lock.close()
        signal.signal(signal.SIGTERM, before)


def lock_installation() -> IO[str]:
    """Waits until no other run.py installs in this clone; closing the file, or dying, lets the next one in."""
    lock = open(os.path.join(STATE, "install.lock"), "a+", encoding="ascii")  # noqa: SIM115 - the caller closes it
    said = False
    while True:
        try:
            if WINDOWS:
                import msvcrt

                lock.seek(0)
                msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
            else:
                import fcntl

                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except OSError:
            if not said:
                print("Another run.py is installing here: waiting for it ...", file=sys.stderr)
                said = True
            import time

            time.sleep(0.1)


def install_uv(part: Part, step: Step, _broken: bool) -> None:
    """pip installs uv: it is the one installer that Python brings, and it follows the machine's pip configuration."""
    from importlib.util import find_spec

    if find_spec("venv") is None or find_spec("ensurepip") is None:
        raise InstallError(
            "This Python {0}.{1} lacks venv. On Debian and Ubuntu: sudo apt install python3-venv "
            "(for another Python than the system's: python{0}.{1}-venv). Then run the same command again.".format(
                *sys.version_info[:2]
            )
        )
    step.run([sys.executable, "-m", "venv", "--clear", part.directory])
    environment = dict(os.environ, PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1")
    pip = [part.python, "-m", "pip", "install", "--quiet", "--retries", "2", "--no-deps", "--only-binary", ":all:"]
    step.run([*pip, "--require-hashes", "-r", part.lock], environment)


def install_project(part: Part, step: Step, broken: bool) -> None:
    """uv makes .venv what uv.lock says; tests get exactly that, other commands leave more packages alone."""
    environment = uv_environment()
    if broken:
        step.run([UV.tool("uv"), "venv", "--quiet", "--clear", "--python", sys.executable, part.directory], environment)
    command = [UV.tool("uv"), "sync", "--frozen", "--project", ROOT, "--python", sys.executable]
    step.run(command if part.variant == "dev" else [*command, "--inexact", "--no-group", "dev"], environment)
    step.run([part.python, "-I", "-c", FIND_ENGINE, ROOT, ENGINE])


# The command is used from any directory: the project's own packages are found by this path, not by where one stands.
FIND_ENGINE = """
import importlib.util, os, sys, sysconfig
project, engine = sys.argv[1:]
with open(os.path.join(sysconfig.get_path("purelib"), "aurora-project.pth"), "w", encoding="utf-8") as path:
    path.write(project + "\\n")
sys.path.append(project)
found = importlib.util.find_spec("aurora")
if found is None:
    sys.exit("uv.lock names no aurora-engine: add it to pyproject.toml, then run `.aurora/uv/bin/uv lock`.")
with open(engine, "w", encoding="utf-8") as file:
    file.write(os.path.dirname(found.origin))
"""


def install_emulator(part: Part, step: Step, _broken: bool) -> None:
    """uv installs MiniStack into an environment of its own."""
    environment = uv_environment()
    uv = UV.tool("uv")
    step.run(
        [uv, "venv", "--quiet", "--clear", "--no-project", "--python", sys.executable, part.directory], environment
    )
    step.run([uv, "pip", "install", "--require-hashes", "--python", part.directory, "-r", part.lock], environment)


INSTALLERS = {"uv": install_uv, "project": install_project, "emulator": install_emulator}


def uv_environment() -> dict[str, str]:
    """The environment for uv: the machine's certificates (a company's proxy has its own), this very Python."""
    environment = dict(os.environ)
    environment.pop("VIRTUAL_ENV", None)
    environment.update(UV_SYSTEM_CERTS="1", UV_PYTHON_DOWNLOADS="never", UV_PROJECT_ENVIRONMENT=PROJECT.directory)
    home = os.path.expanduser("~")
    if not os.access(home, os.W_OK):  # a service account: uv would fail for want of a cache
        environment.setdefault("UV_CACHE_DIR", os.path.join(STATE, "cache"))
    return environment


class Step:
    """One thing being installed: says so on stderr, with a spinner on a terminal, and ends what it started."""

    def __init__(self, title: str) -> None:
        import threading

        self._title = title
        self._over = threading.Event()
        self._spinner = threading.Thread(target=self._spin, daemon=True) if sys.stderr.isatty() else None

    def __enter__(self) -> Step:
        if self._spinner:
            self._spinner.start()
        else:
            print(self._title + " ...", file=sys.stderr, flush=True)
        return self

    def __exit__(self, kind: object, *_exception: object) -> None:
        self._over.set()
        if self._spinner:
            self._spinner.join()
            print("\r{} {}      ".format("x" if kind else "*", self._title), file=sys.stderr, flush=True)

    def _spin(self) -> None:
        import itertools
        import time

        began = time.monotonic()
        for sign in itertools.cycle("|/-\\"):
            line = "\r{} {} {:.0f} s".format(sign, self._title, time.monotonic() - began)
            print(line, end="", file=sys.stderr, flush=True)
            if self._over.wait(0.1):
                return

    def run(self, command: list[str], environment: dict[str, str] | None = None) -> str:
        """Runs one command and returns what it said.

        Raises:
            InstallError: it failed; the whole of what it said is in .aurora/install.log.
        """
        import subprocess

        process = subprocess.Popen(
            command,
            env=environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        try:
            said, _ = process.communicate()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if process.returncode:
            with open(os.path.join(STATE, "install.log"), "w", encoding="utf-8") as log:
                log.write(" ".join(command) + "\n" + said)
            raise InstallError(explain(said, self._title))
        return said


# What pip, uv, venv and the system say, in lower case, and the sentence it comes to.
CAUSES = [
    (
        ("no space left on device", "disk quota exceeded", "os error 28"),
        "The disk is full: free some space (two gigabytes are plenty), then run the same command again.",
    ),
    (
        ("certificate verify failed", "invalid peer certificate", "unknownissuer"),
        "A server's certificate is not trusted here, as behind a company's proxy: set SSL_CERT_FILE and PIP_CERT to "
        "the company's certificate bundle, then run the same command again.",
    ),
    (
        (
            "name or service not known",
            "temporary failure in name resolution",
            "nodename nor servname",
            "dns error",
            "failed to establish a new connection",
            "cannot connect to proxy",
            "error sending request",
            "could not connect",
            "network is unreachable",
            "connection refused",
            "connection reset",
            "connection broken",
            "max retries exceeded",
            "timed out",
            "tunnel error",
        ),
        "The network is missing: the Python package index does not answer. What is locked is installed once and works "
        "offline from then on: connect (or set HTTPS_PROXY), then run the same command again.",
    ),
    (
        ("permission denied", "operation not permitted", "read-only file system", "access is denied"),
        "This user may not write here: make the clone writable, then run the same command again.",
    ),
]


def explain(said: str, title: str) -> str:
    """The sentence for a failure, from what the failing program said."""
    lowered = said.lower()
    for signs, sentence in CAUSES:
        if any(sign in lowered for sign in signs):
            return sentence
    last = [line.strip() for line in said.splitlines() if line.strip()][-1:] or ["no reason given"]
    return "{} failed: {}\nAll of it is in {}".format(title, last[0], os.path.join(STATE, "install.log"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
