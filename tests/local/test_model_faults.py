"""What becomes of a course when its model, a function or a worker fails: the real program and a model's server.

The server misbehaves lesson by lesson, so the courses of these tests share a platform and differ in their titles.
"""

from __future__ import annotations

import json
import math
import os
import secrets
import shutil
import signal
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import yaml

from aurora.local.errors import ProgramError
from functions.content.prompting import SPARE_TOKENS, TOKENS_PER_WORD
from functions.generation.loop import MARGIN_SECONDS
from functions.models.answers import CONTINUATIONS
from tests.local.real import real_platform
from tests.support.embedded_aws import signed
from tests.support.fake_model import text_for
from tests.support.fake_openai import FakeOpenAI
from tests.support.processes import started_by
from tests.support.somebody import Run, Somebody, histories_of_children, history, wait_until

ROOT = Path(__file__).parents[2]
KEY = f"sk-test-{secrets.token_hex(12)}"
RETRIES = 8  # of a throttled task, as the workflow declares them
PRICES = {"inputPrice": 100, "outputPrice": 1000}  # US dollars for a million tokens


@pytest.fixture(scope="module")
def fake() -> Generator[FakeOpenAI]:
    with FakeOpenAI() as fake:
        yield fake


@pytest.fixture(scope="module")
def crowded() -> Generator[FakeOpenAI]:
    """Another endpoint, whose quota is used up."""
    with FakeOpenAI(quota=0) as crowded:
        yield crowded


@pytest.fixture(scope="module")
def author(fake: FakeOpenAI, crowded: FakeOpenAI) -> Generator[Somebody]:
    model = {"provider": "openai", "id": "fake-1", "baseUrl": fake.url}
    models = {
        "openai": model,
        "priced": {**model, "id": "priced", **PRICES},
        "crowded": {**model, "baseUrl": crowded.url, "fallback": "openai"},
    }
    settings = {
        "aurora:models": json.dumps(models),
        "aurora:openaiApiKey": KEY,
        "aurora:textModel": "openai",
    }
    with real_platform(settings) as author:
        yield author


def test_a_throttled_model_is_asked_again_later_and_the_reason_is_seen_meanwhile(
    author: Somebody, fake: FakeOpenAI
) -> None:
    fake.always_for_lesson("Crowded", "throttle")
    with retry_waits_scaled(author, 0.1):
        started = author.start(outline(["Crowded", "After the crowd"], ["Elsewhere"]))
        crowded: dict[str, Any] = {}

        def waits_with_a_reason() -> bool:
            crowded.update(next(iter(author.get(f"/executions/{started.execution_id}")["units"]), {}))
            return crowded.get("state") == "waiting" and "reason" in crowded

        wait_until(waits_with_a_reason, lambda: f"no reason was shown: {crowded}")
        fake.always_for_lesson("Crowded", "ok")
        run = author.wait_for(started.execution_id)
    assert "429" in crowded["reason"]
    assert "Rate limit reached" in crowded["reason"]
    assert crowded["reason"].endswith("It will be tried again.")
    assert (run.outcome, set(run.states.values())) == ("complete", {"written"})
    assert all("reason" not in lesson for lesson in run.view["units"])
    failures = failed_tasks(batch_events(author, run))
    assert failures == ["Throttled"] * asked(fake, "Crowded").count("throttle")  # nobody slept in a paid function
    assert asked(fake, "Crowded").count("ok") == 1
    assert asked(fake, "After the crowd") == asked(fake, "Elsewhere") == ["ok"]


