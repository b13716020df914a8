"""Conversions from Pulumi's spelling of properties to that of the AWS API."""

from __future__ import annotations

from typing import Any, cast

# Words that the AWS API writes in capitals where PascalCase of Pulumi's name would not.
_CAPITALS = {"id": "ID", "sseAlgorithm": "SSEAlgorithm", "kmsMasterKeyId": "KMSMasterKeyID"}

Inputs = dict[str, Any]
Created = tuple[str, dict[str, Any]]


def pascal(value: Any) -> Any:
    """A nested Pulumi value with its camelCase keys in the AWS API's PascalCase."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {_CAPITALS.get(key, key[:1].upper() + key[1:]): pascal(each) for key, each in items}
    if isinstance(value, list):
        return [pascal(each) for each in cast("list[Any]", value)]
    return value


def picked(inputs: Inputs, **names: str) -> dict[str, Any]:
    """The inputs in ``names``, under the API's names; absent ones are left out.

    ``picked(inputs, timeout="Timeout")`` is ``{"Timeout": 30}``.
    """
    return {api: inputs[name] for name, api in names.items() if inputs.get(name) is not None}


def tag_list(inputs: Inputs) -> list[dict[str, str]]:
    """Tags in the form of most AWS APIs."""
    return [{"Key": key, "Value": str(value)} for key, value in inputs.get("tags", {}).items()]
