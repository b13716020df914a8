from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from functions.common import aws
from functions.common.errors import (
    AnswerCut,
    AuroraError,
    ConfigurationError,
    ModelAnswerInvalid,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
    Throttled,
)
from functions.common.events import CourseEvent
from functions.common.models import TextAnswer, TextModel, TextRequest
from functions.common.models.openai import OpenAIModel
from functions.common.models.sample import SampleModel
from functions.common.outline import Batch, Outline, batches, parse, slug
from functions.common.records import LessonRecord, LessonRecords
from functions.common.storage import CoursePaths, CourseStore
from functions.content import content_gen
from functions.content.lessons import MARGIN_SECONDS, LessonWriter
from functions.content.settings import ContentGenSettings
from tests.support.fake_openai import FakeOpenAI
from tests.support.http_api import Context

COURSE = "0123456789abcdef0123456789abcdef"
PATHS = CoursePaths("owner-1", COURSE)
TITLES = ("Clay", "Sand", "Loam")
OUTLINE = "title: Soil\nlanguage: en\nmodules:\n- title: Kinds\n  lessons:\n" + "".join(
    f"  - title: {title}\n    duration_minutes: 10\n" for title in TITLES
)
SETTINGS = ContentGenSettings(
    bucket="unused",
    lessons_table="unused",
    words_per_minute=45,
    min_words=400,
    max_words=5000,
    sample_seconds_per_lesson=0,
    openai_base_url="",
    openai_model="",
    openai_api_key_parameter="",
    batch_seconds=450,
    lesson_seconds=240,
)


class TimedContext(Context):
    """The context of a call that has all of Lambda's time before it."""

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


@dataclass
class Model:
    """Writes sample lessons, or raises what is planned for a title; remembers what it was asked, and takes its time."""

    faults: dict[str, AuroraError] = field(default_factory=dict[str, AuroraError])
    texts: dict[str, str] = field(default_factory=dict[str, str])
    asked: list[TextRequest] = field(default_factory=list[TextRequest])
    seconds: list[float] = field(default_factory=list[float])
    passes: float = 0.0
    now: float = 0.0

    def write(self, request: TextRequest, seconds: float) -> TextAnswer:
        self.asked.append(request)
        self.seconds.append(seconds)
        self.now += self.passes
        title = request.brief.lesson_title
        if title in self.faults:
            raise self.faults[title]
        if title in self.texts:
            return TextAnswer(self.texts[title], 0, 0, "modèle")
        return SampleModel().write(request, seconds)

    @property
    def titles(self) -> list[str]:
        return [request.brief.lesson_title for request in self.asked]


@dataclass(frozen=True)
class Class:
    """One course of three lessons in one batch, stored in the embedded AWS."""

    store: CourseStore
    records: LessonRecords
    outline: Outline
    batch: Batch

    def run(self, model: TextModel, attempt: int = 1, force: bool = False, left: Callable[[], float] = lambda: 450.0):
        writer = LessonWriter(
            self.store, self.records, model, SETTINGS, 240.0, left, clock=lambda: getattr(model, "now", 0.0)
        )
        return writer.write_batch(event(attempt, force=force), self.outline, self.batch)

    def expand(self, attempt: int) -> None:
        lessons = [LessonRecord(1, lesson.number, lesson.title) for lesson in self.outline.modules[0].lessons]
        self.records.begin(f"{COURSE}-{attempt}", "owner-1", COURSE, lessons)

    def states(self, attempt: int = 1) -> list[str]:
        return [lesson.state for lesson in self.lessons(attempt)]

    def lessons(self, attempt: int = 1) -> list[LessonRecord]:
        return self.records.progress(f"{COURSE}-{attempt}")[1]

    def key(self, number: int) -> str:
        return PATHS.lesson(1, number, slug(TITLES[number - 1]))


def event(attempt: int = 1, force: bool = False, model: str = "sample") -> CourseEvent:
    return {
        "owner": "owner-1",
        "course_id": COURSE,
        "execution": f"{COURSE}-{attempt}",
        "outline_key": PATHS.outline("f" * 32),
        "model": model,
        "force": force,
        "modules": None,
    }


@pytest.fixture
def course(bucket: str, lessons_table: str) -> Class:
    outline = parse(OUTLINE)
    course = Class(CourseStore(bucket), LessonRecords(lessons_table), outline, batches(outline, None, 3)[0])
    course.store.write(PATHS.outline("f" * 32), OUTLINE, "application/yaml")
    for attempt in (1, 2):
        course.expand(attempt)
    return course


def count(written: int = 0, skipped: int = 0, failed: int = 0, remaining: int = 0) -> dict[str, int]:
    return {"written": written, "skipped": skipped, "failed": failed, "remaining": remaining}


