"""Courses and codes, on a database in memory."""

import re

import pytest
from jupyterhub import orm

from lectern import names
from lectern.hub import courses
from lectern.settings import Settings


@pytest.fixture
def db():
    session = orm.new_session_factory("sqlite:///:memory:")()
    courses.ensure_first_course(session, Settings(environment="statistics"))
    yield session
    session.close()
    session.get_bind().dispose()


def test_a_code_has_eight_letters_without_look_alikes():
    made = {courses.new_code() for _ in range(100)}

    assert len(made) == 100
    assert all(re.fullmatch(r"[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}", code) for code in made)


@pytest.mark.parametrize("change", [str.lower, str.strip, lambda code: f" {code.replace('-', ' ')} "])
def test_a_code_is_found_however_it_is_typed(db, change):
    [course] = courses.all_courses(db)

    assert courses.find_by_code(db, change(course.code)) is course


@pytest.mark.parametrize("typed", ["", "-", "AAAA-0000", "'; drop table users; --"])
def test_a_wrong_code_opens_nothing(db, typed):
    assert courses.find_by_code(db, typed) is None


def test_a_second_start_keeps_the_course_and_its_code(db):
    before = courses.all_courses(db)[0].code

    courses.ensure_first_course(db, Settings(environment="other"))

    assert [course.code for course in courses.all_courses(db)] == [before]


def test_joining_twice_is_joining_once(db):
    user = orm.User(name="ada")
    db.add(user)
    [course] = courses.all_courses(db)

    courses.join(db, user, course)
    courses.join(db, user, course)

    assert [group.name for group in user.groups] == [names.course_group("statistics")]
    assert courses.course_of(db, {group.name for group in user.groups}) is course
