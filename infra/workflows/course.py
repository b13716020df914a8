"""The course workflow: outline to batches, batches to lessons and images, then one book.

States hand on keys and counts, never content (a payload may hold 262,144 bytes). A batch that fails for good is
recorded and the others go on: the book says what is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# A model's quota refills within a minute or two; full jitter spreads the callers
# (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
_WHEN_THROTTLED = {
    "ErrorEquals": ["Throttled", "ModelUnavailable"],
    "IntervalSeconds": 2,
    "BackoffRate": 2.0,
    "MaxDelaySeconds": 60,
    "MaxAttempts": 8,
    "JitterStrategy": "FULL",
}
# What Lambda itself may answer when it is busy. No timeout is among them, not even that of Step Functions' own client
# (Lambda.ClientExecutionTimeoutException): the function may be at work still, and its model paid.
_WHEN_LAMBDA_IS_BUSY = {
    "ErrorEquals": [
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
    ],
    "IntervalSeconds": 1,
    "BackoffRate": 2.0,
    "MaxDelaySeconds": 30,
    "MaxAttempts": 6,
    "JitterStrategy": "FULL",
}

LONGEST_SECONDS = 24 * 3600
"""What an execution may take: large courses took 43 minutes, and a day leaves room for quotas that refill slowly."""


def definition(live_arn: Callable[[str], str], max_concurrency: int) -> dict[str, Any]:
    """The workflow as Amazon States Language.

    ``live_arn`` tells the ARN of a function's alias; ``max_concurrency`` is how many batches run at a time.
    """

    def call(function: str, next_state: str | None, result: str | None, **more: Any) -> dict[str, Any]:
        """A task whose function gets the state; ``result`` is where its answer goes (None: it is the output)."""
        state: dict[str, Any] = {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": live_arn(function), "Payload.$": "$"},
            "Retry": [_WHEN_THROTTLED, _WHEN_LAMBDA_IS_BUSY],
            **({"Next": next_state} if next_state else {"End": True}),
            **more,
        }
        if result is None:
            state["OutputPath"] = "$.Payload"
        else:
            state["ResultSelector"] = {"answer.$": "$.Payload"}
            state["ResultPath"] = result
        return state

    def again_while_some_remain(count: str, again: str, otherwise: str) -> dict[str, Any]:
        return {
            "Type": "Choice",
            "Choices": [{"Variable": count, "NumericGreaterThan": 0, "Next": again}],
            "Default": otherwise,
        }

    when_it_fails = {"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "BatchFailed"}]}
    write_one_batch = {
        "StartAt": "GenerateLessons",
        "States": {
            "GenerateLessons": call("content-gen", "LessonsRemain", "$.lessons", **when_it_fails),
            "LessonsRemain": again_while_some_remain("$.lessons.answer.remaining", "GenerateLessons", "PlanVisuals"),
            "PlanVisuals": call("visual-planner", "DrawImages", "$.visuals", **when_it_fails),
            "DrawImages": call("images-gen", "ImagesRemain", "$.images", **when_it_fails),
            "ImagesRemain": again_while_some_remain("$.images.answer.remaining", "DrawImages", "BatchDone"),
            "BatchDone": {
                "Type": "Pass",
                "Parameters": {
                    "module_number.$": "$.batch.module_number",
                    "batch_index.$": "$.batch.batch_index",
                    "error": None,
                },
                "End": True,
            },
            # The cause stays out of it: a traceback for every batch would outgrow the payload of a large course.
            "BatchFailed": {
                "Type": "Pass",
                "Parameters": {
                    "module_number.$": "$.batch.module_number",
                    "batch_index.$": "$.batch.batch_index",
                    "error.$": "$.failure.Error",
                },
                "End": True,
            },
        },
    }
    return {
        "Comment": "Outline to lessons, images and a book",
        "TimeoutSeconds": LONGEST_SECONDS,
        "StartAt": "ExpandBatches",
        "States": {
            "ExpandBatches": call("batch-expander", "WriteBatches", "$.expanded"),
            "WriteBatches": {
                "Type": "Map",
                "ItemsPath": "$.expanded.answer.batches",
                "ItemSelector": {"course.$": "$.course", "batch.$": "$$.Map.Item.Value"},
                "MaxConcurrency": max_concurrency,
                "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **write_one_batch},
                "ResultPath": "$.batches",
                "Next": "KeepWhatTheBookNeeds",
            },
            "KeepWhatTheBookNeeds": {
                "Type": "Pass",
                "Parameters": {"course.$": "$.course", "batches.$": "$.batches"},
                "Next": "ValidateContent",
            },
            "ValidateContent": call(
                "content-validator",
                "BuildBook",
                "$.validation",
                # A report that could not be written is no reason to keep the book from its author.
                Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.validation", "Next": "BuildBook"}],
            ),
            "BuildBook": call("book-builder", None, None),
        },
    }
