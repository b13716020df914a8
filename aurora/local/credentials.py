"""The credentials of one session's embedded AWS: random, so that nobody on this machine can guess them."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field
from typing import Self

_KEY_LETTERS = string.ascii_uppercase + string.digits


@dataclass(frozen=True)
class Credentials:
    """An access key, in AWS's format."""

    access_key_id: str
    secret_access_key: str = field(repr=False)

    @classmethod
    def random(cls) -> Self:
        """A new access key."""
        return cls("AKIA" + "".join(secrets.choice(_KEY_LETTERS) for _ in range(16)), secrets.token_urlsafe(30))
