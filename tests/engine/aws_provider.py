"""An AWS provider plugin of the tests' own, run by the Pulumi engine as `pulumi-resource-aws`.

It speaks Pulumi's provider protocol and knows no resource type: those are in `tests.engine.aws`.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from concurrent import futures
from importlib import metadata
from typing import Any

import grpc
from botocore.exceptions import BotoCoreError, ClientError
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from aurora.local.errors import LocalError
from tests.engine.aws import ANSWERS, KINDS
from tests.engine.aws.account import Account, NotAllowed
from tests.engine.aws.lifecycle import Kind, Refused


def _explained(method: Callable[..., Any]) -> Callable[..., Any]:
    """What AWS refuses reaches the engine as one sentence; anything else is a fault of ours, with its traceback."""

    @functools.wraps(method)
    def wrapped(self: Any, request: Any, context: Any) -> Any:
        try:
            return method(self, request, context)
        except (ClientError, BotoCoreError, Refused, NotAllowed, LocalError) as error:
            return context.abort(grpc.StatusCode.UNKNOWN, str(error))

    return wrapped


class AwsProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Pulumi's ResourceProvider protocol over `KINDS`."""

    account: Account

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=metadata.version("pulumi-aws"))

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse()

    @_explained
    def Configure(self, request: Any, context: Any) -> Any:
        config = {key: value for key, value in _plain(request.args).items() if key != "version"}
        self.account = Account({key: _text(value) for key, value in config.items()})
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Check(self, request: Any, context: Any) -> Any:
        failures = []
        if request.type not in KINDS:
            reason = f"the tests' AWS provider knows no {request.type}: add it to tests/engine/aws"
            failures.append(provider_pb2.CheckFailure(reason=reason))
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:
        kind, olds, news = KINDS[request.type], _plain(request.old_inputs), _plain(request.news)
        changed = _changed(olds, news)
        replaces = [key for key in changed if key in kind.replaces or (kind.update is None and key != "tags")]
        some = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        # Two resources of one name cannot exist at a time: the old one goes first, unless it is the name that changes.
        named = "name" in kind.replaces and "name" not in changed
        return provider_pb2.DiffResponse(
            changes=some, diffs=changed, replaces=replaces, deleteBeforeReplace=bool(replaces) and named
        )

    @_explained
    def Create(self, request: Any, context: Any) -> Any:
        if request.preview:
            return provider_pb2.CreateResponse(id="", properties=request.properties)
        inputs = _plain(request.properties)
        id_, outputs = KINDS[request.type].create(request.name, inputs, self.account)
        return provider_pb2.CreateResponse(id=id_, properties=_struct({**inputs, **outputs}))

    @_explained
    def Read(self, request: Any, context: Any) -> Any:
        state = _plain(request.properties)
        now = KINDS[request.type].read(request.id, state, self.account)
        if now is None:
            return provider_pb2.ReadResponse(id="")
        inputs = {key: now.get(key, value) for key, value in _plain(request.inputs).items()}
        return provider_pb2.ReadResponse(id=request.id, properties=_struct({**state, **now}), inputs=_struct(inputs))

    @_explained
    def Update(self, request: Any, context: Any) -> Any:
        kind, olds, news = KINDS[request.type], _plain(request.olds), _plain(request.news)
        kept = {key: value for key, value in olds.items() if key not in _plain(request.old_inputs)}
        if request.preview:
            outputs = dict.fromkeys(_made_anew(kind, olds, news), rpc.UNKNOWN)
        elif kind.update is not None:
            outputs = kind.update(request.id, olds, news, self.account)
        else:
            outputs = {}  # of such a type nothing but tags changes in place
        return provider_pb2.UpdateResponse(properties=_struct({**kept, **news, **outputs}))

    @_explained
    def Delete(self, request: Any, context: Any) -> Any:
        kind, state = KINDS[request.type], _plain(request.properties)
        # What is gone already is none of an engine's business; only then may a deletion have nothing to delete.
        if kind.read(request.id, state, self.account) is not None:
            kind.delete(request.id, state, self.account)
        return empty_pb2.Empty()

    @_explained
    def Invoke(self, request: Any, context: Any) -> Any:
        if request.tok not in ANSWERS:
            return context.abort(grpc.StatusCode.UNIMPLEMENTED, f"the tests' AWS provider knows no {request.tok}")
        fields: dict[str, Any] = {"return": _struct(ANSWERS[request.tok](self.account))}  # a keyword of Python
        return provider_pb2.InvokeResponse(**fields)

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()


def _changed(olds: dict[str, Any], news: dict[str, Any]) -> list[str]:
    """The inputs that differ. What is not known yet may be anything, so it does."""
    return [key for key in sorted({*olds, *news}) if olds.get(key) != news.get(key)]


def _made_anew(kind: Kind, olds: dict[str, Any], news: dict[str, Any]) -> tuple[str, ...]:
    return kind.anew if any(olds.get(key) != value for key, value in news.items() if key != "tags") else ()


def _plain(struct: struct_pb2.Struct) -> dict[str, Any]:
    """A message's properties, whole numbers as such: on the way each became a float."""
    return _whole(json_format.MessageToDict(struct))


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return value


def _struct(values: dict[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(values)
    return struct


def _text(value: Any) -> str:
    """A setting as the engine writes most of them, as text."""
    return value if isinstance(value, str) else json.dumps(value)


def main() -> None:
    engine = os.getppid()
    server = grpc.server(futures.ThreadPoolExecutor(16))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(AwsProvider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    try:
        # An engine that is killed ends no plugins.
        while os.getppid() == engine:
            server.wait_for_termination(timeout=1)
    except KeyboardInterrupt:  # how the engine ends its plugins
        pass
    server.stop(0)


if __name__ == "__main__":
    main()
