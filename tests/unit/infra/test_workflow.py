"""What the course workflow promises beyond being valid: what it asks again, and what it may lose."""

from __future__ import annotations

from infra.workflows import course

STATES = course.definition(str, 2)["States"]
BATCH = STATES["WriteBatches"]["ItemProcessor"]["States"]


def test_throttling_is_retried_with_full_jitter_and_a_timeout_is_not() -> None:
    retries = BATCH["GenerateLessons"]["Retry"]
    (throttled,) = [retry for retry in retries if "Throttled" in retry["ErrorEquals"]]
    assert throttled["JitterStrategy"] == "FULL"
    retried = {name for retry in retries for name in retry["ErrorEquals"]}
    timeouts = {"States.Timeout", "Lambda.Unknown", "Lambda.ClientExecutionTimeoutException", "ModelTimeout"}
    assert not retried & (timeouts | {"States.ALL", "States.TaskFailed"})


def test_every_task_of_a_batch_is_caught_so_that_the_others_go_on() -> None:
    tasks = [state for state in BATCH.values() if state["Type"] == "Task"]
    assert len(tasks) == 3
    assert all(task["Catch"][0]["ErrorEquals"] == ["States.ALL"] for task in tasks)
