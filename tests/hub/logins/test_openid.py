"""OpenID Connect, against the npm package oidc-provider."""

import time

import httpx


def test_somebody_in_an_allowed_group_is_in(hub, browser, openid):
    answer = openid.agree(browser, "ada")

    assert answer.status_code == 302, answer.text
    assert browser.name() == "ada"
    assert hub.groups("ada") == {"course-data-literacy", "instructors-data-literacy"}


def test_somebody_in_no_allowed_group_is_refused(browser, openid):
    answer = openid.agree(browser, "bob")

    assert answer.status_code == 403
    assert browser.name() is None


def test_a_login_leads_to_where_somebody_wanted(browser, openid):
    answer = openid.agree(browser, "ada", "/hub/token")

    assert answer.headers["Location"] == "/hub/token"


def test_a_login_never_leads_to_another_host(browser, openid):
    answer = openid.agree(browser, "ada", "//evil.example/x")

    assert answer.headers["Location"].startswith("/x")


def test_an_expired_token_is_renewed_unnoticed(browser, openid, at_the_next_refresh):
    openid.agree(browser, "ada")
    time.sleep(4.2)  # the provider's access tokens live 4 s
    at_the_next_refresh()

    assert browser.is_logged_in()
    at_the_next_refresh()
    assert browser.is_logged_in()  # with the new refresh token: the old one served once


def test_a_group_that_is_taken_away_takes_only_its_own(hub, browser, openid, at_the_next_refresh):
    openid.agree(browser, "ada")
    hub.api("POST", "/groups/by-hand", json={"users": ["ada"]})
    openid.set_people({"ada": {"groups": ["uni"]}})

    at_the_next_refresh()

    assert browser.is_logged_in()
    assert hub.groups("ada") == {"course-data-literacy", "by-hand"}


def test_whoever_leaves_the_group_is_out_at_the_next_refresh(hub, browser, openid, at_the_next_refresh):
    openid.agree(browser, "ada")
    openid.set_people({"ada": {"groups": ["elsewhere"]}})

    at_the_next_refresh()

    assert not browser.is_logged_in()
    assert hub.groups("ada") == set()


def test_who_is_shown_out_keeps_no_token_but_the_running_server_s(hub, browser, openid, at_the_next_refresh):
    openid.agree(browser, "ada")
    hub.api("POST", "/users/ada/server")
    while not hub.api("GET", "/users/ada").json()["server"]:
        time.sleep(0.1)
    server = (hub.folder / "ada-token").read_text()
    note = hub.api("GET", "/users/ada/tokens").json()["api_tokens"][0]["note"]
    copied = hub.api("POST", "/users/ada/tokens", json={"note": note}).json()["token"]
    openid.set_people({"ada": {"groups": ["elsewhere"]}})

    at_the_next_refresh()
    browser.is_logged_in()

    def answer(token):
        return httpx.get(f"{hub.url}/hub/api/user", headers={"Authorization": f"token {token}"}).status_code

    assert note.startswith("Server at ")
    assert answer(server) == 200
    assert answer(copied) == 403


def test_a_provider_that_is_away_throws_nobody_out(hub, browser, openid, at_the_next_refresh):
    openid.agree(browser, "ada")
    openid.stop()
    try:
        time.sleep(4.2)  # the token has run out as well
        at_the_next_refresh()

        assert browser.is_logged_in()
        assert "stays logged in" in hub.log
    finally:
        openid.start()


def test_logging_out_ends_the_session_at_the_provider(browser, openid):
    openid.agree(browser, "ada")

    answer = browser.http.get("/hub/logout")

    assert answer.headers["Location"].startswith(f"{openid.issuer}/session/end?")
    assert "id_token_hint=" in answer.headers["Location"]
    assert browser.name() is None


def test_a_challenge_is_sent(browser):
    answer = browser.http.get("/hub/oidc/login")

    assert "code_challenge_method=S256" in answer.headers["Location"]
