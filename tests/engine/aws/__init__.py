"""The tests' own AWS provider: every resource type of the program, with its whole life, on the embedded AWS.

Where the emulator is kinder than AWS (an image that does not exist, a name that is taken), it refuses as AWS would.
"""

from __future__ import annotations

from tests.engine.aws import callers, delivery, functions, storage
from tests.engine.aws.lifecycle import Kind

KINDS: dict[str, Kind] = {**storage.KINDS, **functions.KINDS, **callers.KINDS, **delivery.KINDS}
