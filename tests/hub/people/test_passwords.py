"""Changing one's password, on a real hub."""

import re

import pytest

from tests.hub.people.conftest import PASSWORD, Person
from tests.support.login_hub import Browser

NEW = "battery staple"


@pytest.fixture
def zoe(hub):
    return Person(hub, "zoe")


def _change(person, old=PASSWORD, new=NEW):
    return person.post(
        "/hub/change-password", old_password=old, new_password=new, new_password_confirmation=new
    )


def _token(person):
    person.http.get("/hub/home")
    answer = person.http.post("/hub/api/users/zoe/tokens", headers={"X-XSRFToken": person.xsrf()}, json={})
    return {"Authorization": f"token {answer.json()['token']}"}


def test_what_was_open_under_the_old_password_ends(hub, zoe):
    other = Browser(hub.url)
    other.log_in("zoe", PASSWORD)
    token = _token(other)
    link = hub.api("POST", "/lectern/people/zoe/link").json()["link"]
    stranger = Browser(hub.url)
    assert stranger.http.get("/hub/api/user", headers=token).status_code == 200

    assert _change(zoe).status_code == 200

    assert not other.is_logged_in()
    assert stranger.http.get("/hub/api/user", headers=token).status_code == 403
    assert stranger.http.get(link[link.index("/hub/") :]).status_code == 404
    assert stranger.log_in("zoe", PASSWORD).status_code == 403
    assert stranger.log_in("zoe", NEW).status_code == 302


def test_whoever_changes_it_stays_in_this_browser(zoe):
    page = _change(zoe)
    form_token = re.search(r'name="_xsrf" value="([^"]+)"', page.text)[1]
    again = zoe.http.post(
        "/hub/change-password",
        data={
            "_xsrf": form_token,
            "old_password": NEW,
            "new_password": PASSWORD,
            "new_password_confirmation": PASSWORD,
        },
    )

    assert zoe.name() == "zoe"
    assert again.status_code == 200
    assert zoe.is_logged_in()


def test_a_running_server_keeps_the_token_that_it_talks_by(hub, zoe):
    zoe.http.get("/hub/home")
    zoe.http.post("/hub/api/users/zoe/server", json={}, headers={"X-XSRFToken": zoe.xsrf()})

    _change(zoe)

    kept = hub.api("GET", "/users/zoe/tokens").json()["api_tokens"]
    assert [token["note"] for token in kept] == ["Server at /user/zoe/"]


def test_a_wrong_present_password_ends_nothing(hub, zoe):
    other = Browser(hub.url)
    other.log_in("zoe", PASSWORD)

    assert _change(zoe, old="wrong").status_code == 400
    assert _change(zoe, new="short").status_code == 400

    assert other.is_logged_in()
    assert zoe.is_logged_in()


def test_guessing_the_present_password_is_counted(zoe):
    answers = [_change(zoe, old=f"wrong {number}") for number in range(20)]

    assert answers[0].status_code == 400
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["Retry-After"] in refused.text
