"""What ends with a session, on a database in memory."""

import pytest
from jupyterhub import orm

from lectern.hub.sessions import end_sessions


@pytest.fixture
def db(session):
    session.add(orm.OAuthClient(identifier="jupyterhub"))
    session.commit()
    return session


def test_sessions_and_all_tokens_end_but_the_running_server_s(db, ada):
    server, cookie = ada.new_api_token(note="Server at /user/ada/", scopes=[]), ada.cookie_id
    stolen = ada.new_api_token(note="Server at /user/ada/", scopes=[])

    end_sessions(db, ada, kept=[server])

    assert ada.cookie_id != cookie
    assert orm.APIToken.find(db, stolen) is None
    assert orm.APIToken.find(db, server) is not None


def test_a_code_that_would_become_a_token_ends(db, ada):
    db.add(orm.OAuthCode(code="c", client_id="jupyterhub", user=ada))
    db.commit()

    end_sessions(db, ada)

    assert db.query(orm.OAuthCode).count() == 0


def test_nobody_s_secret_keeps_another_s_token(db, ada):
    token = ada.new_api_token(scopes=[])

    end_sessions(db, ada, kept=["", "someone-else-s"])

    assert orm.APIToken.find(db, token) is None
