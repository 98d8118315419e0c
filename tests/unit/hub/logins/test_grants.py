"""What a provider's groups give, and what they do not take."""

from datetime import UTC, datetime

import pytest
from jupyterhub import orm

from lectern.hub import courses
from lectern.hub.course_fields import CourseFields
from lectern.hub.logins import grants
from lectern.hub.logins.visit import Person, may_enter, wanted_groups
from lectern.hub.roles import Role, groups_of
from lectern.login_settings import ROLES, group_rules
from lectern.settings import Settings

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)


@pytest.fixture
def db(session):
    courses.ensure_first_course(session, Settings(environment="a"))
    courses.create(session, "b", CourseFields(title="b"))
    return session


def _groups(db, user):
    db.expire_all()
    return {group.name for group in user.groups}


def test_what_a_provider_gave_it_takes(db, ada):
    grants.apply(db, ada, "oidc", {"course-a", "course-b"})
    grants.apply(db, ada, "oidc", {"course-b"})

    assert _groups(db, ada) == {"course-b"}


def test_what_came_by_code_or_hand_stays(db, ada):
    db.add(orm.Group(name="course-a", users=[ada]))
    db.commit()

    grants.apply(db, ada, "oidc", {"course-a", "course-b"})
    grants.apply(db, ada, "oidc", set())

    assert _groups(db, ada) == {"course-a"}


@pytest.mark.parametrize("role", [Role.PARTICIPANT, Role.HELPER])
def test_whoever_joins_by_code_stays_when_the_group_goes(db, ada, role):
    course = courses.find_course(db, "a")
    code = courses.add_code(db, course, role=role, seats=1)
    grants.apply(db, ada, "oidc", {"course-a"})

    courses.enter(db, ada, code.code, NOW)
    grants.apply(db, ada, "oidc", {"course-a"})
    grants.apply(db, ada, "oidc", set())

    assert _groups(db, ada) == set(groups_of("a", role))
    assert code.seats_left == 0


def test_a_code_that_ended_opens_to_whoever_a_provider_lets_in_and_changes_nothing(db, ada):
    course = courses.find_course(db, "a")
    grants.apply(db, ada, "oidc", {"course-a"})
    code = courses.add_code(db, course)
    courses.revoke(db, code, NOW)

    assert courses.enter(db, ada, code.code, NOW) is course

    grants.apply(db, ada, "oidc", set())
    assert _groups(db, ada) == set()


def test_what_two_providers_gave_stays_until_both_take_it(db, ada):
    grants.apply(db, ada, "oidc", {"course-a"})
    grants.apply(db, ada, "github", {"course-a"})

    grants.apply(db, ada, "oidc", set())
    assert _groups(db, ada) == {"course-a"}

    grants.apply(db, ada, "github", set())
    assert _groups(db, ada) == set()


def test_what_was_taken_by_hand_comes_back_while_the_provider_says_so(db, ada):
    grants.apply(db, ada, "oidc", {"course-a"})
    orm.Group.find(db, "course-a").users.clear()
    db.commit()

    grants.apply(db, ada, "oidc", {"course-a"})

    assert _groups(db, ada) == {"course-a"}


def test_a_course_that_is_not_there_yet_has_no_members_and_a_free_name(db, ada):
    grants.apply(db, ada, "oidc", {"course-c"})

    courses.require_free(db, "c")
    assert _groups(db, ada) == set()

    courses.create(db, "c", CourseFields(title="c"))
    grants.apply(db, ada, "oidc", {"course-c"})
    assert _groups(db, ada) == {"course-c"}


def test_a_deleted_course_stays_deleted(db, ada):
    grants.apply(db, ada, "oidc", {"course-b"})
    courses.delete(db, courses.find_course(db, "b"))

    assert db.query(courses.Grant).count() == 0
    grants.apply(db, ada, "oidc", {"course-b"})

    courses.require_free(db, "b")
    assert _groups(db, ada) == set()


@pytest.mark.parametrize(
    ("role", "groups"),
    [
        ("participant", {"course-stats"}),
        ("helper", {"course-stats", "helpers-stats"}),
        ("instructor", {"course-stats", "instructors-stats"}),
    ],
)
def test_a_role_is_groups_of_the_hub(role, groups):
    rules = group_rules(f"uni/x=stats:{role}")

    assert wanted_groups(Person("1", "ada", frozenset({"uni/x"})), rules) == groups
    assert wanted_groups(Person("1", "ada", frozenset({"uni"})), rules) == set()


@pytest.mark.parametrize(
    ("allow", "is_in"),
    [("everybody", True), ("a", True), ("b, a", True), ("b", False), ("", False), ("A", False)],
)
def test_only_who_is_allowed_may_enter(allow, is_in):
    assert may_enter(Person("1", "ada", frozenset({"a"})), allow) is is_in


def test_the_roles_of_rules_are_those_of_courses():
    assert tuple(Role) == ROLES