def test_a_model_that_throttles_for_ever_costs_its_batch_and_no_other(author: Somebody, fake: FakeOpenAI) -> None:
    fake.always_for_lesson("Never", "throttle")
    with retry_waits_scaled(author, 0.003):
        run = author.course(outline(["Before", "Never", "Behind"], ["Aside"]))
    assert (run.view["status"], run.outcome, run.view["percent"]) == ("SUCCEEDED", "incomplete", 100)
    assert run.states == {"01-01": "written", "01-02": "failed", "01-03": "failed", "02-01": "written"}
    assert "429" in run.reason("01-02")
    for lesson in ("01-02", "01-03"):
        assert run.reason(lesson).endswith("The text model was too busy for too long, so its batch was given up.")
    assert "again" not in run.reason("01-02")  # nobody tries any more
    assert asked(fake, "Never") == ["throttle"] * (1 + RETRIES)
    assert asked(fake, "Before") == ["ok"]  # the lesson that was written is not written, or paid, again
    assert_missing_in_the_book(author, run, {"01-02": "Never", "01-03": "Behind"})
    assert author.get(f"/courses/{run.course_id}")["outcome"] == "incomplete"


def test_a_lesson_that_fails_for_good_costs_only_itself_and_is_all_that_the_next_run_writes(
    author: Somebody, fake: FakeOpenAI
) -> None:
    faults = {
        "Refused": ("refuse", "I cannot write about this"),
        "Filtered": ("filter", "content filter"),
        "Cut": ("cut", "still cut"),
        "Garbage": ("garbage", "not JSON"),
        "Nonsense": ("nonsense", "no chat completion"),
        "Nothing": ("empty", "without any text"),
        "Excuse": ("excuse", "words where"),
        "Dropped": ("drop", "connection"),
        "Crashed": ("late-error", "The model crashed"),
        "Locked": ("error:401", "401"),
    }
    for title, (behaviour, _) in faults.items():
        fake.always_for_lesson(title, behaviour)
    titles = ["Fine", *faults, "Also fine"]
    content = outline(titles)
    run = author.course(content)
    assert run.outcome == "incomplete"
    assert [lesson["title"] for lesson in run.view["units"]] == titles
    for lesson in run.view["units"]:
        if lesson["title"] not in faults:
            assert lesson["state"] == "written"
            continue
        assert lesson["state"] == "failed"
        assert faults[lesson["title"]][1] in lesson["reason"]
        assert KEY not in lesson["reason"]
        assert "Traceback" not in lesson["reason"]
    calls = {title: len(asked(fake, title)) for title in titles}
    assert calls == dict.fromkeys(titles, 1) | {"Cut": 1 + CONTINUATIONS}
    assert_missing_in_the_book(author, run, {lesson["id"]: lesson["title"] for lesson in failed(run)})

    for title in faults:
        fake.always_for_lesson(title, "ok")
    again = author.course(content, run.course_id)
    assert again.outcome == "complete"
    states = {lesson["title"]: lesson["state"] for lesson in again.view["units"]}
    assert states == {title: "written" if title in faults else "skipped" for title in titles}
    now = {title: len(asked(fake, title)) for title in titles}
    assert now == {title: calls[title] + (title in faults) for title in titles}
    book = author.text(run.course_id, "book/book.md")
    assert all(f"This lesson deals with {title}." in book for title in titles)


def test_a_quota_that_ends_half_way_leaves_a_course_that_the_next_day_s_run_completes(
    author: Somebody, fake: FakeOpenAI
) -> None:
    content = outline(["Morning", "Noon"], ["Evening"])
    before = len(fake.asked)
    fake.quota = 4
    try:
        with retry_waits_scaled(author, 0.003):
            today = author.course(content, content="both")
    finally:
        fake.quota = None
    assert today.outcome in ("incomplete", "failed")
    assert "written" in today.states.values()
    assert "failed" in today.states.values()
    tomorrow = author.course(content, today.course_id, content="both")
    assert (tomorrow.outcome, set(tomorrow.states.values())) == ("complete", {"written", "skipped"})
    kept = {id_ for id_, state in tomorrow.states.items() if state == "skipped"}
    assert kept == {id_ for id_, state in today.states.items() if state == "written"}
    paid = Counter(request.lesson for request in fake.asked[before:] if request.charged)
    assert paid == {"Morning": 2, "Noon": 2, "Evening": 2, "": 2}  # lesson and lab of each, and the plan of each module


