"""A hub behind TLS with one institution's login and nothing else."""

import pytest

from tests.peers.directory import GROUPS, PEOPLE, SEARCHER, SEARCHER_PASSWORD
from tests.support.login_hub import Browser, LoginHub


@pytest.fixture(scope="module")
def lone_hub(tmp_path_factory, slapd):
    settings = {
        "LECTERN_ADDRESS": "https://lectern.example",
        "LECTERN_LOGIN": "ldap",
        "LECTERN_LDAP_URL": slapd.url,
        "LECTERN_LDAP_BASE": PEOPLE,
        "LECTERN_LDAP_GROUP_BASE": GROUPS,
        "LECTERN_LDAP_ALLOW": "everybody",
        "LECTERN_LDAP_BIND_DN": SEARCHER,
    }
    more = f"c.Directory.ca_file = {str(slapd.ca_file)!r}"
    secret = {"logins/ldap_bind_password": SEARCHER_PASSWORD}
    hub = LoginHub(tmp_path_factory.mktemp("lone-hub"), settings, secret, more)
    yield hub
    hub.stop()


@pytest.fixture
def browser(lone_hub):
    return Browser(lone_hub.url)


def test_the_login_page_leads_there_at_once(browser):
    answer = browser.http.get("/hub/login", params={"next": "/hub/token"})

    assert answer.headers["Location"] == "/hub/ldap/login?next=%2Fhub%2Ftoken"


def test_the_admins_password_has_a_page_still(browser):
    answer = browser.http.get("/hub/login?password")

    assert answer.status_code == 200
    assert 'name="password"' in answer.text


def test_a_join_link_keeps_its_code_through_the_login(browser):
    answer = browser.http.get("/hub/join/K7QM-2XPA")

    assert answer.headers["Location"] == "/hub/login?next=%2Fhub%2Fjoin%2FK7QM-2XPA"


def test_nobody_signs_up_with_a_password(browser):
    browser.http.get("/hub/login?password")
    form = {"username": "ada", "code": "x", "_xsrf": browser.xsrf()}

    answer = browser.http.post("/hub/signup", data=form)

    assert answer.status_code == 400
    assert "Nobody signs up" in answer.text


def test_cookies_go_over_tls_only(browser):
    page = browser.http.get("/hub/ldap/login")
    token = next(c.value for c in browser.http.cookies.jar if c.name == "_xsrf")
    # The browser would not send them back over plain http, so they are sent by hand.
    cookies = {c.name: c.value for c in browser.http.cookies.jar}
    form = {"username": "ada", "password": "ada-secret", "_xsrf": token}

    answer = browser.http.post(
        "/hub/ldap/login", data=form, headers={"Cookie": "; ".join(f"{n}={v}" for n, v in cookies.items())}
    )

    assert answer.status_code == 302, answer.text
    given = [*page.headers.get_list("set-cookie"), *answer.headers.get_list("set-cookie")]
    assert any(cookie.startswith("jupyterhub-hub-login") for cookie in given)
    assert [cookie for cookie in given if "Secure" not in cookie] == []


def test_after_logging_out_nobody_is_logged_in_again_at_once(browser):
    answer = browser.http.get("/hub/logout")

    assert answer.status_code == 200
