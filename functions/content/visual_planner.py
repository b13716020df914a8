"""VisualPlanner: turns the visual tags in a batch's lessons into image prompts. The work is in `image_prompts`."""

from __future__ import annotations

import functools
from typing import Any

from aurora.runtime.logging import log_invocation, logger
from aurora.runtime.objects import ObjectStore
from functions.content.image_prompts import Plan, plan_batch
from functions.content.settings import VisualPlannerSettings
from functions.courses.events import CourseEvent, log_fields
from functions.courses.stored import accepted_outline
from functions.outline.batches import Batch

_log = logger("visual-planner")
_settings = functools.cache(VisualPlannerSettings.read)


@log_invocation(_log, log_fields)
def handler(event: dict[str, Any], _context: Any) -> Plan:
    """`{"course": CourseEvent, "batch": Batch}` -> `{"images": n}`, the images that the batch's lessons ask for."""
    course: CourseEvent = event["course"]
    batch: Batch = event["batch"]
    store = ObjectStore(_settings().bucket)
    plan = plan_batch(course, accepted_outline(course, store), batch, store)
    _log.info(
        "module=<%d>, batch=<%d>, images=<%d> | visuals planned",
        batch["module_number"],
        batch["batch_index"],
        plan["images"],
    )
    return plan