def test_a_model_whose_quota_is_used_up_has_its_course_written_by_its_fallback(
    author: Somebody, fake: FakeOpenAI, crowded: FakeOpenAI
) -> None:
    run = author.course(outline(["Overflow"], ["Relief"]), model="crowded")
    assert (run.outcome, run.states) == ("complete", {"01-01": "written", "02-01": "written"})
    assert asked(crowded, "Overflow") == asked(crowded, "Relief") == ["throttle"]
    assert asked(fake, "Overflow") == asked(fake, "Relief") == ["ok"]
    assert all(not unit["retries"] for unit in run.view["units"])  # nobody had to wait


def test_however_many_batches_write_at_once_a_course_never_costs_more_than_its_budget(
    author: Somebody, fake: FakeOpenAI
) -> None:
    modules = [[f"Coin {module}.{lesson}" for lesson in range(2)] for module in range(3)]
    budget = 3.0
    with retry_waits_scaled(author, 0.01):
        run = author.course(outline(*modules), model="priced", budget=budget, max_concurrency=3)
    assert run.outcome == "incomplete"
    assert set(run.states.values()) == {"written", "failed"}
    assert all("udget" in unit["reason"] for unit in failed(run))
    charged = 0.0
    for request in fake.asked:
        if request.charged and request.body["model"] == "priced":
            tokens = len(text_for(request.body["messages"][-1]["content"])[1].split())
            charged += (50 * PRICES["inputPrice"] + tokens * PRICES["outputPrice"]) / 1e6
    assert 0 < charged <= budget
    assert author.get(f"/courses/{run.course_id}")["spent"] == run.view["spent"] == pytest.approx(charged)
    assert sum(unit["cost"] for unit in run.view["units"]) == pytest.approx(charged)

    more = author.course(outline(*modules), run.course_id, model="priced", budget=50)
    assert (more.outcome, set(more.states.values())) == ("complete", {"written", "skipped"})


def test_an_answer_cut_once_is_continued_and_the_lesson_whole(author: Somebody, fake: FakeOpenAI) -> None:
    fake.for_lesson("Long", "cut")
    run = author.course(outline(["Long"]))
    assert run.outcome == "complete"
    assert asked(fake, "Long") == ["cut", "ok"]
    text = author.text(run.course_id, "lessons/module-01-lesson-01-long.md")
    assert text.count("# Long\n") == 1
    assert "## At a glance" in text
    assert "print(" in text


def test_an_answer_that_takes_too_long_is_paid_once_and_the_lessons_behind_it_get_calls_of_their_own(
    author: Somebody, fake: FakeOpenAI
) -> None:
    fake.always_for_lesson("Stalled", "stall")
    with configured(author, "content-gen", BATCH_SECONDS=str(int(MARGIN_SECONDS) + 5)):
        run = author.course(outline(["Stalled", "Second call", "Third call"]))
    assert run.states == {"01-01": "failed", "01-02": "written", "01-03": "written"}
    assert "did not finish within" in run.reason("01-01")
    assert asked(fake, "Stalled") == ["stall"]
    assert asked(fake, "Second call") == asked(fake, "Third call") == ["ok"]
    succeeded = (e for e in batch_events(author, run) if e["type"] == "TaskSucceeded")
    answers = [json.loads(event["taskSucceededEventDetails"]["output"])["Payload"] for event in succeeded]
    writing = takewhile(lambda answer: set(answer) != {"images"}, answers)  # then images are planned and drawn
    assert [answer["remaining"] for answer in writing] == [2, 1, 0]


