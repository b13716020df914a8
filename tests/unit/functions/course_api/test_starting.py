"""Who starts and who joins, on the embedded AWS: its conditional writes and its executions are the real judges."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest

from aurora.runtime.errors import BadRequest, NotFound, Throttled, TooLarge
from aurora.runtime.executions import Executions, ExecutionState
from aurora.runtime.objects import ObjectStore
from aurora.testing.http_api import OTHER_OWNER, OWNER
from functions.course_api.starting import Started, Starter, StartRequest
from functions.courses.paths import CoursePaths
from functions.courses.progress import CourseProgress
from functions.courses.records import LAUNCHED_SECONDS, MARKER_SECONDS, CourseRecord, CourseRecords
from functions.outline.errors import InvalidOutline
from functions.outline.limits import MAX_OUTLINE_BYTES
from tests.support.courses import course_event, run_options
from tests.support.outlines import outline_bytes
from tests.unit.functions.conftest import StateMachine

COURSE = "0123456789abcdef0123456789abcdef"
UPLOAD = "fedcba9876543210fedcba9876543210"
REQUEST = StartRequest(OWNER, COURSE, UPLOAD, run_options())


def wanting(**wanted: Any) -> StartRequest:
    return replace(REQUEST, options=run_options(**wanted))


@dataclass
class World:
    """One course's surroundings: its outline is uploaded, nothing has started. `clock` is what Starters see as now."""

    store: ObjectStore
    courses: CourseRecords
    progress: CourseProgress
    machine: StateMachine
    clock: float = 1_800_000_000.0

    def starter(self, executions: Executions | None = None) -> Starter:
        runs = executions or Executions(self.machine.arn)
        return Starter(self.store, self.courses, self.progress, runs, lambda: self.clock)

    def start(self, request: StartRequest = REQUEST) -> Started:
        return self.starter().start(request)

    def upload(self, content: bytes, upload_id: str = UPLOAD, owner: str = OWNER) -> None:
        self.store.write(CoursePaths(owner, COURSE).outline(upload_id), content, "application/yaml")

    def record(self) -> CourseRecord:
        found = self.courses.get(OWNER, COURSE)
        assert found is not None
        return found


class Interrupted(Executions):
    """Executions that do something else just before the first of each call, as another process might."""

    def __init__(self, arn: str, before_state: Callable[[], object]) -> None:
        super().__init__(arn)
        self._before_state = before_state

    def state(self, name: str) -> ExecutionState | None:
        self._before_state()
        return super().state(name)


@pytest.fixture
def world(bucket: str, courses_table: str, progress_table: str, state_machine: StateMachine) -> World:
    records = CourseRecords(courses_table), CourseProgress(progress_table)
    world = World(ObjectStore(bucket), *records, state_machine)
    world.upload(outline_bytes("modules-under-course"))
    return world


def test_the_first_start_records_the_course_and_starts_its_first_attempt(world: World) -> None:
    started = world.start()
    assert started == Started(f"{COURSE}-1", joined=False, units=3)
    key = CoursePaths(OWNER, COURSE).outline(UPLOAD)
    created_at = world.record().created_at
    assert world.record() == CourseRecord(
        owner=OWNER,
        course_id=COURSE,
        title="Growing Vegetables: A First Year",
        language="en",
        created_at=created_at,
        outline_key=key,
        modules=2,
        lessons=3,
        labs=3,
        attempt=1,
        execution=f"{COURSE}-1",
        started_at=world.clock,
        request=run_options(),
        units=3,
        whole=run_options(),
        launched=True,
    )
    event = course_event(owner=OWNER, course_id=COURSE, execution=started.execution, outline_key=key)
    assert world.machine.input_of(started.execution) == {"course": event}


def test_a_course_of_which_one_unit_was_made_anew_is_still_asked_for_as_a_whole(world: World) -> None:
    everything = run_options(content="both")
    first = world.start(replace(REQUEST, options=everything))
    world.machine.stop(first.execution)
    world.start(replace(REQUEST, options=run_options(only=["01-01"])))
    assert world.record().request["only"] == ["01-01"]
    whole = world.record().whole
    assert whole is not None
    assert (whole["content"], whole["only"]) == ("both", None)


def test_what_is_asked_for_reaches_the_execution(world: World) -> None:
    asked = {"content": "both", "slides": True, "modules": [2], "force": True, "language": "es", "budget": 5}
    started = world.start(replace(REQUEST, options=run_options(**asked)))
    assert started.units == 3
    assert asked.items() <= world.machine.input_of(started.execution)["course"].items()
    assert (world.record().lessons, world.record().units) == (3, 3)


