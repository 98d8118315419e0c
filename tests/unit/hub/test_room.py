"""When a course's room is opened by itself."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from lectern.hub.room import AHEAD, Timetable

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


def test_a_course_without_an_opening_date_has_no_timetable():
    assert timetable(None).due(NINE) == []
