"""Structured logs of a function: one JSON line each, with the function's name and the request id.

Messages read `key=<value> | sentence`, so that one can grep them. Never log a token, a prompt or a lesson's text.
"""

from __future__ import annotations

from aws_lambda_powertools import Logger


def logger(function: str) -> Logger:
    """The logger of the function named `function` (as in the catalogue, "starter-api")."""
    return Logger(service=function, utc=True)
