"""The results of provider functions for the embedded AWS."""

from __future__ import annotations

from typing import Any

from aurora.local.aws import DNS_SUFFIX, PARTITION, LocalAws
from aurora.local.errors import ProgramError


def answer(token: str, arguments: dict[str, Any], aws: LocalAws) -> dict[str, Any]:
    """The result of the provider function ``token``, in Pulumi's spelling.

    Raises:
        ProgramError: it is not known here.
    """
    answers: dict[str, dict[str, Any]] = {
        "aws:index/getCallerIdentity:getCallerIdentity": {
            "accountId": aws.account_id,
            "arn": f"arn:{PARTITION}:iam::{aws.account_id}:root",
            "userId": aws.account_id,
            "id": aws.account_id,
        },
        "aws:index/getRegion:getRegion": {"region": aws.region, "id": aws.region, "description": aws.region},
        "aws:index/getPartition:getPartition": {"partition": PARTITION, "id": PARTITION, "dnsSuffix": DNS_SUFFIX},
    }
    if token not in answers:
        raise ProgramError(
            f"The local platform does not know the provider function {token}: add it to aurora/local/deploy/invokes.py."
        )
    return {**arguments, **answers[token]}
