"""JupyterHub's own interface changes no name."""

import pytest

from tests.hub.people.conftest import PASSWORD, Person
from tests.support.login_hub import Browser


@pytest.fixture
def admin(hub):
    browser = Browser(hub.url)
    browser.log_in("admin", hub.admin_password)
    return browser


def _patch(browser, user, /, **change):
    browser.http.get("/hub/home")
    return browser.http.patch(f"/hub/api/users/{user}", json=change, headers={"X-XSRFToken": browser.xsrf()})


def test_an_account_keeps_its_name(hub, admin):
    Person(hub, "ada")

    refused = _patch(admin, "ada", name="countess", admin=True)

    assert refused.status_code == 400
    assert "An account keeps its name" in refused.json()["message"]
    ada = Browser(hub.url)
    assert ada.log_in("ada", PASSWORD).status_code == 302
    assert hub.groups("ada") == {"course-data-literacy"}
    assert not hub.api("GET", "/users/ada").json()["admin"]


def test_all_else_is_changed_as_ever(hub, admin):
    Person(hub, "ada")

    # As the admin page sends it: with the name that there is.
    answer = _patch(admin, "ada", name="ada", admin=True)

    assert answer.status_code == 200
    assert answer.json()["admin"]
    assert hub.groups("ada") == {"course-data-literacy"}
    assert _patch(admin, "nobody", admin=True).status_code == 404
    assert _patch(admin, "ada", admin="yes").status_code == 400
    assert admin.http.get("/hub/api/users/ada").json()["name"] == "ada"


def test_whoever_may_change_nobody_does_not_learn_who_there_is(hub):
    ada = Person(hub, "ada")
    Person(hub, "zoe")

    assert [_patch(ada, user, name="other").status_code for user in ("zoe", "nobody")] == [403, 403]


def test_the_admin_page_says_that_names_stay(admin):
    admin.http.headers["Accept-Language"] = "de"

    page = admin.http.get("/hub/admin")

    assert page.status_code == 200
    assert "Ein Konto behält seinen Namen" in page.text
