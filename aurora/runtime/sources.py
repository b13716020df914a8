"""What a stored object was made of: a digest in its metadata. Where it is still the same, nothing is made again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from aurora.runtime.objects import StoredObject


def source_of(*parts: Any) -> str:
    """A digest of `parts`: whatever JSON can hold, such as keys, entity tags and settings."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def tags_of(found: Iterable[StoredObject]) -> list[tuple[str, str]]:
    """Keys and entity tags of a listing: they change with every byte that is stored."""
    return [(one.key, one.etag) for one in found]


def made_of(source: str) -> dict[str, str]:
    """The metadata of an object that is made of `source`."""
    return {"source": source}


def is_made_of(stored: StoredObject | None, source: str) -> bool:
    """Whether an object, as `head` tells it, is there and made of `source`."""
    return stored is not None and stored.metadata.get("source") == source
