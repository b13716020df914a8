"""The resources that a project's `__main__.py` declares for a stage, recorded by Pulumi's test interface."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pulumi
import pulumi.runtime
import yaml
from pulumi.runtime import mocks as pulumi_mocks
from pulumi.runtime import rpc

from aurora.local.deploy.program import in_a_thread_of_its_own
from aurora.project import ROOT, service

ACCOUNT = "123456789012"
CONFIG = {"aws:region": "eu-west-1"}


@dataclass(frozen=True)
class Resource:
    """One registration: type token, logical name, the inputs as Pulumi's engine gets them, and its options.

    ``aliases`` are earlier logical names.
    """

    type: str
    name: str
    inputs: dict[str, Any]
    protect: bool
    depends_on: frozenset[str]
    parent: str
    urn: str
    aliases: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Declared:
    """Everything that one run of the program registered, and what it exported."""

    resources: tuple[Resource, ...]
    exports: Mapping[str, Any]

    def of_type(self, suffix: str) -> list[Resource]:
        """Resources whose type token ends in `suffix`; components only if `suffix` is their whole type."""
        found = [resource for resource in self.resources if resource.type.endswith(suffix)]
        return [resource for resource in found if resource.type == suffix or not resource.type.startswith("aurora:")]

    def one(self, suffix: str, name: str) -> Resource:
        (found,) = [resource for resource in self.of_type(suffix) if resource.name == name]
        return found


class _Recorder(pulumi.runtime.Mocks):
    """Supplies outputs like AWS's, as far as programs read them."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        inputs = cast("dict[str, Any]", args.inputs)  # pyright: ignore[reportUnknownMemberType]
        name = inputs.get("name") or inputs.get("bucket") or args.name
        resource = f"function:{inputs['functionName']}:{name}" if args.typ.endswith(":Alias") else name
        outputs: dict[str, Any] = {
            **inputs,
            "arn": f"arn:aws:{args.typ.split(':')[1].split('/')[0]}:eu-west-1:{ACCOUNT}:{resource}",
            "repositoryUrl": f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/{name}",
            "digest": f"sha256:{inputs.get('tag', '')}",
            "version": "1",
            # An alias's: the program invokes nothing else.
            "invokeArn": f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:"
            f"{ACCOUNT}:function:{inputs.get('functionName')}:{name}/invocations",
            "invokeUrl": "https://abc123.execute-api.eu-west-1.amazonaws.com/",
            "executionArn": f"arn:aws:execute-api:eu-west-1:{ACCOUNT}:abc123",
            "domainName": "d111.cloudfront.net",
            "bucketRegionalDomainName": f"{name}.s3.eu-west-1.amazonaws.com",
        }
        return f"{args.name}-id", outputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        if args.token == "aws:index/getCallerIdentity:getCallerIdentity":
            arn = f"arn:aws:iam::{ACCOUNT}:user/deployer"
            return {"accountId": ACCOUNT, "arn": arn, "id": "1", "userId": "u"}, []
        raise AssertionError(f"the program asked AWS for {args.token}")


class _Monitor(pulumi_mocks.MockMonitor):
    def __init__(self, mocks: pulumi.runtime.Mocks, seen: list[Resource], exports: dict[str, Any]) -> None:
        super().__init__(mocks)
        self._seen = seen
        self._exports = exports

    def RegisterResource(self, request: Any) -> Any:
        answer: Any = super().RegisterResource(request)  # pyright: ignore[reportUnknownMemberType]
        inputs = rpc.deserialize_properties(request.object, keep_unknowns=False)
        self._seen.append(
            Resource(
                request.type,
                request.name,
                {key: _plain(value) for key, value in inputs.items()},
                request.protect,
                frozenset(request.dependencies),
                request.parent,
                answer.urn,
                frozenset(alias.spec.name for alias in request.aliases if alias.spec.name),
            )
        )
        return answer

    def RegisterResourceOutputs(self, request: Any) -> Any:
        if "pulumi:pulumi:Stack" in request.urn:
            self._exports.update(rpc.deserialize_properties(request.outputs))
        return super().RegisterResourceOutputs(request)  # pyright: ignore[reportUnknownMemberType]


def _plain(value: Any) -> Any:
    """A value without the wrapper of secrets."""
    return value.get("value") if rpc.is_rpc_secret(value) else value


def stages(project: Path = ROOT) -> list[str]:
    """The stages that have a ``Pulumi.<stage>.yaml`` in the project."""
    return sorted(path.name.split(".")[1] for path in project.glob("Pulumi.*.yaml"))


def stack_config(stage: str, project: Path = ROOT) -> dict[str, str]:
    """A stage's config as the Pulumi CLI passes it to a program: lists as JSON text."""
    config = yaml.safe_load((project / f"Pulumi.{stage}.yaml").read_text(encoding="utf-8"))["config"]
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}


def declare(stage: str, config: Mapping[str, str] | None = None, project: Path = ROOT) -> Declared:
    """Runs the program for ``stage``, with its own config or another. Raises what the program raises."""

    def program() -> None:  # returns nothing, as Pulumi waits for outputs in the result
        runpy.run_path(str(project / "__main__.py"))

    return run(stage, stack_config(stage, project) if config is None else config, program, service(project))


def run(stage: str, config: Mapping[str, str], program: Callable[[], None], name: str = "aurora") -> Declared:
    """Runs any program as that of the project `name`, for `stage` with the stack config `config`, and records it."""
    seen: list[Resource] = []
    exports: dict[str, Any] = {}
    mocks = _Recorder()

    def declare_all() -> None:
        pulumi.runtime.set_mocks(mocks, name, stage, preview=False, monitor=_Monitor(mocks, seen, exports))
        pulumi.runtime.set_all_config(dict(config))
        pulumi.runtime.test(program)()  # pyright: ignore[reportUnknownMemberType]

    in_a_thread_of_its_own(declare_all)
    return Declared(tuple(seen), exports)
