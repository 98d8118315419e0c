"""When a course's room is opened by itself."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.hub.roles import Role, groups_of
from lectern.hub.room import AHEAD, Timetable, open_room
from lectern.hub.schedule import Schedule

NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)


def timetable(opens_at):
    return Timetable(None, lambda: [SimpleNamespace(name="physics", opens_at=opens_at)])


@given(st.lists(st.integers(-1200, 600), max_size=50).map(sorted))
def test_a_room_is_opened_once_and_only_shortly_before_its_course(seconds):
    table = timetable(NINE)

    opened = [at for at in seconds if table.due(NINE + timedelta(seconds=at))]

    first = [at for at in seconds if -AHEAD.total_seconds() <= at <= 0][:1]
    assert opened == first


def test_a_course_that_is_put_off_is_opened_again():
    course = SimpleNamespace(name="physics", opens_at=NINE)
    table = Timetable(None, lambda: [course])
    assert table.due(NINE) == ["physics"]

    course.opens_at = NINE + timedelta(days=1)

    assert table.due(NINE) == []
    assert table.due(NINE + timedelta(days=1)) == ["physics"]


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


def test_a_course_without_an_opening_date_has_no_timetable():
    assert timetable(None).due(NINE) == []
