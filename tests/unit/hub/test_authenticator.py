"""Accounts, on a database in memory."""

import asyncio
import functools

import bcrypt
import pytest
from jupyterhub import orm
from nativeauthenticator.orm import UserInfo

from lectern import names
from lectern.hub import courses
from lectern.hub.accounts import SignUpError
from lectern.hub.authenticator import CourseAuthenticator
from lectern.settings import Settings

PASSWORD = "correct horse"


@pytest.fixture
def authenticator(session, tmp_path, monkeypatch):
    # Real hashes, but of 2⁴ rounds: there are some hundred of them here.
    monkeypatch.setattr(bcrypt, "gensalt", functools.partial(bcrypt.gensalt, rounds=4))
    (tmp_path / "admin_password").write_text("generated-one\n")
    settings = Settings(secrets=tmp_path, environment="statistics", admin="chef")
    return CourseAuthenticator(_deprecated_db_session=session, lectern_settings=settings)


def _enroll(authenticator, name, *, password=PASSWORD, code=None):
    code = code or courses.all_courses(authenticator.db)[0].code
    return authenticator.enroll(name=name, password=password, confirmation=password, code=code)


async def test_whoever_signs_up_can_log_in_and_is_in_the_course(authenticator):
    await _enroll(authenticator, " Ada ")

    assert await authenticator.authenticate(None, {"username": "ADA", "password": PASSWORD}) == "ada"
    groups = [group.name for group in orm.User.find(authenticator.db, "ada").groups]
    assert groups == [names.course_group("statistics")]


@pytest.mark.parametrize("password", ["wrong", "", "x" * 100, "\ud800", "a\x00b"])
@pytest.mark.parametrize("name", ["chef", "unknown", "", "x" * 500])
async def test_a_wrong_password_lets_nobody_in(authenticator, name, password):
    assert await authenticator.authenticate(None, {"username": name, "password": password}) is None


async def test_a_wrong_code_makes_no_account(authenticator):
    with pytest.raises(SignUpError, match="code"):
        await _enroll(authenticator, "ada", code="WRONG")

    assert UserInfo.find(authenticator.db, "ada") is None


async def test_of_many_at_once_one_gets_the_name(authenticator):
    tries = [_enroll(authenticator, "ada") for _ in range(6)]

    results = await asyncio.gather(*tries, return_exceptions=True)

    assert sum(isinstance(result, UserInfo) for result in results) == 1
    assert sum(isinstance(result, SignUpError) for result in results) == 5


@pytest.mark.parametrize("name", ["chef", "Chef", "che-f", "admin"])
async def test_nobody_signs_up_as_an_admin(authenticator, name):
    with pytest.raises(SignUpError, match="reserved"):
        await _enroll(authenticator, name)


async def test_the_name_of_a_user_without_an_account_is_taken(authenticator):
    authenticator.db.add(orm.User(name="made-by-admin"))
    authenticator.db.commit()

    with pytest.raises(SignUpError, match="taken"):
        await _enroll(authenticator, "made-by-admin")


async def test_the_admin_gets_in_until_the_password_is_changed(authenticator):
    account = UserInfo.find(authenticator.db, "chef")
    login = {"username": "chef", "password": "generated-one"}
    assert await authenticator.authenticate(None, login) == "chef"
    assert await authenticator.has_initial_password(account)

    await authenticator.set_password(account, PASSWORD, PASSWORD)

    assert await authenticator.authenticate(None, login) is None
    assert not await authenticator.has_initial_password(account)


def test_the_admin_instructs_the_first_course(authenticator):
    groups = {group.name for group in orm.User.find(authenticator.db, "chef").groups}

    assert groups == {names.course_group("statistics"), names.instructor_group("statistics")}


def test_a_second_start_changes_nothing(authenticator):
    before = UserInfo.find(authenticator.db, "chef").password

    authenticator._prepare()  # noqa: SLF001 - what each start does

    assert UserInfo.find(authenticator.db, "chef").password == before


def test_none_of_the_stock_pages_is_there(authenticator):
    paths = {path for path, _ in authenticator.get_handlers(None)}

    assert not any(word in path for path in paths for word in ("/authorize/", "discard", "reset"))
