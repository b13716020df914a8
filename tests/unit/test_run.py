"""run.py: what it installs, when it does not, and the sentences it says instead of tracebacks.

Each test has a project of its own whose installer is a script, so nothing is fetched.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("uv.lock", "uv-requirements.txt", "aurora/local/ministack-requirements.txt")

# It makes an environment out of this Python, as `uv venv DIR` and `uv sync` would, and notes what it was asked for.
FAKE_UV = f"""#!/bin/sh
cd "$(dirname "$0")/../../.."
echo "$*" >> uv-calls
[ -e uv-fails ] && {{ cat uv-fails >&2; exit 2; }}
[ -e uv-hangs ] && {{ echo $$ > pid; mv pid uv-pid; exec sleep 60; }}
case "$1" in
  sync) directory=$UV_PROJECT_ENVIRONMENT ;;
  venv) for directory; do :; done ;;
  *) exit 0 ;;
esac
{sys.executable} -m venv --without-pip "$directory"
"""

# In place of the command: it says what it was called with, and ends with the exit code it is told.
FAKE_COMMAND = """\
import os, sys
print(sys.argv[1:], os.getcwd())
print(os.environ["AURORA_PROJECT"], file=sys.stderr)
sys.exit(int(os.environ.get("EXIT_CODE", "0")))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clone with its lock files, in which uv is installed."""
    clone = tmp_path / "a clone"
    for name in ("run.py", "pyproject.toml", *LOCKS):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone / name)
    (clone / "aurora" / "__init__.py").touch()
    (clone / "aurora" / "__main__.py").write_text(FAKE_COMMAND)
    script = module(clone)
    uv = Path(script.UV.tool("uv"))
    uv.parent.mkdir(parents=True)
    uv.write_text(FAKE_UV)
    uv.chmod(0o755)
    (uv.parent / "python").symlink_to(sys.executable)
    script.UV.begin()
    script.UV.finish()
    return clone


def module(clone: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_of_a_clone", clone / "run.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def environment(**changes: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")} | changes


def run(clone: Path, *arguments: str, cwd: Path | None = None, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, clone / "run.py", *arguments],
        cwd=cwd or clone,
        env=environment(**changes),
        capture_output=True,
        text=True,
        check=False,
    )


def calls(clone: Path) -> list[str]:
    return [line.split()[0] for line in (clone / "uv-calls").read_text().splitlines()]


def test_it_parses_on_pythons_that_it_refuses() -> None:
    ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 8))


def test_an_older_python_is_told_what_to_do(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = module(project)
    monkeypatch.setattr(script.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/" + name if name == "python3.12" else None)
    assert script.main(["local"]) == 1
    assert capsys.readouterr().err == "Aurora needs Python 3.11 or later; this is 3.9. Try: python3.12 run.py\n"


def test_it_installs_once_and_then_only_runs_the_command(project: Path) -> None:
    first = run(project, "local", "--json")
    assert first.returncode == 0, first.stderr
    assert calls(project) == ["sync", "venv", "pip"]
    second = run(project, "local", "--json")
    assert calls(project) == ["sync", "venv", "pip"]
    assert second.stdout == f"['local', '--json'] {project}\n"
    assert second.stderr == f"{project}\n"


def test_the_folder_it_is_called_from_gives_it_no_code(project: Path, tmp_path: Path) -> None:
    (tmp_path / "aurora").mkdir()
    (tmp_path / "aurora" / "__main__.py").write_text("raise SystemExit(9)")
    assert run(project, cwd=tmp_path).returncode == 0


def test_the_command_sees_the_folder_and_gives_the_exit_code(project: Path, tmp_path: Path) -> None:
    run(project)
    there = run(project, "course", "a b.yaml", cwd=tmp_path, EXIT_CODE="3")
    assert there.stdout == f"['course', 'a b.yaml'] {tmp_path}\n"
    assert there.returncode == 3


def test_alone_it_shows_the_help(project: Path) -> None:
    assert run(project).stdout.startswith("['--help']")


@pytest.mark.parametrize("name", ["aurora", "aurora.py"])
def test_what_would_hide_the_engine_is_refused(project: Path, name: str) -> None:
    shutil.rmtree(project / "aurora")
    (project / name).touch()
    (project / "pyproject.toml").write_text('[project]\nname = "tales"\n')

    refused = run(project, "local")

    assert refused.returncode == 1
    assert refused.stderr == f"Rename what is called aurora in {project}: it hides the engine of that name.\n"


def test_the_emulator_is_the_one_that_the_installed_engine_names(project: Path) -> None:
    """As in a project of one's own, where the engine is a package among others."""
    run(project)
    packages = next((project / ".venv" / "lib").glob("python*")) / "site-packages"
    shutil.move(project / "aurora", packages / "aurora")
    (project / "pyproject.toml").write_text('[project]\nname = "tales"\n')
    with (project / "uv.lock").open("a") as lock:
        lock.write("\n# another engine\n")
    with (packages / "aurora" / "local" / "ministack-requirements.txt").open("a") as lock:
        lock.write("\n# another emulator\n")
    (project / "uv-calls").unlink()

    done = run(project, "local")

    assert done.returncode == 0, done.stderr
    installed = (project / "uv-calls").read_text().splitlines()[-1]
    assert installed.endswith(f"-r {packages / 'aurora' / 'local' / 'ministack-requirements.txt'}")


