"""The base image of the tests: Debian with Python and pip, and Lambda's runtime interface emulator.

It is made out of Debian's and Python's package archives, so that no registry is needed, once on a machine: Docker
keeps it under a name that its recipe decides. ``python -m tests.support.base_image`` makes it and prints that name.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from aurora.image import docker
from tests.support.clone import PROJECT

# The Debian whose Python has the minor version of the images' own base.
SUITE = "trixie"
PACKAGES = "python3,python3-pip,ca-certificates"
# Its wheel is where the interface emulator is published.
SAM_CLI = "aws-sam-cli==1.170.0 --hash=sha256:24ebaf5ecba38dc1758089968cb89ab61e124b84e92a344fc7a2771a47f4d0bf"
ARCHITECTURE = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine().lower()]
PLATFORM = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}[ARCHITECTURE]

_RECIPE = hashlib.sha256("\n".join((SUITE, PACKAGES, SAM_CLI, ARCHITECTURE)).encode()).hexdigest()
REFERENCE = f"aurora-tests-base:{_RECIPE[:12]}"


class BaseImageError(Exception):
    """The image cannot be made here; the message says why."""


def present() -> bool:
    """Whether Docker has the image."""
    return not subprocess.run(
        [docker.client(), "image", "inspect", REFERENCE], capture_output=True, check=False
    ).returncode


def can_be_had() -> bool:
    """Whether Docker has the image, or this machine has what makes it."""
    return shutil.which("mmdebstrap") is not None or present()


def ensure() -> str:
    """Makes the image unless Docker has it, and returns its reference. Waits for another process that makes it.

    Raises:
        BaseImageError: a step of making it failed.
        DockerError: there is no Docker client.
    """
    import fcntl  # what only reads this module runs on Windows too

    lock = PROJECT / ".aurora" / "base-image.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not present():
            with tempfile.TemporaryDirectory() as folder:
                _make(Path(folder))
    return REFERENCE


def _make(folder: Path) -> None:
    # mmdebstrap becomes another user where it is not root, who must be able to read here.
    folder.chmod(0o755)
    (folder / "requirements.txt").write_text(SAM_CLI)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    _run([*pip, "--only-binary", ":all:", "--require-hashes", "-r", "requirements.txt"], folder)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        emulator = folder / "aws-lambda-rie"
        emulator.write_bytes(wheel.read(f"samcli/local/rapid/aws-lambda-rie-{ARCHITECTURE}"))
        emulator.chmod(0o755)
    _run(
        [
            *("mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}"),
            *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "locale", "man")),
            *(f"--customize-hook=copy-in {emulator} /usr/local/bin", SUITE, "base.tar"),
        ],
        folder,
    )
    _run([docker.client(), "import", "base.tar", REFERENCE], folder)


def _run(command: list[str], folder: Path) -> None:
    try:
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise BaseImageError(f"{command[0]} is not installed (on Debian: apt-get install {command[0]}).") from error
    if ended.returncode:
        raise BaseImageError(f"{' '.join(command[:4])} ... failed:\n{ended.stderr[-2000:]}")


def main() -> int:
    """Makes the image and prints its name, and on stderr how long it took."""
    began = time.monotonic()
    try:
        print(ensure())
    except (BaseImageError, docker.DockerError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"ready after {time.monotonic() - began:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