def test_a_second_start_joins_the_execution_that_runs(world: World) -> None:
    world.start(wanting(modules=[2]))
    assert world.start() == Started(f"{COURSE}-1", joined=True, units=1)
    assert world.machine.names() == [f"{COURSE}-1"]


def test_a_running_execution_is_joined_however_old_its_start_is(world: World) -> None:
    world.start()
    world.clock += 10 * 3600
    assert world.start().joined


def test_a_start_after_the_execution_ended_is_the_next_attempt(world: World) -> None:
    world.start()
    created_at = world.record().created_at
    world.machine.stop(f"{COURSE}-1")
    assert world.start() == Started(f"{COURSE}-2", joined=False, units=3)
    assert world.record().created_at == created_at


def test_the_outline_accepted_before_is_used_when_none_is_given(world: World) -> None:
    world.start()
    world.machine.stop(f"{COURSE}-1")
    started = world.start(replace(REQUEST, upload_id=None))
    assert started.execution == f"{COURSE}-2"
    assert world.record().outline_key == CoursePaths(OWNER, COURSE).outline(UPLOAD)


def test_a_new_outline_replaces_the_one_before_and_leaves_its_file_alone(world: World) -> None:
    world.start()
    world.machine.stop(f"{COURSE}-1")
    world.upload(outline_bytes("minimal"), upload_id="1" * 32)
    assert world.start(replace(REQUEST, upload_id="1" * 32)).units == 1
    assert world.record().title == "Knots for sailors"
    before = world.store.read(CoursePaths(OWNER, COURSE).outline(UPLOAD))
    assert before == outline_bytes("modules-under-course")


def test_a_fresh_claim_without_an_execution_yet_is_joined(world: World) -> None:
    world.start()
    claim = replace(world.record(), attempt=2, execution=f"{COURSE}-2", started_at=world.clock, launched=False)
    world.courses.claim(claim, seen_attempt=1)
    world.clock += MARKER_SECONDS - 1
    assert world.start() == Started(f"{COURSE}-2", joined=True, units=3)


def test_a_stale_claim_whose_execution_never_came_is_taken_over(world: World) -> None:
    world.start()
    claim = replace(world.record(), attempt=2, execution=f"{COURSE}-2", started_at=world.clock, launched=False)
    world.courses.claim(claim, seen_attempt=1)
    world.clock += MARKER_SECONDS
    assert world.start() == Started(f"{COURSE}-3", joined=False, units=3)


def test_an_execution_that_is_gone_is_followed_by_the_next_attempt(world: World) -> None:
    world.start()
    gone = replace(world.record(), attempt=2, execution=f"{COURSE}-2", launched=True)
    world.courses.claim(gone, seen_attempt=1)
    assert world.start().joined
    world.clock += LAUNCHED_SECONDS
    assert world.start() == Started(f"{COURSE}-3", joined=False, units=3)


def test_a_claim_whose_execution_could_not_be_started_is_given_up_at_once(world: World) -> None:
    broken = world.starter(Executions(f"{world.machine.arn}-absent"))
    with pytest.raises(Exception, match="StateMachineDoesNotExist"):
        broken.start(REQUEST)
    assert world.start() == Started(f"{COURSE}-2", joined=False, units=3)


def test_an_execution_that_exists_already_under_the_claimed_name_counts_as_started(world: World) -> None:
    Executions(world.machine.arn).start(f"{COURSE}-1", {"course": "as sent before the answer was lost"})
    assert world.start() == Started(f"{COURSE}-1", joined=False, units=3)


def test_who_loses_the_claim_joins_the_winner(world: World) -> None:
    world.start()
    world.machine.stop(f"{COURSE}-1")
    winners: list[Started] = []

    def another_starts_first() -> None:
        if not winners:
            winners.append(world.start(wanting(modules=[1])))

    loser = world.starter(Interrupted(world.machine.arn, another_starts_first)).start(REQUEST)
    assert winners == [Started(f"{COURSE}-2", joined=False, units=2)]
    assert loser == Started(f"{COURSE}-2", joined=True, units=2)
    assert world.machine.names() == [f"{COURSE}-1", f"{COURSE}-2"]


def test_one_who_loses_again_and_again_is_asked_to_try_later(world: World) -> None:
    world.start()
    world.machine.stop(f"{COURSE}-1")

    def another_starts_and_ends() -> None:
        world.machine.stop(world.start().execution)

    with pytest.raises(Throttled):
        world.starter(Interrupted(world.machine.arn, another_starts_and_ends)).start(REQUEST)


