"""What an unchanged stack and a one-line change cost with the real engine, Docker and registry.

    .venv/bin/python -m benchmarks.inner_loop

A checkout is brought up on an embedded AWS by the Pulumi CLI and the tests' AWS provider, its images built by Docker.
Then `pulumi preview` runs with nothing changed: every call of the Docker client is counted, and the processor time of
the program and of the provider of images is sampled and shared out between this project's code, what that imports, and
Pulumi. Then a line of one group changes, and `pulumi up --target` runs: the time of each phase until a local container
answers with the new code, and how much of the new image the registry did not have.

It needs `pulumi`, Docker and what makes the tests' base image.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from aurora.local.containers import Attendant
from aurora.local.emulator import ACCOUNT_ID, Emulator, find_python
from tests.engine.engine import PROJECT, Engine, link_environment, prepare
from tests.support import base_image
from tests.support.clone import clone_into

GROUP, FUNCTION, MODULE = "slides", "aurora-dev-images-gen", "functions/slides/images_gen.py"
EDITS = 3
PREVIEWS = 3
NOTHING_CHANGES = ("--expect-no-changes",)
_NETWORK = ("DOCKER_HOST", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PIP_CERT", "SSL_CERT_FILE")

# Read by every Python that the engine starts: every 2 ms, the processor time since then goes to whoever is at work.
SAMPLER = r"""
import os, sys, sysconfig, threading, time
ROLES = {"pulumi-language-python-exec": "program", "-m pulumi.dynamic": "provider of images"}
PULUMI = ("pulumi", "pulumi_aws", "pulumi_docker", "grpc", "google")
IDLE = ("threading.py", "queue.py", "selectors.py", "futures/thread.py", "grpc/_server.py", "dynamic/__main__.py")

def who(frame):
    if frame.f_code.co_filename.endswith(IDLE):
        return None
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(packages) and path[len(packages) + 1 :].split(os.sep)[0] in PULUMI:
            return "Pulumi"
        if path.startswith(checkout):
            return "ours, and what it calls or imports"
        frame = frame.f_back
    return "Python's start"

def sample():
    own, before = threading.get_ident(), 0.0
    while True:
        time.sleep(0.002)
        now = time.process_time()
        at_work = [who(frame) for ident, frame in sys._current_frames().items() if ident != own]
        at_work = sorted(filter(None, at_work)) or ["Pulumi"]
        os.write(out, f"{role}: {at_work[-1]}\t{now - before:.6f}\n".encode())
        before = now

