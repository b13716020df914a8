"""The course workflow: outline to lessons, images and labs, then books, slides and a truthful last word.

States hand on keys and counts, never content (a payload may hold 262,144 bytes). A batch that fails for good is
recorded and the others go on: the book says what is missing. Batches are child executions, so that the history of a
large course, which may hold 25,000 events, grows by a few events a batch, however often models are asked again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

State = dict[str, Any]

LONGEST_SECONDS = 24 * 3600
"""What an execution may take: large courses took 43 minutes, and a day leaves room for quotas that refill slowly."""


def definition(live_arn: Callable[[str], str]) -> State:
    """The workflow as Amazon States Language. ``live_arn`` tells the ARN of a function's alias."""

    def call(function: str, next_state: str | None, result: str, **more: Any) -> State:
        """A task whose function gets the state; ``result`` is where its answer goes."""
        return {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": live_arn(function), "Payload.$": "$"},
            "ResultSelector": {"answer.$": "$.Payload"},
            "ResultPath": result,
            "Retry": [_when_throttled(), _when_lambda_is_busy()],
            **({"Next": next_state} if next_state else {"End": True}),
            **more,
        }

    write_lessons: State = {
        "StartAt": "GenerateLessons",
        "States": {
            "GenerateLessons": call("content-gen", "LessonsRemain", "$.lessons", **_caught("BatchFailed")),
            "LessonsRemain": _again_while("$.lessons.answer.remaining", "GenerateLessons", "PlanVisuals"),
            "PlanVisuals": call("visual-planner", "DrawImages", "$.visuals", **_caught("BatchFailed")),
            "DrawImages": call("images-gen", "ImagesRemain", "$.images", **_caught("BatchFailed")),
            "ImagesRemain": _again_while("$.images.answer.remaining", "DrawImages", "BatchDone"),
            **_batch_ends(),
        },
    }
    write_labs: State = {
        "StartAt": "WriteLabGuides",
        "States": {
            "WriteLabGuides": call("lab-writer", "LabsRemain", "$.labs", **_caught("BatchFailed")),
            "LabsRemain": _again_while("$.labs.answer.remaining", "WriteLabGuides", "BatchDone"),
            **_batch_ends(),
        },
    }
    make_slides: State = {
        "StartAt": "GenerateSlides",
        "States": {
            # What becomes of a module's slides stands in its record: one that fails must not end the others.
            "GenerateSlides": call("ppt-generator", None, "$.slides", **_caught("SlidesFailed")),
            "SlidesFailed": {"Type": "Pass", "End": True},
        },
    }
    theory: State = {
        "StartAt": "TheoryWanted",
        "States": {
            "TheoryWanted": _if("$.expanded.answer.theory", "WriteBatches", "TheoryDone"),
            "WriteBatches": {
                **_children("lessons", "$.expanded.answer.batches", write_lessons, "KeepWhatTheBookNeeds"),
                **_caught("TheoryFailed"),
            },
            "KeepWhatTheBookNeeds": _course_and_batches("ValidateContent"),
            # A report that could not be written is no reason to keep the book from its author.
            "ValidateContent": call(
                "content-validator", "BuildBook", "$.validation", **_caught("BuildBook", "$.validation")
            ),
            "BuildBook": call("book-builder", "TheoryDone", "$.book", **_caught("TheoryFailed")),
            **_branch_ends("Theory"),
        },
    }
    labs: State = {
        "StartAt": "LabsWanted",
        "States": {
            "LabsWanted": _if("$.expanded.answer.labs", "PlanLabs", "LabsDone"),
            # Guides can be written from the outline alone: no plan is no reason to keep them from their author.
            "PlanLabs": call("lab-planner", "PlansRemain", "$.planned", **_caught("ExpandLabs", "$.planned")),
            "PlansRemain": _again_while("$.planned.answer.remaining", "PlanLabs", "ExpandLabs"),
            "ExpandLabs": call("lab-batch-expander", "WriteLabs", "$.expanded", **_caught("LabsFailed")),
            "WriteLabs": {
                **_children("labs", "$.expanded.answer.batches", write_labs, "KeepWhatTheLabBookNeeds"),
                **_caught("LabsFailed"),
            },
            "KeepWhatTheLabBookNeeds": _course_and_batches("BuildLabBook"),
            "BuildLabBook": call("lab-book-builder", "LabsDone", "$.book", **_caught("LabsFailed")),
            **_branch_ends("Labs"),
        },
    }
    return {
        "Comment": "Outline to lessons, images, labs, books and slides",
        "TimeoutSeconds": LONGEST_SECONDS,
        "StartAt": "PrepareCourse",
        "States": {
            "PrepareCourse": call("batch-expander", "DetermineContentType", "$.expanded", **_course_fails()),
            "DetermineContentType": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.course.content", "StringEquals": "slides", "Next": "SlidesWanted"}],
                "Default": "WriteCourse",
            },
            "WriteCourse": {
                "Type": "Parallel",
                "Branches": [theory, labs],
                "ResultSelector": {"theory.$": "$[0].failure", "labs.$": "$[1].failure"},
                "ResultPath": "$.failures",
                "Next": "SlidesWanted",
                **_course_fails(),
            },
            "SlidesWanted": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.expanded.answer.slides[0]", "IsPresent": True, "Next": "MakeSlides"}],
                "Default": "ArchiveCourse",
            },
            "MakeSlides": {
                **_children("slides", "$.expanded.answer.slides", make_slides, "ArchiveCourse"),
                "ItemSelector": {"course.$": "$.course", "module.$": "$$.Map.Item.Value"},
                "ResultPath": None,
                **_caught("ArchiveCourse", "$.failures.slides"),
            },
            "ArchiveCourse": call(
                "course-archiver", "FinishCourse", "$.archive", **_caught("FinishCourse", "$.failures.archive")
            ),
            "FinishCourse": call("course-finisher", "HowItEnded", "$.ended"),
            "HowItEnded": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.ended.answer.outcome", "StringEquals": "failed", "Next": "CourseFailed"}],
                "Default": "CourseEnded",
            },
            "CourseEnded": {"Type": "Succeed", "OutputPath": "$.ended.answer"},
            "CourseFailed": {
                "Type": "Fail",
                "Error": "CourseFailed",
                "Cause": "The course's page and the notification say what went wrong.",
            },
        },
    }


