"""Helpers for tests of any project: its declaration, a running local platform, events, the permissions test."""
