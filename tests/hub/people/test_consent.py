"""The privacy notice: who is asked, when, and who is not."""

from urllib.parse import urlsplit

import pytest

from lectern.hub.notice import Notice
from tests.hub.people.conftest import PASSWORD, Person
from tests.support.login_hub import Browser

TEXT = "We keep your name & <b>files</b>."
HASHED = Notice(TEXT.encode()).hashed


@pytest.fixture
def notice(hub):
    hub.notice.write_text(TEXT)
    return hub.notice


@pytest.fixture
def stranger(hub):
    return Browser(hub.url)


def _is_asked(answer):
    return answer.status_code == 302 and urlsplit(answer.headers["location"]).path == "/hub/privacy"


def test_without_a_text_nothing_is_asked_and_nothing_shown(hub, stranger):
    ada = Person(hub, "ada")

    home = ada.http.get("/hub/home")

    assert home.status_code == 200
    assert "Privacy" not in home.text
    assert "consent" not in stranger.http.get("/hub/join").text
    assert ada.http.get("/hub/privacy").status_code == 404


@pytest.mark.usefixtures("notice")
def test_who_signs_up_agrees_in_the_same_form(hub, stranger):
    page = stranger.http.get("/hub/join").text

    ada = Person(hub, "ada", consent=HASHED)

    assert f'value="{HASHED}"' in page
    assert "name &amp; &lt;b&gt;files" in page
    home = ada.http.get("/hub/home")
    assert home.status_code == 200
    assert 'href="/hub/privacy"' in home.text
    assert "You agreed on 20" in ada.http.get("/hub/privacy").text


@pytest.mark.usefixtures("notice")
@pytest.mark.parametrize("said", ["", "yes", Notice(b"another text").hashed])
def test_without_consent_to_this_very_text_no_account_is_made(hub, stranger, said):
    refused = Person.sign_up(stranger, hub, "ada", consent=said)

    assert refused.status_code == 400
    assert "tick the box" in refused.text
    assert [user["name"] for user in hub.api("GET", "/users").json()] == ["admin"]


def test_an_account_of_before_is_asked_once_and_led_on(hub, notice):
    notice.unlink()
    ada = Person(hub, "ada")
    notice.write_text(TEXT)

    asked = [ada.http.get(path) for path in ("/hub/spawn", "/hub/home")]
    where = asked[1].headers["location"]
    unticked = ada.http.post(where, data={"_xsrf": ada.xsrf()})
    ticked = ada.http.post(where, data={"_xsrf": ada.xsrf(), "consent": HASHED})

    assert all(_is_asked(answer) for answer in asked)
    assert unticked.status_code == 400
    assert ticked.headers["location"] == "/hub/home"
    assert ada.http.get("/hub/home").status_code == 200


def test_a_changed_text_is_asked_again_after_the_next_login(hub, notice):
    Person(hub, "ada", consent=HASHED)
    notice.write_text("We keep everything.")
    ada = Browser(hub.url)

    entered = ada.follow(ada.log_in("ada", PASSWORD), until="/hub/privacy")

    assert _is_asked(entered)


@pytest.mark.usefixtures("notice")
def test_consent_goes_with_the_account(hub):
    Person(hub, "ada", consent=HASHED)
    hub.api("DELETE", "/users/ada")
    hub.notice.unlink()
    ada = Person(hub, "ada")
    hub.notice.write_text(TEXT)

    assert _is_asked(ada.http.get("/hub/home"))


@pytest.mark.usefixtures("notice")
def test_nobody_is_led_from_the_notice_to_another_site(hub):
    hub.notice.unlink()
    ada = Person(hub, "ada")
    hub.notice.write_text(TEXT)
    ada.http.get("/hub/privacy")

    answer = ada.http.post(
        "/hub/privacy?next=https://evil.example/", data={"_xsrf": ada.xsrf(), "consent": HASHED}
    )

    assert urlsplit(answer.headers["location"]).hostname is None


@pytest.mark.usefixtures("notice")
def test_whoever_is_not_logged_in_can_read_it(stranger):
    page = stranger.http.get("/hub/privacy")

    assert page.status_code == 200
    assert "We keep your name" in page.text
    assert 'type="checkbox"' not in page.text