def test_a_batch_is_written_stored_and_recorded(course: Class) -> None:
    assert course.run(Model()) == count(written=3)
    assert course.states() == ["written"] * 3
    assert course.store.read_text(course.key(2)).startswith("# Sand\n")
    found = course.store.head(course.key(2))
    assert found
    words = str(course.lessons()[1].words)
    assert found.metadata == {"execution": f"{COURSE}-1", "words": words, "target": "495", "model": "sample"}


def test_the_model_is_given_the_word_target_as_tokens(course: Class) -> None:
    model = Model()
    course.run(model)
    assert [(request.brief.word_target, request.max_tokens) for request in model.asked] == [(495, 1489)] * 3


def test_only_the_lessons_of_the_batch_are_written(course: Class) -> None:
    model = Model()
    second = batches(course.outline, None, 2)[1]
    writer = LessonWriter(course.store, course.records, model, SETTINGS, 240, lambda: 450)
    assert writer.write_batch(event(), course.outline, second) == count(written=1)
    assert model.titles == ["Loam"]


def test_a_lesson_of_an_earlier_execution_is_skipped_and_its_words_are_known(course: Class) -> None:
    course.run(Model())
    model = Model()
    assert course.run(model, attempt=2) == count(skipped=3)
    assert model.titles == []
    assert [(lesson.state, lesson.words) for lesson in course.lessons(2)] == [
        ("skipped", lesson.words) for lesson in course.lessons(1)
    ]


def test_force_writes_anew_what_another_execution_wrote(course: Class) -> None:
    course.run(Model())
    model = Model()
    assert course.run(model, attempt=2, force=True) == count(written=3)
    assert model.titles == list(TITLES)


@pytest.mark.parametrize("force", [False, True])
def test_what_this_execution_wrote_is_never_written_again(course: Class, force: bool) -> None:
    course.run(Model(), force=force)
    model = Model()
    assert course.run(model, force=force) == count(written=3)
    assert model.titles == []


def test_a_lesson_that_was_stored_when_its_call_died_is_recorded_by_the_next(course: Class) -> None:
    course.run(Model())
    course.records.set_state(f"{COURSE}-1", 1, 2, "writing")
    assert course.run(Model()) == count(written=3)
    assert course.states() == ["written"] * 3
    assert course.lessons()[1].words


def test_a_lesson_whose_call_died_while_it_waited_for_the_model_is_asked_for_again(course: Class) -> None:
    course.records.set_state(f"{COURSE}-1", 1, 1, "writing")
    model = Model()
    assert course.run(model) == count(written=3)
    assert model.titles == list(TITLES)


@pytest.mark.parametrize("error", [ModelTimeout, ModelRefused, ModelAnswerInvalid, AnswerCut])
def test_a_lasting_fault_fails_its_lesson_alone_and_for_the_whole_execution(
    course: Class, error: type[AuroraError]
) -> None:
    assert course.run(Model({"Sand": error("No, says the model.")})) == count(written=2, failed=1)
    assert course.lessons()[1] == LessonRecord(1, 2, "Sand", "failed", "No, says the model.")
    model = Model()
    assert course.run(model) == count(written=2, failed=1)
    assert model.titles == []


def test_the_next_execution_writes_only_what_failed(course: Class) -> None:
    course.run(Model({"Sand": ModelRefused("No.")}))
    model = Model()
    assert course.run(model, attempt=2) == count(written=1, skipped=2)
    assert model.titles == ["Sand"]


@pytest.mark.parametrize("error", [Throttled, ModelUnavailable])
def test_a_passing_fault_is_noted_on_its_lesson_and_raised(course: Class, error: type[AuroraError]) -> None:
    with pytest.raises(error):
        course.run(Model({"Sand": error("Retry-After 7")}))
    assert course.states() == ["written", "waiting", "waiting"]
    assert course.lessons()[1].reason == "Retry-After 7."
    model = Model()
    assert course.run(model) == count(written=3)
    assert model.titles == ["Sand", "Loam"]
    assert course.lessons()[1].reason is None


def test_an_answer_of_a_few_words_is_no_lesson(course: Class) -> None:
    assert course.run(Model(texts={"Clay": "I am sorry, I cannot help with that."})) == count(written=2, failed=1)
    assert course.store.head(course.key(1)) is None
    assert "where 495 were asked for" in str(course.lessons()[0].reason)


def test_what_a_model_answers_is_tidied_and_its_name_made_plain(course: Class) -> None:
    text = "```markdown\n# Wrong\n\n[VISUAL: 9 - A field]\n" + "word " * 100 + "end\n```"
    course.run(Model(texts={"Clay": text}))
    stored = course.store.read_text(course.key(1))
    assert stored == "# Clay\n\n[VISUAL: 01-01-0001 - A field]\n" + "word " * 100 + "end\n"
    found = course.store.head(course.key(1))
    assert found
    assert found.metadata["model"] == "mod?le"


