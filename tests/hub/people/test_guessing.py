"""Who guesses waits, and nobody else does: on a real hub, from several addresses."""

import pytest

from tests.hub.people.conftest import PASSWORD, Person
from tests.support.login_hub import Browser


def _browser(hub, address):
    browser = Browser(hub.url)
    browser.http.headers["X-Forwarded-For"] = address
    return browser


def _guess(name, browser):
    """Guess until one has to wait for some seconds, long enough for what a test looks at then."""
    for number in range(300):
        answer = browser.log_in(name, f"wrong {number}")
        if answer.status_code == 429 and int(answer.headers["Retry-After"]) > 2:
            return
    raise AssertionError("nobody has to wait")


@pytest.fixture
def zoe(hub):
    return Person(hub, "zoe")


@pytest.mark.usefixtures("zoe")
def test_whoever_is_guessed_at_logs_in_from_another_address(hub):
    _guess("zoe", _browser(hub, "192.0.2.1"))

    assert _browser(hub, "192.0.2.1").log_in("zoe", PASSWORD).status_code == 429
    assert _browser(hub, "192.0.2.2").log_in("zoe", PASSWORD).status_code == 302


@pytest.mark.parametrize(("first", "address"), [("signed up", "192.0.2.3"), ("logged in", "192.0.2.4")])
def test_a_browser_that_was_in_before_logs_in_beside_a_guesser(hub, zoe, first, address):
    browser = zoe if first == "signed up" else _browser(hub, address)
    browser.http.headers["X-Forwarded-For"] = address
    assert first == "signed up" or browser.log_in("zoe", PASSWORD).status_code == 302
    browser.http.get("/hub/logout")
    _guess("zoe", _browser(hub, address))

    assert _browser(hub, address).log_in("zoe", PASSWORD).status_code == 429
    assert browser.log_in("zoe", "a typing error").status_code == 403
    assert browser.log_in("zoe", PASSWORD).status_code == 302


@pytest.mark.usefixtures("zoe")
def test_a_browser_is_known_for_its_own_name_only(hub):
    mallory = Person(hub, "mallory")
    mallory.http.headers["X-Forwarded-For"] = "192.0.2.5"
    mallory.http.get("/hub/logout")
    _guess("zoe", mallory)

    assert mallory.log_in("mallory", PASSWORD).status_code == 302
    mallory.http.get("/hub/logout")

    assert mallory.log_in("zoe", "wrong").status_code == 429


def test_a_forged_cookie_is_nobody_s(hub, zoe):
    forger = _browser(hub, "192.0.2.6")
    _guess("zoe", forger)
    forged = zoe.http.cookies["lectern-device"].strip('"')[:-1] + "x"
    forger.http.cookies.set("lectern-device", forged, path="/hub/")

    assert forger.log_in("zoe", PASSWORD).status_code == 429


@pytest.mark.usefixtures("zoe")
def test_a_one_time_link_lets_in_whoever_is_kept_out(hub):
    browser = _browser(hub, "192.0.2.7")
    _guess("zoe", browser)
    link = hub.api("POST", "/lectern/people/zoe/link").json()["link"]
    path = link[link.index("/hub/") :]
    browser.http.get(path)

    form = {"new_password": "battery staple", "new_password_confirmation": "battery staple"}
    answer = browser.http.post(path, data={**form, "_xsrf": browser.xsrf()})
    browser.http.get("/hub/logout")

    assert answer.status_code == 302
    assert browser.log_in("zoe", "battery staple").status_code == 302


def test_codes_cannot_be_guessed_by_opening_their_page(hub, zoe):
    zoe.http.headers["X-Forwarded-For"] = "192.0.2.8"
    code = hub.api("POST", "/lectern/courses/data-literacy/codes", json={"role": "participant"}).json()[
        "code"
    ]

    right = [zoe.http.get(f"/hub/join/{code}").status_code for _ in range(300)]
    wrong = [zoe.http.get(f"/hub/join/WRONG-{number}").status_code for number in range(300)]

    assert set(right) == {200}
    assert wrong[0] == 200
    assert wrong[-1] == 429
    assert zoe.http.get(f"/hub/join/{code}").status_code == 429
    assert zoe.http.get("/hub/join").status_code == 200