def _when_throttled() -> State:
    """A model's quota refills within a minute or two; full jitter spreads the callers
    (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/)."""
    return {
        "ErrorEquals": ["Throttled", "ModelUnavailable"],
        "IntervalSeconds": 2,
        "BackoffRate": 2.0,
        "MaxDelaySeconds": 60,
        "MaxAttempts": 8,
        "JitterStrategy": "FULL",
    }


def _when_lambda_is_busy() -> State:
    """What Lambda itself may answer when it is busy. No timeout is among them, not even that of Step Functions' own
    client (Lambda.ClientExecutionTimeoutException): the function may be at work still, and its model paid."""
    return {
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


def _caught(next_state: str, result: str = "$.failure") -> State:
    return {"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": result, "Next": next_state}]}


def _course_fails() -> State:
    return _caught("FinishCourse", "$.failures.course")


def _if(flag: str, next_state: str, otherwise: str) -> State:
    return {
        "Type": "Choice",
        "Choices": [{"Variable": flag, "BooleanEquals": True, "Next": next_state}],
        "Default": otherwise,
    }


def _again_while(count: str, again: str, otherwise: str) -> State:
    return {
        "Type": "Choice",
        "Choices": [{"Variable": count, "NumericGreaterThan": 0, "Next": again}],
        "Default": otherwise,
    }


def _children(label: str, items: str, machine: State, next_state: str) -> State:
    """A Map whose items are child executions, as many at a time as the request asks for."""
    return {
        "Type": "Map",
        "Label": label,
        "ItemsPath": items,
        "ItemSelector": {"course.$": "$.course", "batch.$": "$$.Map.Item.Value"},
        "MaxConcurrencyPath": "$.course.max_concurrency",
        # What no Catch holds (an execution stopped by hand, a payload over its limit) ends that child and no other.
        "ToleratedFailurePercentage": 100,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **machine},
        "ResultPath": "$.batches",
        "Next": next_state,
    }


def _course_and_batches(next_state: str) -> State:
    return {
        "Type": "Pass",
        "Parameters": {"course.$": "$.course", "batches.$": "$.batches"},
        "Next": next_state,
    }


def _batch_ends() -> dict[str, State]:
    """How a batch ends. The cause stays out of it: a traceback for every batch would outgrow the payload of a large
    course."""
    names = {"module_number.$": "$.batch.module_number", "batch_index.$": "$.batch.batch_index"}
    return {
        "BatchDone": {"Type": "Pass", "Parameters": {**names, "error": None}, "End": True},
        "BatchFailed": {"Type": "Pass", "Parameters": {**names, "error.$": "$.failure.Error"}, "End": True},
    }


def _branch_ends(branch: str) -> dict[str, State]:
    """How a branch ends: with what ended it, or null. It never fails, or it would take the other branch with it."""
    return {
        f"{branch}Done": {"Type": "Pass", "Parameters": {"failure": None}, "End": True},
        f"{branch}Failed": {"Type": "Pass", "Parameters": {"failure.$": "$.failure"}, "End": True},
    }