def test_a_lesson_whose_title_changed_keeps_its_object(course: Class) -> None:
    course.store.write(PATHS.lesson(1, 1, "an-older-title"), "# Old\n", "text/markdown", {"execution": "x"})
    course.run(Model(), force=True)
    keys = [found.key for found in course.store.list(f"{PATHS.lessons}module-01-lesson-01-")]
    assert keys == [PATHS.lesson(1, 1, "an-older-title")]
    assert course.store.read_text(keys[0]).startswith("# Clay\n")


def test_no_lesson_is_begun_that_might_not_be_ended_in_time(course: Class) -> None:
    model = Model(passes=100.0)
    left = lambda: 450.0 - model.now  # noqa: E731
    assert course.run(model, left=left) == count(written=2, remaining=1)
    assert model.seconds == [450.0 - MARGIN_SECONDS, 350.0 - MARGIN_SECONDS]
    assert course.states() == ["written", "written", "waiting"]
    assert course.run(model, left=lambda: 450.0) == count(written=3)


def test_a_lesson_slower_than_assumed_is_the_new_measure(course: Class) -> None:
    model = Model(passes=300.0)
    assert course.run(model, left=lambda: 560.0 - model.now) == count(written=1, remaining=2)


def test_a_call_always_begins_one_lesson_so_that_the_workflow_ends(course: Class) -> None:
    model = Model(passes=500.0)
    left = lambda: 100.0  # noqa: E731
    assert [course.run(model, left=left)["remaining"] for _ in range(3)] == [2, 1, 0]


@pytest.fixture
def handler_environment(course: Class, lessons_table: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    variables = SETTINGS.variables() | {"BUCKET": course.store.bucket, "LESSONS_TABLE": lessons_table}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    content_gen._settings.cache_clear()
    yield
    content_gen._settings.cache_clear()


@pytest.mark.usefixtures("handler_environment")
def test_the_function_writes_a_batch_with_the_model_that_was_chosen(course: Class) -> None:
    assert content_gen.handler({"course": event(), "batch": course.batch}, TimedContext()) == count(written=3)


@pytest.mark.usefixtures("handler_environment")
@pytest.mark.parametrize("model", ["openai", "unheard-of"])
def test_a_model_that_is_not_set_up_is_an_error_of_configuration(course: Class, model: str) -> None:
    with pytest.raises(ConfigurationError, match=model):
        content_gen.handler({"course": event(model=model), "batch": course.batch}, TimedContext())


@pytest.mark.usefixtures("handler_environment")
def test_a_throttled_model_recovers_one_lesson_is_refused_for_good_and_nothing_is_paid_twice(
    course: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeOpenAI() as server:
        server.for_lesson("Clay", "throttle", "throttle").always_for_lesson("Sand", "refuse")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_MODEL", "fake")
        call = {"course": event(model="openai"), "batch": course.batch}
        for _ in range(2):
            with pytest.raises(Throttled):
                content_gen.handler(call, TimedContext())
        assert content_gen.handler(call, TimedContext()) == count(written=2, failed=1)
        assert content_gen.handler(call, TimedContext()) == count(written=2, failed=1)
    assert [asked.lesson for asked in server.asked if asked.charged] == ["Clay", "Sand", "Loam"]
    assert course.states() == ["written", "failed", "written"]
    assert "[VISUAL: 01-01-0001 - How Clay fits together]" in course.store.read_text(course.key(1))


def test_a_slow_lesson_is_paid_once_and_fails_when_the_time_is_over(course: Class) -> None:
    with FakeOpenAI() as server:
        server.for_lesson("Clay", "stall")
        model = OpenAIModel(server.url, "fake")
        left = iter([MARGIN_SECONDS + 0.3])
        assert course.run(model, left=lambda: next(left, 450.0)) == count(written=2, failed=1)
        assert course.run(model) == count(written=2, failed=1)
        assert server.paid == 3


@pytest.mark.usefixtures("handler_environment")
def test_the_key_of_an_endpoint_comes_from_its_parameter_and_a_changed_key_holds_from_the_next_call(
    course: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameter = f"/test/{course.store.bucket}"
    with FakeOpenAI() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_MODEL", "fake")
        monkeypatch.setenv("OPENAI_API_KEY_PARAMETER", parameter)
        for attempt, key in enumerate(("sk-first\n", "sk-second"), start=1):
            aws.client("ssm").put_parameter(Name=parameter, Value=key, Type="SecureString", Overwrite=True)
            call = {"course": event(attempt, force=True, model="openai"), "batch": course.batch}
            assert content_gen.handler(call, TimedContext()) == count(written=3)
    assert [asked.authorization for asked in server.asked] == ["Bearer sk-first"] * 3 + ["Bearer sk-second"] * 3


def test_the_function_imports_no_http_client_until_a_model_needs_one() -> None:
    program = (
        "import sys, functions.content.content_gen; print([name for name in ('httpx', 'PIL') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"
