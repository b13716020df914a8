"""How the program's time grows with its functions, as a ratio to bare pulumi_aws resources in the same run.

    .venv/bin/python -m benchmarks.program

The whole platform is declared under Pulumi's test interface, its systems replaced by one of so many functions, ten
to a group, each with source of its own, a route for every fifth and a workflow over the first. The bare program
declares resources of the same types, names and inputs, by the classes of pulumi_aws and nothing around them. Both run
in turns, in threads of one process, and seconds are those of the processor; what the difference holds is this project's
own code and its components.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import mocks as pulumi_mocks

from aurora.grants import read, use_table, write
from aurora.local.deploy.program import in_a_thread_of_its_own
from aurora.platform import Platform
from aurora.settings import Settings
from aurora.system import Bucket, Function, Route, System, Table, Workflow
from functions.slides import settings as slides

FUNCTIONS = (5, 50, 500)
PER_GROUP = 10
# Every synthetic function's code: one of this project's own, whose settings its group gets too.
SETTINGS = "class ImagesGenSettings: ...\n"
HANDLER = """\
from functions.{group}.settings import ImagesGenSettings
from functions.text import module_0


def handler(event, context):
    return ImagesGenSettings.read()
"""
MODULES_PER_GROUP = 20
RUNS = 2
ACCOUNT = "123456789012"
CONFIG = {"aws:region": "eu-west-1", "aurora:alarms": "true", "aurora:alarmEmail": "team@example.com"}


@dataclass(frozen=True)
class Registration:
    """One custom resource as the engine gets it."""

    type: str
    name: str
    inputs: Mapping[str, Any]


class Recorder(pulumi.runtime.Mocks):
    """Answers every registration at once, with outputs enough for the program to go on."""

    def __init__(self) -> None:
        self.seen: list[Registration] = []

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if not args.custom:
            return "", {}
        self.seen.append(Registration(args.typ, args.name, args.inputs))
        arn = f"arn:aws:x:eu-west-1:{ACCOUNT}:{args.name}"
        url = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/{args.name}"
        known = {"arn": arn, "repositoryUrl": url, "digest": "sha256:0", "version": "1", "invokeUrl": "https://a/"}
        known |= {"invokeArn": arn, "executionArn": arn, "domainName": "a", "bucketRegionalDomainName": "a"}
        return f"{args.name}-id", {**args.inputs, **known}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:  # noqa: ARG002
        return {"accountId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:user/d", "id": "1", "userId": "u"}, []


class Synthetic:
    """A system of so many functions, and a checkout that holds their source."""

    def __init__(self, functions: int, project: Path) -> None:
        names = [f"worker-{number}" for number in range(functions)]
        self._groups = {
            f"group{number // PER_GROUP}x": tuple(names[number : number + PER_GROUP])
            for number in range(0, functions, PER_GROUP)
        }
        self.project = project
        (project / "site").symlink_to(Path(__file__).parents[1] / "site")
        for group in self._groups:
            (project / "images" / group).mkdir(parents=True)
            (project / "images" / group / "Dockerfile").write_text("FROM base\n")
            (project / "images" / group / "requirements.txt").write_text("boto3==1\n")
        (project / "images" / "base-image").write_text("base:1\n")
        for folder in ("text", *self._groups):
            (project / "functions" / folder).mkdir(parents=True)
            for module in range(MODULES_PER_GROUP):
                (project / "functions" / folder / f"module_{module}.py").write_text(f"# {folder}\n" * 300)
            for name in self._groups.get(folder, ()):
                code = HANDLER.format(group=folder)
                (project / "functions" / folder / f"{name.replace('-', '_')}.py").write_text(code)
                (project / "functions" / folder / "settings.py").write_text(SETTINGS)
        (project / "functions" / "__init__.py").touch()
        self.system = System(
            "synthetic",
            groups={group: tuple(_function(name, group) for name in of) for group, of in self._groups.items()},
            tables={"courses": Table("owner", "course_id"), "progress": Table("execution", "unit")},
            buckets={"content": Bucket(from_pages=True)},
            routes=tuple(Route(f"GET /{name}/{{id}}", name) for name in names[::5]),
            workflows={"courses": Workflow(lambda live_arn: _chain(names[:5], live_arn))},
        )

    def program(self) -> None:
        Platform(Settings.load([self.system]), [self.system], self.project)


def _function(name: str, group: str) -> Function:
    own = type("ImagesGenSettings", (slides.ImagesGenSettings,), {"__module__": f"functions.{group}.settings"})
    return Function(
        name,
        lambda stage: own(
            bucket=stage.bucket("content"),
            progress_table=stage.table("progress"),
            models="{}",
            images_per_call=24,
            image_seconds=30,
        ),
        (*read("content", "users/*"), *write("content", "users/*"), *use_table("courses", "GetItem")),
    )


def _chain(functions: list[str], live_arn: Callable[[str], str]) -> dict[str, Any]:
    """A state machine that calls one function after the other."""
    steps: dict[str, Any] = {
        name: {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": live_arn(name), "Payload.$": "$"},
            "Next": following,
        }
        for name, following in zip(functions, [*functions[1:], "Done"], strict=True)
    }
    return {"StartAt": functions[0], "States": {**steps, "Done": {"Type": "Succeed"}}}


def bare_program(registrations: list[Registration]) -> Callable[[], None]:
    """Declares the same custom resources with plain values, by their classes."""
    classes = {pulumi.get_type_token(each): each for each in _subclasses(pulumi.CustomResource)}
    calls: list[tuple[Any, str, dict[str, Any]]] = []
    for each in registrations:
        found = classes.get(each.type)
        if found is None or found.__module__.startswith("infra"):
            calls.append((pulumi.CustomResource, each.name, {"t": each.type, "props": dict(each.inputs)}))
        else:
            arguments = {_python_names(found)[key]: value for key, value in each.inputs.items()}
            calls.append((found, each.name, {"resource_name": each.name, **arguments}))

    def program() -> None:
        for found, name, arguments in calls:
            if found is pulumi.CustomResource:
                found(arguments["t"], name, arguments["props"])
            else:
                found(**arguments)

    return program


def _python_names(resource: type) -> dict[str, str]:
    """The arguments of a resource class by their names in the engine."""
    getters = {name: each.fget for name, each in vars(resource).items() if isinstance(each, property)}
    return {getattr(getter, "_pulumi_name", name): name for name, getter in getters.items()}


def _subclasses(parent: type) -> list[type]:
    return [found for child in parent.__subclasses__() for found in (child, *_subclasses(child))]


def seconds(program: Callable[[], None]) -> tuple[float, list[Registration]]:
    """Processor seconds of a program until all of its resources are registered, and which those are."""
    recorder = Recorder()

    def run() -> None:
        pulumi.runtime.set_mocks(recorder, "aurora", "dev", preview=False)
        pulumi.runtime.set_all_config(CONFIG)
        pulumi_mocks.test(program)()

    began = time.process_time()
    in_a_thread_of_its_own(run)
    return time.process_time() - began, recorder.seen


def main() -> None:
    print(
        f"{'functions':>9} {'resources':>10} {'program':>10} {'bare':>10} {'ratio':>7} "
        f"{'a function':>11} {'ours of it':>11}"
    )
    for functions in (FUNCTIONS[0], *FUNCTIONS):  # the first once more: it pays for what is done once in a process
        with tempfile.TemporaryDirectory() as folder:
            synthetic = Synthetic(functions, Path(folder))
            _, registrations = seconds(synthetic.program)
            bare = bare_program(registrations)
            runs = [(seconds(synthetic.program)[0], seconds(bare)[0]) for _ in range(RUNS)]
            ours, plain = (min(column) for column in zip(*runs, strict=True))
        print(
            f"{functions:>9,} {len(registrations):>10,} {ours:>9.2f}s {plain:>9.2f}s {ours / plain:>6.2f}x "
            f"{ours / functions * 1e3:>8.1f} ms {(ours - plain) / functions * 1e3:>8.1f} ms",
            flush=True,
        )


if __name__ == "__main__":
    main()
