"""ContentGen: writes one batch of lessons, as far as a call's time goes. Thin over `lessons`."""

from __future__ import annotations

import functools
import time
from typing import Any

from functions.common import aws
from functions.common.errors import ConfigurationError
from functions.common.events import CourseEvent
from functions.common.logging import logger
from functions.common.models import TextModel
from functions.common.outline import Batch
from functions.common.records import LessonRecords
from functions.common.storage import CourseStore
from functions.common.stored import accepted_outline
from functions.content.lessons import BatchCount, LessonWriter
from functions.content.settings import ContentGenSettings

_log = logger("content-gen")
_settings = functools.cache(ContentGenSettings.read)


def handler(event: dict[str, Any], context: Any) -> BatchCount:
    """`{"course": CourseEvent, "batch": Batch}` -> the batch's lessons by state; call again while some remain.

    Raises what `LessonWriter.write_batch` raises, and ConfigurationError for a model that is not set up.
    """
    course: CourseEvent = event["course"]
    batch: Batch = event["batch"]
    settings = _settings()
    end = time.monotonic() + min(settings.batch_seconds, context.get_remaining_time_in_millis() / 1000)
    store = CourseStore(settings.bucket)
    writer = LessonWriter(
        store=store,
        records=LessonRecords(settings.lessons_table),
        model=_model(course["model"], settings),
        target=settings,
        lesson_seconds=settings.lesson_seconds,
        seconds_left=lambda: end - time.monotonic(),
    )
    count = writer.write_batch(course, accepted_outline(course, store), batch)
    _log.info(
        "execution=<%s>, module=<%d>, batch=<%d>, count=<%s> | lessons written",
        course["execution"],
        batch["module_number"],
        batch["batch_index"],
        count,
    )
    return count


def _model(name: str, settings: ContentGenSettings) -> TextModel:
    """The text model of that name. Its key is read anew for each call: a changed key holds from the next batch on."""
    if name == "sample":
        from functions.common.models.sample import SampleModel

        return SampleModel(settings.sample_seconds_per_lesson)
    if name != "openai":
        raise ConfigurationError(f"There is no text model {name!r}; there are sample and openai.")
    if not settings.openai_base_url:
        raise ConfigurationError("The text model openai is not set up: no address of an endpoint is configured.")
    # httpx takes a tenth of a second to import; whoever uses the sample model does not pay for it.
    from functions.common.models.openai import OpenAIModel

    return OpenAIModel(settings.openai_base_url, settings.openai_model, _api_key(settings.openai_api_key_parameter))


def _api_key(parameter: str) -> str:
    """The key kept in that SSM parameter; "" where the endpoint wants none."""
    if not parameter:
        return ""
    answer = aws.client("ssm").get_parameter(Name=parameter, WithDecryption=True)
    return answer["Parameter"]["Value"].strip()