command = " ".join(sys.orig_argv)
role = next((role for part, role in ROLES.items() if part in command), None)
if role:
    checkout, packages = os.environ["BENCHMARK_CHECKOUT"] + os.sep, sysconfig.get_path("purelib")
    out = os.open(os.environ["BENCHMARK_SAMPLES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    sys.setswitchinterval(0.001)
    threading.Thread(target=sample, daemon=True).start()
"""


@contextmanager
def an_engine(folder: Path) -> Generator[Engine]:
    """A checkout with everything of its own; functions run as containers, and Docker's calls are recorded."""
    pulumi = shutil.which("pulumi")
    assert pulumi is not None, "pulumi is not on PATH"
    checkout, programs, sampler = folder / "checkout", folder / "bin", folder / "sampler"
    for each in (programs, sampler, folder / "home", folder / "state", folder / "session"):
        each.mkdir()
    clone_into(checkout)
    for name in ("pyproject.toml", "uv.lock", ".gitattributes", ".gitignore"):
        shutil.copy(PROJECT / name, checkout)
    provider = f"PYTHONPATH={PROJECT} exec {sys.executable} -P -m tests.engine.aws_provider"
    real = "/usr/bin/docker" if Path("/usr/bin/docker").exists() else shutil.which("docker")
    for program, text in {
        "pulumi-resource-aws": provider,
        "docker": f'echo "$*" >> {folder}/docker-calls\nexec {real} "$@"',
    }.items():
        (programs / program).write_text(f"#!/bin/sh\n{text}\n")
        (programs / program).chmod(0o755)
    (sampler / "sitecustomize.py").write_text(SAMPLER)
    python, log = find_python(PROJECT), folder / "emulator.log"
    attendant = Attendant(python=python, session=folder / "session", images="aurora-dev-", log=log)
    attendant.start()
    try:
        with Emulator(
            python=python,
            region="us-east-1",
            log=log,
            scratch=folder / "session",
            bytecode=PROJECT / ".aurora" / "bytecode",
            attendant=attendant,
        ) as emulator:
            environment = {
                "HOME": str(folder / "home"),
                "PATH": os.pathsep.join([str(programs), str(Path(pulumi).resolve().parent), "/usr/bin", "/bin"]),
                "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
                "PULUMI_CONFIG_PASSPHRASE": "for this benchmark",
                "PULUMI_SKIP_UPDATE_CHECK": "1",
                "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
                "AWS_ACCESS_KEY_ID": ACCOUNT_ID,
                "AWS_SECRET_ACCESS_KEY": emulator.credentials.secret_access_key,
                "BENCHMARK_CHECKOUT": str(checkout),
                "BENCHMARK_SAMPLES": str(folder / "samples"),
                **{name: os.environ[name] for name in _NETWORK if name in os.environ},
            }
            prepare(checkout, emulator)
            link_environment(checkout)
            yield Engine(checkout, environment, emulator)
    finally:
        attendant.stop()


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    done = work()
    return time.perf_counter() - began, done


def docker_calls(folder: Path) -> int:
    calls = folder / "docker-calls"
    return len(calls.read_text().splitlines()) if calls.exists() else 0


def report_unchanged(engine: Engine, folder: Path) -> None:
    engine.preview("dev", *NOTHING_CHANGES)  # writes the bytecode
    calls = docker_calls(folder)
    plain = [timed(lambda: engine.preview("dev", *NOTHING_CHANGES))[0] for _ in range(PREVIEWS)]
    sampled = Engine(engine.checkout, {**engine.environment, "PYTHONPATH": str(folder / "sampler")}, engine.emulator)
    for _ in range(PREVIEWS):
        sampled.preview("dev", *NOTHING_CHANGES)
    print(f"nothing changed: calls of Docker                {docker_calls(folder) - calls:>8}")
    print(f"nothing changed: pulumi preview                 {statistics.median(plain):>8.2f} s")
    samples: dict[str, float] = defaultdict(float)
    for line in (folder / "samples").read_text().splitlines():
        who, _, seconds = line.partition("\t")
        samples[who] += float(seconds)
    for who, seconds in sorted(samples.items()):
        print(f"  processor time, {who:<55} {seconds / PREVIEWS:>8.2f} s")


def layers(engine: Engine) -> dict[str, int]:
    """The size of each blob of the group's present image, by digest, as the registry keeps it."""
    repository = f"aurora-dev-{GROUP}"
    (image,) = engine.aws("ecr").batch_get_image(
        repositoryName=repository, imageIds=[{"imageTag": engine.source_digests()[GROUP]}]
    )["images"]
    manifest = json.loads(image["imageManifest"])
    return {blob["digest"]: blob["size"] for blob in (manifest["config"], *manifest["layers"])}


def answer(engine: Engine) -> Any:
    try:
        called = engine.aws("lambda").invoke(FunctionName=FUNCTION, Qualifier="live", Payload=b"{}")
    except ClientError:
        return None  # the version is not there yet
    return json.loads(called["Payload"].read())


def report_edits(engine: Engine) -> None:
    original = (engine.checkout / MODULE).read_text()
    phases: dict[str, list[float]] = {}
    pushed: list[int] = []
    for edit in range(EDITS + 1):
        before = layers(engine)
        code = f"\n\ndef handler(event, context):\n    return {edit}\n"
        (engine.checkout / MODULE).write_text(original + code)
        seconds, told = timed(lambda: engine.up("dev", "--target", f"**::{GROUP}**"))

        def until_it_answers(wanted: int = edit) -> None:
            while answer(engine) != wanted:
                time.sleep(0.05)

        answered, _ = timed(until_it_answers)
        if not edit:
            continue  # brings the handler that the others change by a line
        told_phases = re.search(rf"{GROUP}: built and pushed.*\((.*)\)", told)
        assert told_phases, told
        for name, value in re.findall(r"(\w+) ([\d.]+) s", told_phases[1]):
            phases.setdefault(f"of it, {name}", []).append(float(value))
        phases.setdefault("pulumi up --target", []).append(seconds)
        phases.setdefault("first answer of the new code", []).append(answered)
        phases.setdefault("from the save to the answer", []).append(seconds + answered)
        after = layers(engine)
        pushed.append(sum(size for digest, size in after.items() if digest not in before))
    for name, values in phases.items():
        print(f"one line changed: {name:<29} {statistics.median(values):>8.2f} s")
    whole = sum(layers(engine).values())
    print(f"one line changed: {'bytes that the registry lacked':<29} {statistics.median(pushed):>8,.0f} of {whole:,}")


def main() -> None:
    base = base_image.ensure()
    # The attendant's and the containers' user are not this process's.
    with tempfile.TemporaryDirectory(prefix="aurora-benchmark-") as name:
        folder = Path(name)
        with an_engine(folder) as engine:
            engine.must("pulumi", "stack", "init", "dev")
            engine.configure("dev", {"aurora:baseImage": base, "aurora:architecture": base_image.ARCHITECTURE})
            first, _ = timed(lambda: engine.up("dev"))
            print(f"first pulumi up, both images built              {first:>8.1f} s", flush=True)
            report_unchanged(engine, folder)
            report_edits(engine)


if __name__ == "__main__":
    main()
