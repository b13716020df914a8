"""A table's items: conversion of plain values to DynamoDB's format, and back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values in the format of DynamoDB's API, each with its type."""
    return {name: _serialize(value) for name, value in values.items()}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of an item, its numbers int or float."""
    return {name: _number(_deserialize(value)) for name, value in item.items()}


def _number(value: Any) -> Any:
    """DynamoDB's Decimals as int or float, at any depth."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {name: _number(inner) for name, inner in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_number(inner) for inner in cast("list[Any]", value)]
    return value
