"""What a deployment says of its models: who provides each, what it costs, and which one is asked instead of it.

Reads the JSON that functions get and nothing else; knows no protocol.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aurora.runtime.errors import ConfigurationError

SAMPLE: Final = "sample"
"""The model that is always there, of every kind, and costs nothing."""
PROVIDERS: Final = ("openai", "bedrock", SAMPLE)
KINDS: Final = ("text", "image")

# The names of the JSON's fields, and whether each is a price.
_FIELDS: Final[Mapping[str, tuple[str, bool]]] = {
    "provider": ("provider", False),
    "kind": ("kind", False),
    "id": ("id", False),
    "baseUrl": ("base_url", False),
    "apiKeyParameter": ("api_key_parameter", False),
    "region": ("region", False),
    "inputPrice": ("input_price", True),
    "outputPrice": ("output_price", True),
    "imagePrice": ("image_price", True),
    "fallback": ("fallback", False),
}


@dataclass(frozen=True)
class ModelSpec:
    """One model. `id` is the provider's own name of it; `api_key_parameter` names an SSM parameter ("": no key).

    `region` "" is the function's own. Prices are in US dollars, of a million tokens and of an image; 0 is unpriced.
    `fallback` names the model that is asked when this one did nothing.
    """

    name: str
    provider: str
    kind: str
    id: str = ""
    base_url: str = ""
    api_key_parameter: str = ""
    region: str = ""
    input_price: float = 0.0
    output_price: float = 0.0
    image_price: float = 0.0
    fallback: str = ""


def read_chain(name: str, models: str, kind: str) -> list[ModelSpec]:
    """The model of that name and, in their order, those to ask instead of it.

    `models` is JSON, {name: {"provider": ..., ...}}. Raises ConfigurationError in words for what is wrong with it.
    """
    known = _read(models)
    chain: list[ModelSpec] = []
    wanted, asker = name, ""
    while wanted:
        if any(spec.name == wanted for spec in chain):
            round_trip = " -> ".join([*(spec.name for spec in chain), wanted])
            raise ConfigurationError(f"The fallbacks of the models go in a circle: {round_trip}.")
        spec = ModelSpec(SAMPLE, SAMPLE, kind) if wanted == SAMPLE else _spec(wanted, known, kind, asker)
        chain.append(spec)
        wanted, asker = spec.fallback, wanted
    return chain


def _read(models: str) -> dict[str, Any]:
    try:
        known = json.loads(models or "{}")
    except ValueError as error:
        raise ConfigurationError(f"The models are not set up as JSON: {error}.") from None
    if not isinstance(known, dict):
        raise ConfigurationError("The models must be a map from names to what each model is.")
    return known


def _spec(name: str, known: dict[str, Any], kind: str, asker: str) -> ModelSpec:
    said = f", which is the fallback of {asker!r}" if asker else ""
    if name not in known:
        of_kind = [other for other, said in known.items() if isinstance(said, dict) and said.get("kind") == kind]
        there = ", ".join([SAMPLE, *sorted(set(of_kind) - {SAMPLE})])
        raise ConfigurationError(f"There is no {kind} model {name!r}{said}; there are: {there}.")
    spec = _parsed(name, known[name])
    if spec.kind != kind:
        raise ConfigurationError(f"The model {name!r}{said} is for {spec.kind}, not for {kind}.")
    return spec


def _parsed(name: str, said: Any) -> ModelSpec:
    if not isinstance(said, dict):
        raise ConfigurationError(f"The model {name!r} must be a map of its fields: {', '.join(_FIELDS)}.")
    if unknown := sorted(set(said) - set(_FIELDS)):
        raise ConfigurationError(f"The model {name!r} has unknown fields: {', '.join(unknown)}.")
    values = {_FIELDS[key][0]: _value(name, key, value) for key, value in said.items()}
    spec = ModelSpec(name, **{"provider": "", "kind": "", **values})
    if spec.provider not in PROVIDERS:
        raise ConfigurationError(f"The model {name!r} needs a provider, one of: {', '.join(PROVIDERS)}.")
    if spec.kind not in KINDS:
        raise ConfigurationError(f"The model {name!r} needs a kind, one of: {', '.join(KINDS)}.")
    if spec.provider != SAMPLE and not spec.id:
        raise ConfigurationError(f"The model {name!r} needs an id: its name at {spec.provider}.")
    if spec.provider == "openai" and not spec.base_url:
        raise ConfigurationError(f"The model {name!r} needs a baseUrl: the address of its endpoint.")
    return spec


def _value(name: str, key: str, value: Any) -> str | float:
    if _FIELDS[key][1]:
        # A price that is not a number is excluded by the comparison: NaN is not at least 0.
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise ConfigurationError(f"The model {name!r}: {key} must be a price in US dollars, 0 or more.")
        return float(value)
    if not isinstance(value, str):
        raise ConfigurationError(f"The model {name!r}: {key} must be text.")
    return value.strip()