def test_a_project_without_the_engine_is_a_sentence(project: Path) -> None:
    shutil.rmtree(project / "aurora")

    failed = run(project, "local")

    assert failed.returncode == 1
    assert "uv.lock names no aurora-engine" in failed.stderr
    assert "Traceback" not in failed.stderr


@pytest.mark.parametrize("lock", LOCKS[::2])
def test_a_changed_lock_installs_what_it_names_and_nothing_else(project: Path, lock: str) -> None:
    run(project)
    (project / "uv-calls").unlink()
    with (project / lock).open("a") as file:
        file.write("\n# changed\n")
    run(project)
    assert calls(project) == (["sync"] if lock == "uv.lock" else ["venv", "pip"])


def test_tests_bring_their_tools_and_other_commands_leave_them(project: Path) -> None:
    run(project)
    assert "--no-group dev" in (project / "uv-calls").read_text()
    (project / "uv-calls").unlink()
    run(project, "test", "-k", "something")
    assert "--no-group" not in (project / "uv-calls").read_text()
    (project / "uv-calls").unlink()
    run(project, "local")
    assert not (project / "uv-calls").exists()


def test_a_deleted_environment_comes_back(project: Path) -> None:
    run(project)
    shutil.rmtree(project / ".venv")
    assert run(project).returncode == 0


def test_an_installation_that_was_killed_is_begun_anew(project: Path) -> None:
    (project / "uv-hangs").touch()
    killed = subprocess.Popen([sys.executable, project / "run.py"], env=environment(), stderr=subprocess.DEVNULL)
    until((project / "uv-calls").exists)
    killed.kill()
    killed.wait()
    until((project / "uv-pid").exists)
    os.kill(int((project / "uv-pid").read_text()), signal.SIGKILL)
    (project / "uv-hangs").unlink()
    (project / "uv-calls").unlink()
    again = run(project)
    assert again.returncode == 0, again.stderr
    assert calls(project) == ["venv", "sync", "venv", "pip"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ending_it_ends_the_installer_too(project: Path, number: int) -> None:
    (project / "uv-hangs").touch()
    process = subprocess.Popen([sys.executable, project / "run.py"], env=environment(), stderr=subprocess.DEVNULL)
    until((project / "uv-pid").exists)
    process.send_signal(number)
    assert process.wait(timeout=10) == 128 + number
    with pytest.raises(ProcessLookupError):
        os.kill(int((project / "uv-pid").read_text()), 0)


def test_two_at_once_install_once(project: Path) -> None:
    starts = [
        subprocess.Popen(
            [sys.executable, project / "run.py"], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(4)
    ]
    said = [process.communicate() for process in starts]
    assert [process.returncode for process in starts] == [0, 0, 0, 0], said
    assert calls(project) == ["sync", "venv", "pip"]


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("error: Failed to fetch: `https://x/`\n  Caused by: dns error: failed to lookup", "The network is missing"),
        ("error: failed to write: No space left on device (os error 28)", "The disk is full"),
        ("invalid peer certificate: UnknownIssuer", "certificate is not trusted"),
        ("error: Permission denied (os error 13)", "may not write here"),
        ("error: Hash mismatch for `boto3`", "Hash mismatch for `boto3`\nAll of it is in"),
    ],
)
def test_a_failed_installation_is_a_sentence_and_exit_code_1(project: Path, reason: str, sentence: str) -> None:
    (project / "uv-fails").write_text(reason + "\n")
    failed = run(project, "local")
    assert failed.returncode == 1
    assert sentence in failed.stderr
    assert "Traceback" not in failed.stderr
    assert reason in (project / ".aurora" / "install.log").read_text()
    (project / "uv-fails").unlink()
    assert run(project, "local").returncode == 0


def test_a_missing_network_is_a_sentence_when_pip_finds_it_out(project: Path) -> None:
    shutil.rmtree(project / ".aurora" / "uv")
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    failed = run(project, "local", cwd=project, **nowhere)
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1].startswith("The network is missing: ")


def test_a_python_without_venv_is_told_the_package(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(project / ".aurora" / "uv")
    script = module(project)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert script.main(["local"]) == 1
    assert "sudo apt install python3-venv" in capsys.readouterr().err


def until(holds: Callable[[], bool]) -> None:
    """Waits until ``holds()``: what is waited for happens in another process."""
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