def test_the_tokens_reserved_follow_the_word_target_of_the_lesson(author: Somebody, fake: FakeOpenAI) -> None:
    run = author.course(outline(["Short one", "Longer one"], minutes=[1, 3]))
    limits: list[int] = []
    for number, title in enumerate(("Short one", "Longer one"), start=1):
        (request,) = (request for request in fake.asked if request.lesson == title)
        name = f"lessons/module-01-lesson-{number:02d}-{title.lower().replace(' ', '-')}.md"
        target = int(author.stored(run.course_id, name)["Metadata"]["target"])
        assert request.body["max_tokens"] == math.ceil(target * TOKENS_PER_WORD) + SPARE_TOKENS
        assert f"about {target} words" in request.body["messages"][-1]["content"]
        limits.append(request.body["max_tokens"])
    assert limits[0] < limits[1]


def test_the_api_key_reaches_the_model_alone(author: Somebody, fake: FakeOpenAI) -> None:
    fake.always_for_lesson("Wrong key", "error:401")  # this server repeats the key in its complaint
    run = author.course(outline(["Wrong key", "Right key"]))
    assert {request.authorization for request in fake.asked} == {f"Bearer {KEY}"}
    platform = author.platform
    functions = platform.client("lambda").list_functions()["Functions"]
    assert len(functions) == len(platform.exports["functions"])
    seen = [json.dumps(functions, default=str), json.dumps(run.seen)]
    seen.append(json.dumps([history(platform, run.execution_id), batch_events(author, run)], default=str))
    machine = platform.client("stepfunctions").describe_state_machine(
        stateMachineArn=platform.exports["stateMachines"]["courses"]
    )
    seen.append(machine["definition"])
    logs = platform.client("logs")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    lines = [logs.filter_log_events(logGroupName=group)["events"] for group in groups]
    assert "lessons written" in json.dumps(lines)  # the functions' logs are there to be searched
    seen.append(json.dumps(lines))
    seen += [author.stored(run.course_id, name)["Body"].decode("latin-1") for name in author.objects(run.course_id)]
    seen += [
        json.dumps(platform.client("dynamodb").scan(TableName=f"aurora-local-{t}")) for t in ("courses", "progress")
    ]
    seen += [json.dumps(platform.exports), author.http.get(f"{platform.site}/config.js").text]
    emulator_logs = list((platform.project / ".aurora" / "run").glob(f"{os.getpid()}-*/emulator.log"))
    assert emulator_logs
    seen += [log.read_text("utf-8", "replace") for log in emulator_logs]
    assert [text[:80] for text in seen if KEY in text] == []


def test_a_worker_killed_in_the_middle_of_a_batch_ends_the_batch_and_the_course_tells_the_truth(
    author: Somebody, fake: FakeOpenAI
) -> None:
    fake.always_for_lesson("Killed", "silence")
    content = outline(["Survivor", "Killed", "Orphan"], ["Bystander"])
    started = author.start(content)
    wait_until(lambda: bool(asked(fake, "Killed")), lambda: "the model was not asked")
    wait_until(lambda: author_sees(author, started.execution_id, "02-01") == "written", lambda: "no second batch")
    for pid in workers(author, "functions.content.content_gen.handler"):
        os.kill(pid, signal.SIGKILL)
    run = author.wait_for(started.execution_id)
    assert (run.view["status"], run.outcome) == ("SUCCEEDED", "incomplete")
    assert run.states == {"01-01": "written", "01-02": "failed", "01-03": "failed", "02-01": "written"}
    assert run.reason("01-02").startswith("Something went wrong on our side")
    assert asked(fake, "Killed") == ["silence"]  # it may have been paid for
    assert_missing_in_the_book(author, run, {"01-02": "Killed", "01-03": "Orphan"})

    fake.always_for_lesson("Killed", "ok")
    again = author.course(content, run.course_id)
    assert again.outcome == "complete"
    assert again.states == {"01-01": "skipped", "01-02": "written", "01-03": "written", "02-01": "skipped"}


