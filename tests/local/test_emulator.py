"""The embedded AWS as a process: it ends with its parent, and its own end is one clear sentence."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from aurora.local.emulator import Emulator, find_python
from aurora.local.errors import EmulatorError
from aurora.local.platform import LocalPlatform
from aurora.testing.calls import sign_in
from tests.support.clone import PROJECT
from tests.support.embedded_aws import client, make_role
from tests.support.processes import started_by
from tests.support.somebody import wait_until


@pytest.fixture
def emulator(tmp_path: Path) -> Callable[[Path], Emulator]:
    def make(python: Path) -> Emulator:
        return Emulator(
            python=python,
            region="us-east-1",
            log=tmp_path / "log",
            scratch=tmp_path / "scratch",
            bytecode=tmp_path / "bytecode",
        )

    return make


def test_a_killed_emulator_is_one_clear_sentence(project: Path) -> None:
    with LocalPlatform(project=project, announce=False, watch=False) as platform:
        platform.check()
        os.kill(platform.emulator_pid, signal.SIGKILL)

        with pytest.raises(EmulatorError, match=r"The embedded AWS was ended by signal 9: start .* again"):
            platform.wait()


def test_an_emulator_that_dies_while_the_program_is_deployed_is_what_is_told(project: Path) -> None:
    program = project / "__main__.py"
    others = started_by(os.getpid(), "launcher.py")
    kill = f"""\
import os, signal
from tests.support.processes import started_by
(emulator,) = started_by(os.getpid(), "launcher.py") - {others!r}
os.kill(emulator, signal.SIGKILL)
"""
    program.write_text(kill + program.read_text())

    with pytest.raises(EmulatorError, match="The embedded AWS "):
        LocalPlatform(project=project, announce=False, watch=False).__enter__()


def test_an_emulator_that_cannot_start_says_why(tmp_path: Path, emulator: Callable[[Path], Emulator]) -> None:
    with pytest.raises(EmulatorError, match=r"ended while it started \(exit code 1\): .*No module named 'ministack'"):
        emulator(Path(sys.executable)).__enter__()


def test_an_emulator_that_is_not_installed_names_the_command_that_installs_it(tmp_path: Path) -> None:
    with pytest.raises(
        EmulatorError, match=r"not installed\. Install it with a network connection: python3 run.py local"
    ):
        find_python(tmp_path, {})
    with pytest.raises(EmulatorError, match="AURORA_MINISTACK names /nowhere/ministack"):
        find_python(tmp_path, {"AURORA_MINISTACK": "/nowhere/ministack"})


def test_the_emulators_log_and_errors_are_in_a_file(emulator: Callable[[Path], Emulator], tmp_path: Path) -> None:
    with emulator(find_python(PROJECT)) as running:
        assert running.endpoint == f"http://127.0.0.1:{running.port}"
        assert (tmp_path / "log").exists()
    with pytest.raises(EmulatorError, match="is not running"):
        running.check()


def test_keys_that_sign_tokens_lie_in_the_emulators_own_folder_and_go_with_it(project: Path) -> None:
    with LocalPlatform(project=project, announce=False, watch=False) as platform:
        sign_in(platform)
        run = project / ".aurora" / "run"
        assert {f"{platform.user_pool_id}-access.pem", f"{platform.user_pool_id}-id.pem"} <= {
            file.name for file in run.rglob("*.pem")
        }

    assert list(run.iterdir()) == []


EACH_IN_AN_EXECUTION_OF_ITS_OWN = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "Label": "Each",
            "ItemsPath": "$.seconds",
            "MaxConcurrencyPath": "$.most",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Wait",
                "States": {"Wait": {"Type": "Wait", "SecondsPath": "$", "End": True}},
            },
            "End": True,
        }
    },
}


def test_a_map_runs_as_many_iterations_at_a_time_as_its_path_says(
    emulator: Callable[[Path], Emulator], tmp_path: Path
) -> None:
    with emulator(find_python(PROJECT)) as running:
        states = client(running, "stepfunctions")
        machine = states.create_state_machine(
            name="courses",
            roleArn=make_role(running, "courses"),
            definition=json.dumps(EACH_IN_AN_EXECUTION_OF_ITS_OWN),
        )["stateMachineArn"]

        def overlap(most: int) -> bool:
            """Whether an iteration began before the one that began before it had ended."""
            started = states.start_execution(
                stateMachineArn=machine, input=json.dumps({"most": most, "seconds": [0.2, 0.2, 0.2]})
            )["executionArn"]
            wait_until(
                lambda: states.describe_execution(executionArn=started)["status"] == "SUCCEEDED",
                otherwise=lambda: str(states.describe_execution(executionArn=started)),
            )
            (run,) = states.list_map_runs(executionArn=started)["mapRuns"]
            children = states.list_executions(mapRunArn=run["mapRunArn"])["executions"]
            assert len(children) == 3
            times = sorted((child["startDate"], child["stopDate"]) for child in children)
            return any(begun < ended for (_, ended), (begun, _) in pairwise(times))

        assert overlap(most=3)
        assert not overlap(most=1)