@pytest.mark.parametrize("earlier_attempts", [0, 1])
def test_of_starts_at_the_same_moment_one_starts_and_all_others_join_it(world: World, earlier_attempts: int) -> None:
    for _ in range(earlier_attempts):
        world.machine.stop(world.start().execution)
    threads = 8
    together = threading.Barrier(threads)

    def start(_: int) -> Started:
        together.wait()
        return world.start()

    with ThreadPoolExecutor(threads) as pool:
        started = list(pool.map(start, range(threads)))
    name = f"{COURSE}-{earlier_attempts + 1}"
    assert {one.execution for one in started} == {name}
    assert [one.joined for one in started].count(False) == 1
    assert world.machine.names()[earlier_attempts:] == [name]


def test_of_starts_racing_from_the_same_look_at_the_record_one_starts_and_the_other_joins(world: World) -> None:
    """Both have seen that nothing runs before either claims: only the conditional write is left to decide."""
    world.machine.stop(world.start().execution)
    together = threading.Barrier(2)
    looked = threading.local()

    def meet() -> None:
        if not getattr(looked, "once", False):
            looked.once = True
            together.wait()

    def start(_: int) -> Started:
        return world.starter(Interrupted(world.machine.arn, meet)).start(REQUEST)

    with ThreadPoolExecutor(2) as pool:
        started = list(pool.map(start, range(2)))
    assert sorted(one.joined for one in started) == [False, True]
    assert {one.execution for one in started} == {f"{COURSE}-2"}
    assert world.machine.names() == [f"{COURSE}-1", f"{COURSE}-2"]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", InvalidOutline),
        (outline_bytes("broken/colon-in-title"), InvalidOutline),
        (b"#" * (MAX_OUTLINE_BYTES + 1), TooLarge),
        (b"#" * 10_000_000, TooLarge),
    ],
    ids=["empty", "broken", "a byte too large", "10 MB"],
)
def test_an_outline_that_is_not_accepted_starts_nothing_and_stays_as_it_is(
    world: World, content: bytes, error: type[Exception]
) -> None:
    world.upload(content)
    with pytest.raises(error):
        world.start()
    assert world.courses.get(OWNER, COURSE) is None
    assert world.machine.names() == []
    assert world.store.read(CoursePaths(OWNER, COURSE).outline(UPLOAD)) == content


def test_a_broken_second_outline_leaves_the_course_as_it_was(world: World) -> None:
    world.machine.stop(world.start().execution)
    before = world.record()
    world.upload(outline_bytes("broken/tab"), upload_id="2" * 32)
    with pytest.raises(InvalidOutline):
        world.start(replace(REQUEST, upload_id="2" * 32))
    assert world.record() == before


def test_modules_that_the_outline_does_not_have_start_nothing(world: World) -> None:
    with pytest.raises(BadRequest, match="not in the outline: 9"):
        world.start(wanting(modules=[1, 9]))
    assert world.machine.names() == []


@pytest.mark.parametrize(("only", "said"), [(["09-01"], "not found: 09-01"), (["lab-01-09"], "lab-01-09")])
def test_units_that_the_outline_does_not_have_start_nothing(world: World, only: list[str], said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        world.start(wanting(content="both", only=only))
    assert world.courses.get(OWNER, COURSE) is None
    assert world.machine.names() == []


def test_a_module_that_has_nothing_of_what_is_asked_for_starts_nothing(world: World) -> None:
    world.upload(outline_bytes("labs-of-every-shape"))
    with pytest.raises(BadRequest, match="no units for this request"):
        world.start(wanting(content="labs", modules=[2]))
    assert world.machine.names() == []


def test_what_an_interrupted_execution_had_set_aside_is_free_for_the_next(world: World) -> None:
    world.machine.stop(world.start().execution)
    assert world.progress.reserve(COURSE, 100, 100)
    assert world.start().joined is False
    assert world.progress.reserve(COURSE, 100, 100)


def test_who_joins_an_execution_leaves_what_it_has_set_aside(world: World) -> None:
    world.start()
    assert world.progress.reserve(COURSE, 100, 100)
    assert world.start().joined
    assert not world.progress.reserve(COURSE, 1, 100)


@pytest.mark.parametrize(
    "changes",
    [
        {"upload_id": "3" * 32},
        {"upload_id": "../../x"},
        {"upload_id": None},
        {"course_id": "4" * 32},
        {"course_id": "not-an-id"},
        {"owner": OTHER_OWNER},
        {"owner": OTHER_OWNER, "upload_id": None},
    ],
)
def test_what_is_absent_or_anothers_is_not_found(world: World, changes: dict[str, Any]) -> None:
    if "upload_id" not in changes or changes.get("owner"):
        world.start()
    with pytest.raises(NotFound):
        world.start(replace(REQUEST, **changes))
    assert world.courses.get(OTHER_OWNER, COURSE) is None
