"""What a teacher says of a course."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.hub.course_fields import FIELDS, CourseFields, FieldError, check_name, read_code, read_fields
from lectern.hub.roles import Role

BEFORE = CourseFields(title="Statistics", environments=("r",))


def test_all_fields_are_read():
    fields = read_fields(
        {
            "title": " Statistics 1 ",
            "environments": "r, python",
            "opens": "2026-12-01 09:00",
            "closes": "2027-02-01T18:00+01:00",
            "timezone": "Europe/Berlin",
            "memory": "2 GB",
            "cpus": 1.5,
            "processes": "256",
            "materials": "/week-1/",
            "helping": True,
        },
        BEFORE,
    )

    assert fields == CourseFields(
        title="Statistics 1",
        environments=("r", "python"),
        opens_at=datetime(2026, 12, 1, 8, tzinfo=UTC),
        closes_at=datetime(2027, 2, 1, 17, tzinfo=UTC),
        timezone="Europe/Berlin",
        memory_bytes=2 << 30,
        cpus=1.5,
        processes=256,
        materials="week-1",
        allows_helping=True,
    )


def test_what_is_not_said_stays():
    assert read_fields({}, BEFORE) == BEFORE


def test_an_empty_field_takes_a_limit_back():
    before = read_fields(
        {"memory": "2 GB", "cpus": 1, "timezone": "UTC", "opens": "2026-12-01 09:00"}, BEFORE
    )

    assert read_fields({"memory": "", "cpus": None, "opens": ""}, before) == BEFORE


@pytest.mark.parametrize(
    ("raw", "where", "what"),
    [
        ({"seats": 3}, "seats", "no such field"),
        ({"title": ""}, "title", "1 to 120 letters"),
        ({"helping": "perhaps"}, "helping", "yes or no"),
        ({"environments": "Data Science"}, "environments", "`Data`"),
        ({"environments": {"a": 1}}, "environments", "a list of names"),
        ({"opens": "tomorrow", "timezone": "UTC"}, "opens", "no date and time"),
        ({"opens": "2026-12-01 09:00"}, "opens", "time zone"),
        ({"closes": "9999-12-31 23:59", "timezone": "America/New_York"}, "closes", "2000 to 2999"),
        ({"closes": "9999-12-31T23:59+00:00", "timezone": "Europe/Berlin"}, "closes", "2000 to 2999"),
        ({"opens": "0001-01-01 00:00", "timezone": "Europe/Berlin"}, "opens", "2000 to 2999"),
        ({"timezone": "Berlin"}, "timezone", "no time zone"),
        (
            {"opens": "2026-12-02", "closes": "2026-12-01", "timezone": "UTC"},
            "closes",
            "before it opens",
        ),
        ({"memory": "much"}, "memory", "number and a unit"),
        ({"memory": "1 MB"}, "memory", "at least 256 MB"),
        ({"memory": "99999999 TB"}, "memory", "no machine has"),
        ({"memory": "9" * 400}, "memory", "no machine has"),
        ({"cpus": 0}, "cpus", "from 0.1 to 64"),
        ({"cpus": "nan"}, "cpus", "from 0.1 to 64"),
        ({"processes": True}, "processes", "text or a number"),
        ({"materials": "../other"}, "materials", "folder"),
    ],
)
def test_what_cannot_be_used_is_named(raw, where, what):
    with pytest.raises(FieldError) as problem:
        read_fields(raw, BEFORE)

    assert (problem.value.where, what in problem.value.what) == (where, True), problem.value


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), st.text() | st.integers() | st.lists(st.text())))
def test_whatever_is_typed_is_read_or_refused_by_name(raw):
    refused = ""
    try:
        read_fields(raw, BEFORE)
    except FieldError as problem:
        refused = problem.where

    assert refused in ("", *FIELDS)


@pytest.mark.parametrize("name", ["", "Geo", "a b", "-a", "a/b", "ä", "a" * 42, "a\n"])
def test_a_name_is_plain(name):
    with pytest.raises(FieldError, match="cannot be used"):
        check_name(name)


def test_a_code_is_for_participants_unless_said():
    assert read_code({}, timezone="UTC") == (Role.PARTICIPANT, None, None)
    assert read_code({"role": "helper", "seats": 28, "expires": "2026-12-01 09:00"}, timezone="UTC") == (
        Role.HELPER,
        28,
        datetime(2026, 12, 1, 9, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "raw",
    [{"role": "boss"}, {"seats": "0"}, {"seats": 0}, {"seats": "many"}, {"expires": "soon"}],
    ids=lambda raw: next(iter(raw)),
)
def test_a_code_that_cannot_be_made_names_the_field(raw):
    with pytest.raises(FieldError) as problem:
        read_code(raw, timezone="UTC")

    assert problem.value.where == next(iter(raw))
