"""What counts as a wrong password, and what does not."""

from types import SimpleNamespace

import pytest
from jupyterhub import orm
from tornado import web

from lectern.hub.guarded import Guard, TooManyTriesError
from lectern.hub.guessing import NAME_TRIES
from lectern.hub.language import Refusal
from lectern.settings import Settings


class Handler(SimpleNamespace):
    """As much of a request as a login looks at."""

    def __init__(self, db):
        request = SimpleNamespace(
            headers={}, remote_ip="192.0.2.1", connection=SimpleNamespace(context=SimpleNamespace())
        )
        super().__init__(db=db, request=request, hub=SimpleNamespace(base_url="/hub/"), cookie=None)

    def get_secure_cookie(self, _name, **_how):
        return self.cookie

    def _set_cookie(self, _name, value, **_how):
        self.cookie = value.encode()


@pytest.fixture
def handler(session):
    session.add(orm.User(name="zoe"))
    session.commit()
    return Handler(session)


@pytest.fixture
def guard(tmp_path):
    return Guard(Settings(secrets=tmp_path))


def _raising(problem):
    async def attempt():
        raise problem

    return attempt


async def _try_often(guard, handler, attempt, *, elsewhere):
    for _ in range(3 * NAME_TRIES):
        try:
            await guard.login(handler, "zoe", attempt, elsewhere=elsewhere)
        except TooManyTriesError:
            raise
        except web.HTTPError:
            continue


@pytest.mark.parametrize("elsewhere", ["", "ldap"])
@pytest.mark.parametrize(
    "problem",
    [Refusal(503, "The directory does not answer."), Refusal(403, "You may not enter."), OSError("no route")],
)
async def test_an_outage_or_a_refusal_is_no_wrong_password(guard, handler, problem, elsewhere):
    for _ in range(10 * NAME_TRIES):
        with pytest.raises(type(problem)):
            await guard.login(handler, "zoe", _raising(problem), elsewhere=elsewhere)

    assert handler.cookie is None


async def test_a_class_that_answers_by_an_error_is_counted(guard, handler):
    for _ in range(NAME_TRIES):
        with pytest.raises(web.HTTPError, match="403"):
            await guard.login(handler, "zoe", _raising(web.HTTPError(403)), elsewhere="campus")

    with pytest.raises(TooManyTriesError):
        await _try_often(guard, handler, _raising(web.HTTPError(403)), elsewhere="campus")


async def test_an_equal_name_elsewhere_is_somebody_else(guard, handler):
    async def right():
        return "zoe"

    async def wrong_after_a_right_one_of_the_same_name_here():
        await guard.login(handler, "zoe", right)

    with pytest.raises(TooManyTriesError):
        await _try_often(guard, handler, wrong_after_a_right_one_of_the_same_name_here, elsewhere="ldap")
