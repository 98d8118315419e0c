"""course.yml, and its errors by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.hub.course_yml import CourseFileError, read_course_file

WHOLE = """\
# the winter term
name: statistics-1
title: Statistics 1
environments: [r-statistics, minimal-python]
opens: 2026-12-01 09:00
closes: 2027-02-01 18:00:00
timezone: Europe/Berlin
memory: 2 GB
cpus: 1.5
processes: 256
materials: week-1
codes:
  - role: participant
    seats: 28
    expires: 2026-12-15 00:00
  - role: helper
"""


def test_a_whole_course_is_read():
    course = read_course_file(WHOLE, file="course.yml")

    assert course.name == "statistics-1"
    assert course.fields == {
        "title": "Statistics 1",
        "environments": ["r-statistics", "minimal-python"],
        "opens": "2026-12-01 09:00",
        "closes": "2027-02-01 18:00:00",
        "timezone": "Europe/Berlin",
        "memory": "2 GB",
        "cpus": 1.5,
        "processes": 256,
        "materials": "week-1",
    }
    assert course.codes == (
        {"role": "participant", "seats": 28, "expires": "2026-12-15 00:00"},
        {"role": "helper"},
    )


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("", 1, "holds no course"),
        ("- a\n", 1, "holds no course"),
        ("title: x\n", 1, "needs a name"),
        ("name: x\nname: y\n", 2, "duplicate"),
        ("name: x\ntitel: y\n", 2, "no such key `titel`"),
        ("name: Geo Maps\n", 1, "cannot be used"),
        ("name: x\n\nmemory: lots\n", 3, "number and a unit"),
        ("name: x\nopens: 2026-12-01 09:00\n", 2, "time zone"),
        ("name: x\ntimezone: Mars\n", 2, "no time zone"),
        ("name: x\nenvironments: {a: 1}\n", 2, "list of names"),
        ("name: x\ncodes: 3\n", 2, "a list"),
        ("name: x\ncodes:\n  - 3\n", 2, "mapping"),
        ("name: x\ncodes:\n  - seats: 3\n    role: boss\n", 4, "no role"),
        ("name: x\ncodes:\n  - seat: 3\n", 3, "no such key `seat`"),
        ("name: [\n", 2, ""),
        ("name: x\n\ttitle: y\n", 2, ""),
    ],
)
def test_a_mistake_is_named_by_its_line(text, where, what):
    with pytest.raises(CourseFileError) as problem:
        read_course_file(text, file="course.yml")

    assert problem.value.where == f"course.yml:{where}"
    assert what in problem.value.what


def test_aliases_that_explode_are_refused_at_once():
    levels = "\n".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]" for n in range(20)
    )

    with pytest.raises(CourseFileError):
        read_course_file(f"a: &a [x]\n{levels}\nname: x\nenvironments: *u\n", file="course.yml")


@given(st.text())
def test_whatever_the_file_holds_it_is_read_or_refused_with_a_place(text):
    where = "course.yml"
    try:
        read_course_file(text, file="course.yml")
    except CourseFileError as problem:
        where = problem.where

    assert where.startswith("course.yml")
