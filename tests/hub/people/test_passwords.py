"""Changing one's password, on a real hub."""

import re

import pytest

from tests.hub.people.conftest import PASSWORD, Person
from tests.support.login_hub import Browser

NEW = "battery staple"


@pytest.fixture
def yara(hub):
    return Person(hub, "yara")


def _change(person, old=PASSWORD, new=NEW):
    return person.post(
        "/hub/change-password", old_password=old, new_password=new, new_password_confirmation=new
    )


def _token(person):
    person.http.get("/hub/home")
    answer = person.http.post("/hub/api/users/yara/tokens", headers={"X-XSRFToken": person.xsrf()}, json={})
    return {"Authorization": f"token {answer.json()['token']}"}


def test_what_was_open_under_the_old_password_ends(hub, yara):
    other = Browser(hub.url)
    other.log_in("yara", PASSWORD)
    token = _token(other)
    link = hub.api("POST", "/lectern/people/yara/link").json()["link"]
    stranger = Browser(hub.url)
    assert stranger.http.get("/hub/api/user", headers=token).status_code == 200

    assert _change(yara).status_code == 200

    assert not other.is_logged_in()
    assert stranger.http.get("/hub/api/user", headers=token).status_code == 403
    assert stranger.http.get(link[link.index("/hub/") :]).status_code == 404
    assert stranger.log_in("yara", PASSWORD).status_code == 403
    assert stranger.log_in("yara", NEW).status_code == 302


def test_whoever_changes_it_stays_in_this_browser(yara):
    page = _change(yara)
    form_token = re.search(r'name="_xsrf" value="([^"]+)"', page.text)[1]
    again = yara.http.post(
        "/hub/change-password",
        data={
            "_xsrf": form_token,
            "old_password": NEW,
            "new_password": PASSWORD,
            "new_password_confirmation": PASSWORD,
        },
    )

    assert yara.name() == "yara"
    assert again.status_code == 200
    assert yara.is_logged_in()


def test_a_running_server_keeps_the_token_that_it_talks_by(hub, yara):
    yara.http.get("/hub/home")
    yara.http.post("/hub/api/users/yara/server", json={}, headers={"X-XSRFToken": yara.xsrf()})

    _change(yara)

    kept = hub.api("GET", "/users/yara/tokens").json()["api_tokens"]
    assert [token["note"] for token in kept] == ["Server at /user/yara/"]


def test_a_wrong_present_password_ends_nothing(hub, yara):
    other = Browser(hub.url)
    other.log_in("yara", PASSWORD)

    assert _change(yara, old="wrong").status_code == 400
    assert _change(yara, new="short").status_code == 400

    assert other.is_logged_in()
    assert yara.is_logged_in()


def test_guessing_the_present_password_is_counted(yara):
    answers = [_change(yara, old=f"wrong {number}") for number in range(20)]

    assert answers[0].status_code == 400
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["Retry-After"] in refused.text
