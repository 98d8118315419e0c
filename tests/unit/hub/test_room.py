"""When a course's room is opened by itself."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from tornado.httpclient import HTTPClientError

from lectern.hub.roles import Role, groups_of
from lectern.hub.room import AHEAD, Timetable, open_room
from lectern.hub.schedule import Schedule

NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)


class _Timetable(Timetable):
    """One whose courses are said, and which notes what it opens instead of asking the hub."""

    def __init__(self, *opens_at, db=None):
        super().__init__(None, db)
        self.plan = [SimpleNamespace(name="physics", opens_at=at) for at in opens_at]
        self.answers, self.tries, self.opened = [], 0, []

    async def _open(self, name):
        self.tries += 1
        if self.answers and (problem := self.answers.pop(0)):
            raise problem
        self.opened.append(name)


@pytest.fixture(autouse=True)
def _plans(monkeypatch):
    def of_all(self, now):
        monkeypatch.setattr("lectern.hub.courses.all_courses", lambda _: self.plan)
        return Timetable.due(self, now)

    monkeypatch.setattr(_Timetable, "due", of_all)


@given(st.lists(st.integers(-1200, 600), max_size=50).map(sorted))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_room_is_opened_once_and_only_shortly_before_its_course(seconds):
    table = _Timetable(NINE)

    async def look():
        for at in seconds:
            await table.look(NINE + timedelta(seconds=at))

    asyncio.run(look())

    assert len(table.opened) == any(-AHEAD.total_seconds() <= at <= 0 for at in seconds)


async def test_a_course_that_is_put_off_is_opened_again():
    table = _Timetable(NINE)
    await table.look(NINE)

    table.plan[0].opens_at = NINE + timedelta(days=1)

    await table.look(NINE)
    assert table.opened == ["physics"]
    await table.look(NINE + timedelta(days=1))
    assert table.opened == ["physics", "physics"]


async def test_a_room_that_could_not_be_opened_is_tried_again():
    table = _Timetable(NINE)
    table.answers = [ConnectionRefusedError("away"), HTTPClientError(503)]

    for _ in range(4):
        await table.look(NINE)

    assert (table.tries, table.opened) == (3, ["physics"])


async def test_the_timetable_outlives_a_database_that_is_away_for_a_moment(monkeypatch):
    looks = []
    table = _Timetable(NINE, db=SimpleNamespace(rollback=lambda: looks.append("rolled back")))

    async def look(_):
        looks.append("looked")
        if len(looks) == 1:
            raise OperationalError("select", {}, OSError("gone"))
        raise asyncio.CancelledError

    monkeypatch.setattr(table, "look", look)
    monkeypatch.setattr("lectern.hub.room._LOOK_EVERY_S", 0)

    with pytest.raises(asyncio.CancelledError):
        await table.follow()

    assert looks == ["looked", "rolled back", "looked"]


def _course(opens_in=None, closes_in=None):
    """Give a course that opens and closes so long from now."""
    now = datetime.now(UTC)
    schedule = Schedule(opens_in and now + opens_in, closes_in and now + closes_in, "UTC")
    return SimpleNamespace(name="physics", title="Physics", environment="python", schedule=schedule)


def _member(role):
    groups = [SimpleNamespace(name=name) for name in groups_of("physics", role)]
    return SimpleNamespace(name=role.value, groups=groups)


class _Hub:
    """What `open_room` asks of a handler; notes whose server was started."""

    users = ()  # nobody's server runs

    def __init__(self):
        self.started = []

    def _user_from_orm(self, member):
        spawner = SimpleNamespace(ready=False, pending=None, start_ahead=lambda: None)
        return SimpleNamespace(name=member.name, spawner=spawner)

    async def spawn_single_user(self, user, **_):
        self.started.append(user.name)


@pytest.mark.parametrize(
    ("course", "sentence"),
    [
        (_course(opens_in=2 * AHEAD), "opens on"),
        (_course(closes_in=-AHEAD), "closed on"),
    ],
    ids=["early", "late"],
)
async def test_while_a_course_is_not_open_its_room_opens_to_whoever_teaches(course, sentence):
    hub, members = _Hub(), [_member(role) for role in Role]

    opened = await open_room(hub, course, members)

    assert opened.asked == 2
    assert hub.started == ["helper", "instructor"]
    (left_out,) = opened.refusals
    assert sentence in left_out.what


async def test_shortly_before_a_course_its_room_opens_to_everybody():
    opened = await open_room(_Hub(), _course(opens_in=AHEAD / 2), [_member(role) for role in Role])

    assert (opened.asked, opened.refusals) == (3, ())


async def test_a_course_without_an_opening_date_has_no_timetable():
    table = _Timetable(None)

    await table.look(NINE)

    assert table.opened == []
