"""Who may do what with an environment."""

import pytest

from lectern.builder.service.access import OPERATOR, Course, Person, may_edit, require_create, require_edit
from lectern.errors import AccessError

COURSES = (Course("stats", ("stats", "shared-env")), Course("geo", ("geo",)))
ADMIN = Person("admin", is_admin=True)
TEACHER = Person("ada", groups=frozenset({"course-stats", "instructors-stats"}))
HELPER = Person("bob", groups=frozenset({"course-stats", "helpers-stats"}))
PARTICIPANT = Person("eve", groups=frozenset({"course-stats"}))


@pytest.mark.parametrize(
    ("person", "environment", "may"),
    [
        (ADMIN, "geo", True),
        (ADMIN, "of-no-course", True),
        (OPERATOR, "geo", True),
        (TEACHER, "stats", True),
        (TEACHER, "shared-env", True),
        (TEACHER, "geo", False),
        (TEACHER, "of-no-course", False),
        (HELPER, "stats", False),
        (PARTICIPANT, "stats", False),
    ],
)
def test_an_environment_is_its_instructors(person, environment, may):
    assert may_edit(person, environment, COURSES) is may


@pytest.mark.parametrize("person", [HELPER, PARTICIPANT])
def test_who_teaches_nothing_is_told_whom_to_ask(person):
    with pytest.raises(AccessError, match="for instructors") as caught:
        require_edit(person, "stats", COURSES)

    assert "ask an instructor" in caught.value.hint


def test_an_instructor_of_another_course_is_told_whose_it_is():
    with pytest.raises(AccessError) as caught:
        require_edit(TEACHER, "geo", COURSES)

    assert "an instructor of geo" in caught.value.hint


@pytest.mark.parametrize(
    ("person", "course", "may"),
    [
        (ADMIN, None, True),
        (TEACHER, "stats", True),
        (TEACHER, None, False),
        (TEACHER, "geo", False),
        (HELPER, "stats", False),
    ],
)
def test_an_environment_is_made_for_a_course_of_ones_own(person, course, may):
    try:
        require_create(person, course, COURSES)
    except AccessError:
        assert not may
    else:
        assert may


def test_a_course_called_like_a_group_gives_nobody_a_right():
    somebody = Person("eve", groups=frozenset({"course-instructors-stats"}))

    assert not may_edit(somebody, "stats", COURSES)
