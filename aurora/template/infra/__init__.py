"""The systems of this platform."""

from infra.hello import HELLO

SYSTEMS = (HELLO,)
