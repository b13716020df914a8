"""A stand-in for the AWS provider, run by the Pulumi engine as `pulumi-resource-aws`.

It accepts every resource and answers with its inputs, so that the engine can preview the program without an account.
"""

from __future__ import annotations

from concurrent import futures
from typing import Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

ACCOUNT = "123456789012"


class AwsProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Pulumi's ResourceProvider protocol, as far as a preview needs it."""

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version="7.0.0")

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse()

    def Configure(self, request: Any, context: Any) -> Any:
        return provider_pb2.ConfigureResponse(acceptSecrets=True, acceptOutputs=True, supportsPreview=True)

    def Check(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Create(self, request: Any, context: Any) -> Any:
        return provider_pb2.CreateResponse(id="", properties=request.properties)

    def Invoke(self, request: Any, context: Any) -> Any:
        answer = struct_pb2.Struct()
        answer.update({"accountId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:user/deployer", "id": "1", "userId": "u"})
        fields: dict[str, Any] = {"return": answer}  # a keyword of Python
        return provider_pb2.InvokeResponse(**fields)

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()


def main() -> None:
    server = grpc.server(futures.ThreadPoolExecutor(8))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(AwsProvider(), server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