def test_images_that_could_not_be_drawn_are_told_in_the_book_and_drawn_by_the_next_run(author: Somebody) -> None:
    content = outline(["Imagined"])

    def images(course_id: str) -> tuple[int, int]:
        """How many images the book lacks, and how many are stored."""
        names = author.objects(course_id)
        book = json.loads(author.text(course_id, "book/book.json"))
        return book["imagesMissing"], len([name for name in names if name.startswith("images/")])

    with configured(author, "images-gen", BUCKET="there-is-no-such-bucket"):
        run = author.course(content)
    assert (run.outcome, run.states) == ("incomplete", {"01-01": "written"})
    assert run.view["problems"][0].startswith("Images missing in the book: 1.")
    assert author.get(f"/courses/{run.course_id}")["outcome"] == "incomplete"
    assert images(run.course_id) == (1, 0)
    assert "This image is not available." in author.text(run.course_id, "book/book.md")
    again = author.course(content, run.course_id)
    assert (again.outcome, again.states) == ("complete", {"01-01": "skipped"})
    assert images(run.course_id) == (0, 1)
    assert "This image is not available." not in author.text(run.course_id, "book/book.md")


def test_a_book_that_cannot_be_built_is_a_failed_course_whose_lessons_are_kept(author: Somebody) -> None:
    content = outline(["Kept"])
    with configured(author, "book-builder", BUCKET="there-is-no-such-bucket"):
        run = author.course(content)
    assert (run.view["status"], run.outcome) == ("FAILED", "failed")
    assert run.states == {"01-01": "written"}
    assert run.view["problems"] == ["The book could not be made: something went wrong on our side."]
    assert author.get(f"/courses/{run.course_id}")["outcome"] == "failed"
    assert not [name for name in author.objects(run.course_id) if name.startswith("book/")]
    again = author.course(content, run.course_id)
    assert (again.outcome, again.states) == ("complete", {"01-01": "skipped"})


