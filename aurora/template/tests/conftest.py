"""Fixtures of the engine: `platform`, the whole platform on this machine, and `api`, a client that is signed in."""

pytest_plugins = ["aurora.testing.fixtures"]
