"""Several ways into one hub: whose account is whose, linking, leaving."""

import pytest

from tests.support.login_hub import Browser

CODE_PAGE = "/hub/join"


def _sign_up(hub, browser, name):
    code = hub.api("GET", "/lectern/courses").json()["courses"][0]["code"]
    browser.http.get(f"/hub/join/{code}")
    form = {"username": name, "code": code, "_xsrf": browser.xsrf()}
    form |= dict.fromkeys(("signup_password", "signup_password_confirmation"), "correct horse")
    answer = browser.http.post("/hub/signup", data=form)
    assert answer.status_code == 302, answer.text


def test_name_and_password_work_beside_them(hub, browser):
    _sign_up(hub, browser, "ada")
    again = Browser(hub.url)

    assert again.log_in("ada", "correct horse").status_code == 302
    assert again.name() == "ada"


def test_equal_names_are_different_people(hub, browser, openid):
    ways = {"native": browser, "oidc": Browser(hub.url), "github": Browser(hub.url), "ldap": Browser(hub.url)}
    ways["campus"] = Browser(hub.url)

    _sign_up(hub, ways["native"], "ada")
    openid.agree(ways["oidc"], "ada")
    ways["github"].come_by("github")
    ways["ldap"].log_in("ada", "ada-secret", "/hub/ldap/login")
    ways["campus"].log_in("ada", "card", "/hub/campus/login")

    assert [someone.name() for someone in ways.values()] == ["ada", "ada-2", "ada-3", "ada-4", "ada-5"]


@pytest.mark.parametrize("name", ["admin", "root", "Ädmin", "", "12", "教師"])
def test_no_name_at_a_provider_is_an_admins_here(hub, browser, openid, name):
    openid.set_people({"x": {"preferred_username": name, "groups": ["uni"]}})

    openid.agree(browser, "x")

    user = hub.api("GET", f"/users/{browser.name()}").json()
    assert user["name"].startswith(("person", "aedmin"))
    assert not user["admin"]


def test_a_renamed_person_keeps_the_account_and_the_name_is_nobody_elses_key(hub, browser, openid):
    openid.set_people({"1": {"preferred_username": "ada", "groups": ["uni"]}})
    openid.agree(browser, "1")
    # Ada is called countess now, and somebody else got her old name there.
    openid.set_people(
        {
            "1": {"preferred_username": "countess", "groups": ["uni"]},
            "2": {"preferred_username": "ada", "groups": ["uni"]},
        }
    )
    renamed, other = Browser(hub.url), Browser(hub.url)

    openid.agree(renamed, "1")
    openid.agree(other, "2")

    assert renamed.name() == "ada"
    assert other.name() == "ada-2"


def test_a_way_is_linked_while_logged_in(hub, browser):
    _sign_up(hub, browser, "grace")
    browser.http.get("/hub/logins")
    answer = browser.http.post("/hub/logins", data={"way": "github", "_xsrf": browser.xsrf()})
    while answer.headers.get("Location", "").startswith(("/hub/github", "http")):
        answer = browser.http.get(answer.headers["Location"])
    again = Browser(hub.url)

    again.come_by("github")

    assert answer.headers["Location"] == "/hub/logins"
    assert again.name() == browser.name() == "grace"
    assert "GitHub: linked" in again.http.get("/hub/logins").text


@pytest.mark.parametrize(("language", "said"), [("en", "Ways to log in"), ("de", "Anmeldewege")])
def test_the_home_page_leads_to_the_ways(hub, browser, language, said):
    _sign_up(hub, browser, "grace")

    page = browser.http.get("/hub/home", headers={"Accept-Language": language}).text

    assert f'<a href="/hub/logins">{said}</a>' in page


def test_a_form_is_linked_while_logged_in(hub, browser):
    _sign_up(hub, browser, "grace")
    browser.http.get("/hub/logins")
    browser.follow(browser.http.post("/hub/logins", data={"way": "ldap", "_xsrf": browser.xsrf()}))

    browser.log_in("ada", "ada-secret", "/hub/ldap/login")

    again = Browser(hub.url)
    again.log_in("ada", "ada-secret", "/hub/ldap/login")
    assert again.name() == "grace"


def test_a_linked_login_is_not_taken_from_another_user(hub, browser):
    Browser(hub.url).come_by("github")  # makes ada
    _sign_up(hub, browser, "grace")
    browser.http.get("/hub/logins")
    answer = browser.http.post("/hub/logins", data={"way": "github", "_xsrf": browser.xsrf()})
    while "Location" in answer.headers:
        answer = browser.http.get(answer.headers["Location"])

    assert answer.status_code == 409
    assert "belongs to the account “ada”" in answer.text
    assert browser.name() == "grace"


def test_linking_needs_the_forms_token(hub, browser):
    _sign_up(hub, browser, "grace")

    # As a page of another site would: it knows no token.
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    answer = browser.http.post("/hub/logins", data={"way": "github"}, headers=headers)

    assert answer.status_code == 403


def test_without_linking_a_login_changes_who_is_logged_in(hub, browser):
    _sign_up(hub, browser, "grace")

    browser.come_by("github")

    assert browser.name() == "ada"


def test_a_deleted_user_is_forgotten_with_identities(hub, browser):
    browser.come_by("github")
    hub.api("DELETE", "/users/ada")
    hub.api("POST", "/users/ada")  # somebody else gets the name from the admin

    again = Browser(hub.url)
    again.come_by("github")

    assert again.name() == "ada-2"


def test_whoever_has_an_account_keeps_the_code_through_the_login(browser):
    page = browser.http.get("/hub/join/K7QM-2XPA").text

    assert 'href="/hub/login?next=%2Fhub%2Fjoin%2FK7QM-2XPA"' in page


def test_whoever_is_in_no_course_is_asked_for_the_code(browser):
    # The campus card tells no groups.
    answer = browser.log_in("ada", "card", "/hub/campus/login")

    assert answer.headers["Location"].startswith(CODE_PAGE)


def test_the_page_offers_the_ways_in_their_order(browser):
    page = browser.http.get("/hub/login").text

    wanted = ["oidc", "github", "gitlab", "bitbucket", "google", "mediawiki", "openshift", "ldap", "campus"]
    assert [way for way in wanted if f"/hub/{way}/login" in page] == wanted
    places = [page.index(f"/hub/{way}/login") for way in wanted]
    assert places == sorted(places)
    assert "Uni Example" in page


def test_a_native_logout_leads_nowhere_else(hub, browser):
    _sign_up(hub, browser, "grace")

    assert browser.http.get("/hub/logout").headers["Location"] == "/hub/login"