def with_broken_expander(project: Path, statement: str) -> Path:
    """A copy of the project in which this statement stands at the end of the first function of the workflow."""
    for name in ("functions", "images", "infra", "site"):
        shutil.copytree(ROOT / name, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("__main__.py", "Pulumi.yaml"):
        shutil.copy(ROOT / name, project)
    module = project / "functions" / "content" / "batch_expander.py"
    module.write_text(f"{module.read_text()}\n{statement}\n")
    return project


def test_a_function_that_cannot_be_imported_is_a_failed_course_in_plain_words(tmp_path: Path) -> None:
    # Only where it runs: what cannot be imported anywhere is refused at the start.
    statement = "import os\nif 'AWS_LAMBDA_RUNTIME_API' in os.environ: raise RuntimeError('the details of a fault')"
    project = with_broken_expander(tmp_path / "project", statement)
    with real_platform(project=project) as author:
        run = author.course(outline(["Never begun"]))
        assert (run.view["status"], run.outcome, run.view["units"]) == ("FAILED", "failed", [])
        assert run.view["problems"] == ["The course could not be written: something went wrong on our side."]
        for detail in ("Traceback", "RuntimeError", "the details of a fault", str(project)):
            assert detail not in json.dumps(run.seen)


def test_a_function_that_cannot_be_imported_ends_the_start_with_its_file_and_line(tmp_path: Path) -> None:
    project = with_broken_expander(tmp_path / "project", "raise RuntimeError('the details of a fault')")
    place = r"functions/content/batch_expander\.py, line \d+: RuntimeError: the details of a fault"
    with pytest.raises(ProgramError, match=place), real_platform(project=project):
        raise AssertionError("it started")


def outline(*modules: list[str], minutes: list[int] | None = None) -> bytes:
    """An outline with a module for each list of lesson titles."""
    course = {
        "title": "A course with troubles",
        "language": "en",
        "modules": [
            {
                "title": f"Part {number}",
                "lessons": [
                    {"title": title, "duration_minutes": minutes[place] if minutes else 3}
                    for place, title in enumerate(titles)
                ],
            }
            for number, titles in enumerate(modules, start=1)
        ],
    }
    return yaml.safe_dump(course, sort_keys=False).encode()


def asked(fake: FakeOpenAI, lesson: str) -> list[str]:
    """What the model did each time that it was asked for that lesson."""
    return [request.behaviour for request in fake.asked if request.lesson == lesson]


def failed(run: Run) -> list[dict[str, Any]]:
    return [lesson for lesson in run.view["units"] if lesson["state"] == "failed"]


def batch_events(author: Somebody, run: Run) -> list[dict[str, Any]]:
    """What happened in the batches of a run."""
    return [event for events in histories_of_children(author.platform, run.execution_id) for event in events]


def failed_tasks(events: list[dict[str, Any]]) -> list[str]:
    """The names of the errors that functions raised."""
    return [event["taskFailedEventDetails"]["error"] for event in events if event["type"] == "TaskFailed"]


def author_sees(author: Somebody, execution_id: str, lesson: str) -> str:
    """The state of a lesson at this moment."""
    lessons = author.get(f"/executions/{execution_id}")["units"]
    return next((shown["state"] for shown in lessons if shown["id"] == lesson), "")


def assert_missing_in_the_book(author: Somebody, run: Run, titles: dict[str, str]) -> None:
    """The book exists in every format and says of each of these lessons, and of no other, that it is missing."""
    names = set(author.objects(run.course_id))
    assert {f"book/book.{format_}" for format_ in ("md", "json", "html", "pdf", "docx")} <= names
    book = json.loads(author.text(run.course_id, "book/book.json"))
    lessons = [lesson for module in book["modules"] for lesson in module["lessons"]]
    assert {lesson["id"]: lesson["title"] for lesson in lessons if not lesson.get("markdown")} == titles
    markdown, html = (author.text(run.course_id, f"book/book.{format_}") for format_ in ("md", "html"))
    for id_, title in titles.items():
        assert title in html
        assert any(line.startswith("- ") and f"{title}](#lesson-{id_}): " in line for line in markdown.splitlines())
    told = {missing["id"]: missing["reason"] for missing in book["missing"]}
    assert told == {id_: run.reason(id_) for id_ in titles}
    report = json.loads(author.text(run.course_id, "validation/report.json"))
    assert report["totals"]["missing"] == len(titles)


@contextmanager
def retry_waits_scaled(author: Somebody, factor: float) -> Generator[None]:
    """Makes the emulator's workflows wait that many times as long as they are told, before they retry."""

    def scale(by: float) -> None:
        url = f"{author.platform.endpoint}/_ministack/config"
        body = json.dumps({"stepfunctions._SFN_WAIT_SCALE": by}).encode()
        headers = signed(author.platform.credentials, "POST", url, body)
        answer = author.http.post(url, content=body, headers=headers).raise_for_status().json()
        assert answer["applied"] == {"stepfunctions._SFN_WAIT_SCALE": by}

    scale(factor)
    try:
        yield
    finally:
        scale(1)


@contextmanager
def configured(author: Somebody, function: str, **variables: str) -> Generator[None]:
    """Gives a deployed function other environment variables, behind its alias, and its own again afterwards."""
    functions = author.platform.client("lambda")
    name = f"aurora-local-{function}"
    before = functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
    environment = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]

    def deploy(values: dict[str, str]) -> str:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": values})
        return functions.publish_version(FunctionName=name)["Version"]

    functions.update_alias(FunctionName=name, Name="live", FunctionVersion=deploy({**environment, **variables}))
    try:
        yield
    finally:
        functions.update_alias(FunctionName=name, Name="live", FunctionVersion=before)
        deploy(environment)


def workers(author: Somebody, handler: str) -> set[int]:
    """The processes of this platform that run a handler."""
    found = started_by(author.platform.emulator_pid, handler)
    assert found, f"no process runs {handler}"
    return found
