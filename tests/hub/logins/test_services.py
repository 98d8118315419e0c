"""The six services, each against a fake of its documented addresses."""

import re

import pytest

SERVICES = ["github", "gitlab", "bitbucket", "google", "mediawiki", "openshift"]

pytestmark = pytest.mark.parametrize("way", SERVICES)


def test_somebody_in_an_allowed_group_is_in(way, browser):
    answer = browser.come_by(way)

    assert answer.status_code == 302, answer.text
    assert browser.name() == "ada"


def test_a_group_leads_into_a_course(way, hub, browser):
    browser.come_by(way)

    # Google tells no groups but the domain.
    more = set() if way == "google" else {"instructors-data-literacy"}
    assert hub.groups("ada") == {"course-data-literacy"} | more


def test_somebody_in_no_allowed_group_is_refused(way, browser, services):
    services.person = "bob"

    answer = browser.come_by(way)

    assert answer.status_code == 403
    assert "not among those" in answer.text
    assert browser.name() is None


def test_a_service_that_is_down_is_said_so(way, browser, services):
    for mood in ("ill", "garbled"):
        services.mood = mood

        answer = browser.http.get(f"/hub/{way}/login")
        if answer.status_code == 302:
            callback = f"/hub/{way}/callback"
            state = answer.headers["Location"].partition("state=")[2].partition("&")[0]
            answer = browser.http.get(f"{callback}?code=x&state={state}")

        assert answer.status_code == 503, answer.text
        assert "does not answer" in answer.text


def test_an_answer_that_the_service_does_not_know_is_refused_in_the_readers_language(way, browser):
    browser.http.headers["Accept-Language"] = "de"

    answer = browser.http.get(re.sub(r"(code|oauth_verifier)=[^&]+", r"\1=x", _callback_of(browser, way)))

    assert answer.status_code == 403
    assert "hat Ihre Anmeldung nicht bestätigt" in answer.text
    assert "did not confirm" not in answer.text


def test_an_answer_cannot_be_used_twice_or_elsewhere(way, hub, browser):
    callback = _callback_of(browser, way)
    stranger = type(browser)(hub.url)

    elsewhere = stranger.http.get(callback)
    first = browser.http.get(callback)
    second = browser.http.get(callback)

    assert (elsewhere.status_code, first.status_code, second.status_code) == (400, 302, 400)
    assert stranger.name() is None


def _callback_of(browser, way):
    answer = browser.http.get(f"/hub/{way}/login")
    while f"/hub/{way}/callback" not in answer.headers["Location"]:
        answer = browser.http.get(answer.headers["Location"])
    return answer.headers["Location"]


@pytest.mark.parametrize(
    "hostile", ["//evil.example/x", "https://evil.example/", "/\\evil.example", "///evil.example"]
)
def test_a_login_never_leads_to_another_host(way, browser, hostile):
    answer = browser.come_by(way, hostile)

    where = answer.headers["Location"]
    assert where.startswith("/")
    assert not where.replace("\\", "/").startswith("//")


def test_whoever_leaves_the_group_is_out_at_the_next_refresh(
    way, hub, browser, services, at_the_next_refresh
):
    browser.come_by(way)
    cookies = dict(browser.http.cookies)
    services.people["ada"]["groups"] = ["elsewhere"]

    at_the_next_refresh()

    assert not browser.is_logged_in()
    assert hub.groups("ada") == set()
    browser.http.cookies.update(cookies)
    assert browser.name() is None  # the old cookie opens nothing either


def test_a_service_that_is_down_throws_nobody_out(way, hub, browser, services, at_the_next_refresh):
    browser.come_by(way)
    services.mood = "ill"

    at_the_next_refresh()

    assert browser.is_logged_in()
    assert "course-data-literacy" in hub.groups("ada")
