"""Courses and their members, on a database in memory."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyterhub import orm
from sqlalchemy import inspect, text

from lectern import names
from lectern.hub import courses
from lectern.hub.course_fields import CourseFields
from lectern.hub.courses import CourseClosedError, UnknownCodeError
from lectern.hub.members import members_of
from lectern.hub.roles import Role
from lectern.settings import Settings

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _session(url):
    return orm.new_session_factory(url)()


@pytest.fixture
def db(session):
    courses.ensure_first_course(session, Settings(environment="statistics"))
    return session


@pytest.fixture
def course(db):
    return courses.find_course(db, "statistics")


def _person(db, name="ada"):
    user = orm.User(name=name)
    db.add(user)
    db.commit()
    return user


def _groups(user):
    return {group.name for group in user.groups}


@pytest.mark.parametrize("change", [str.lower, str.strip, lambda code: f" {code.replace('-', ' ')} "])
def test_a_code_is_found_however_it_is_typed(db, course, change):
    assert courses.find_by_code(db, change(course.code)) is course


@pytest.mark.parametrize("typed", ["", "-", "AAAA-0000", "'; drop table users; --", "x" * 10_000])
def test_a_wrong_code_opens_nothing(db, typed):
    with pytest.raises(UnknownCodeError, match="not known"):
        courses.check_code(db, typed, NOW)


def test_a_second_start_keeps_the_course_and_its_code(db):
    before = courses.all_courses(db)[0].code

    courses.ensure_first_course(db, Settings(environment="other"))

    assert [course.code for course in courses.all_courses(db)] == [before]


def test_joining_twice_is_joining_once(db, course):
    user = _person(db)

    courses.join(db, user, course)
    courses.join(db, user, course)

    assert [group.name for group in user.groups] == [names.course_group("statistics")]
    assert courses.course_of(db, _groups(user)) is course


@pytest.mark.parametrize(
    ("role", "extra"),
    [
        (Role.PARTICIPANT, set()),
        (Role.HELPER, {names.helper_group("statistics")}),
        (Role.INSTRUCTOR, {names.instructor_group("statistics")}),
    ],
)
def test_a_code_gives_its_role(db, course, role, extra):
    user = _person(db)

    courses.enter(db, user, courses.add_code(db, course, role=role).code, NOW)

    assert _groups(user) == {names.course_group("statistics")} | extra


def test_a_revoked_code_lets_nobody_in_and_its_people_stay(db, course):
    user, code = _person(db), courses.add_code(db, course)
    courses.enter(db, user, code.code, NOW)

    courses.revoke(db, code, NOW)

    with pytest.raises(CourseClosedError, match="withdrawn"):
        courses.enter(db, _person(db, "bob"), code.code, NOW)
    assert _groups(user) == {names.course_group("statistics")}


def test_a_code_expires_to_the_second(db, course):
    code = courses.add_code(db, course, expires_at=NOW)

    assert courses.check_code(db, code.code, NOW - timedelta(seconds=1)) is code
    with pytest.raises(CourseClosedError, match="expired on 2026-12-01 08:00"):
        courses.check_code(db, code.code, NOW)


@pytest.mark.parametrize(
    ("now", "sentence"), [(NOW - HOUR, "opens on"), (NOW, ""), (NOW + HOUR, "closed on")]
)
def test_participants_come_in_while_the_course_is_open_and_instructors_always(db, course, now, sentence):
    course.opens_at, course.closes_at, course.timezone = NOW, NOW + HOUR, "Europe/Berlin"
    db.commit()

    if sentence:
        with pytest.raises(CourseClosedError, match=rf"{sentence} 2026-12-01 (09|10):00 \(Europe/Berlin\)"):
            courses.check_code(db, course.code, now)
    else:
        courses.check_code(db, course.code, now)
    courses.check_code(db, courses.add_code(db, course, role=Role.INSTRUCTOR).code, now)


def test_who_is_in_needs_no_second_seat(db, course):
    code = courses.add_code(db, course, seats=1)
    user = _person(db)
    courses.enter(db, user, code.code, NOW)

    assert courses.enter(db, user, code.code, NOW) is course
    assert code.seats_left == 0


def test_a_participant_becomes_instructor_by_the_instructors_code(db, course):
    user = _person(db)
    courses.enter(db, user, course.code, NOW)

    courses.enter(db, user, courses.add_code(db, course, role=Role.INSTRUCTOR).code, NOW)

    assert names.instructor_group("statistics") in _groups(user)


@pytest.fixture(scope="module")
def desks(tmp_path_factory):
    """Give four connections to one database, as of four clerks who sign people up."""
    url = f"sqlite:///{tmp_path_factory.mktemp('seats')}/hub.sqlite"
    clerks = [_session(url) for _ in range(4)]
    courses.ensure_first_course(clerks[0], Settings(environment="statistics"))
    yield clerks
    for clerk in clerks:
        clerk.close()
        clerk.get_bind().dispose()


@settings(deadline=None, max_examples=40)
@given(seats=st.integers(0, 5), arrivals=st.lists(st.integers(0, 3), max_size=12))
def test_of_several_connections_never_one_more_gets_in_than_there_are_seats(desks, seats, arrivals):
    made = courses.add_code(desks[0], courses.all_courses(desks[0])[0], seats=seats)
    # Each has looked at the code while there was room: what counts is the statement that takes.
    seen = [courses.find_code(desk, made.code) for desk in desks]
    for desk in desks:
        desk.commit()

    inside = 0
    for arrival in arrivals:
        try:
            courses.take_seat(desks[arrival], seen[arrival], NOW)
            desks[arrival].commit()
            inside += 1
        except CourseClosedError:
            desks[arrival].rollback()

    assert inside == min(seats, len(arrivals))


def test_a_seat_is_given_back_by_a_rollback(db, course):
    code = courses.add_code(db, course, seats=1)

    courses.take_seat(db, code, NOW)
    db.rollback()

    assert code.seats_left == 1


def test_a_deleted_course_leaves_its_people(db, course):
    user = _person(db)
    courses.join(db, user, course, role=Role.INSTRUCTOR)

    courses.delete(db, course)

    assert courses.all_courses(db) == []
    assert (orm.User.find(db, "ada"), _groups(user)) == (user, set())
    assert db.query(courses.CourseCode).count() == 0


def test_environments_keep_their_order_and_stand_once(db, course):
    courses.set_fields(course, CourseFields(title="x", environments=("b", "a", "b", "c")))
    db.commit()
    db.expire_all()

    assert (course.environments, course.environment) == (["b", "a", "c"], "b")
    courses.set_environments(course, ["c", "b"])
    db.commit()
    db.expire_all()
    assert course.environments == ["c", "b"]


# --- installations of before ----------------------------------------------------------------------

# What 2026.11 wrote at its first start.
OLD_TABLE = """CREATE TABLE lectern_courses (
    id INTEGER NOT NULL, name VARCHAR(64) NOT NULL, code VARCHAR(32) NOT NULL,
    environment VARCHAR(64) NOT NULL, PRIMARY KEY (id), UNIQUE (name), UNIQUE (code))"""


@pytest.fixture
def old_db(session):  # JupyterHub makes the tables that are missing, with keys to the old one
    session.execute(text("DROP TABLE lectern_courses"))
    session.execute(text(OLD_TABLE))
    session.execute(
        text("INSERT INTO lectern_courses (name, code, environment) VALUES ('geo', 'ABCD-EFGH', 'maps')")
    )
    session.commit()
    return session


def test_a_course_of_before_keeps_its_name_code_and_environment(old_db):
    courses.ensure_first_course(old_db, Settings(environment="other"))

    [course] = courses.all_courses(old_db)
    assert (course.name, course.code, course.environments) == ("geo", "ABCD-EFGH", ["maps"])
    assert courses.check_code(old_db, "abcdefgh", NOW).role == Role.PARTICIPANT


def test_migrating_twice_is_migrating_once(old_db):
    courses.ensure_first_course(old_db, Settings())
    courses.ensure_first_course(old_db, Settings())

    assert len(courses.all_courses(old_db)) == 1
    assert "code" not in {c["name"] for c in inspect(old_db.get_bind()).get_columns("lectern_courses")}


def test_in_a_course_of_before_helping_existed_nobody_may(db):
    db.execute(text("ALTER TABLE lectern_courses DROP COLUMN allows_helping"))
    db.commit()

    courses.ensure_first_course(db, Settings(environment="statistics"))

    db.expire_all()
    assert courses.find_course(db, "statistics").allows_helping is False
    courses.ensure_first_course(db, Settings(environment="statistics"))


def test_the_members_of_a_course_are_all_who_have_a_role_in_it_by_name(db):
    course = courses.create(db, "b", CourseFields(title="b"))
    assert members_of(db, course.name) == []

    for name, role in (("mia", Role.PARTICIPANT), ("ada", Role.INSTRUCTOR), ("leo", Role.HELPER)):
        user = orm.User(name=name)
        db.add(user)
        courses.join(db, user, course, role=role)

    assert [user.name for user in members_of(db, course.name)] == ["ada", "leo", "mia"]
