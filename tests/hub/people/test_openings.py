"""Opening a participant's server, on a real hub."""

import pytest

from tests.hub.people.conftest import Person, soon, start
from tests.support.login_hub import Browser

COURSE = "data-literacy"
OPEN = f"/hub/courses/{COURSE}/people/ada/open"
OTHER = {"name": "other", "environments": ["data-literacy"], "helping": "no"}


def _allow(hub, said="yes"):
    hub.api("PATCH", f"/lectern/courses/{COURSE}", json={"helping": said})


@pytest.fixture
def bert(hub):
    return Person(hub, "bert", "helper")


@pytest.fixture
def ada(hub, bert):  # noqa: ARG001 - bert is there first
    person = Person(hub, "ada")
    start(hub, "ada")
    return person


def test_a_helper_opens_where_the_course_allows_it(hub, bert, ada):
    _allow(hub)
    page = bert.http.get(f"/hub/courses/{COURSE}/people").text

    answer = bert.post(OPEN)

    assert f'action="{OPEN}"' in page
    assert (answer.status_code, answer.headers["location"]) == (302, "/user/ada/lab")
    assert bert.access("ada")
    assert "bert opened your server" in ada.http.get("/hub/home").text


def test_a_later_account_of_a_name_reads_nothing_of_the_first_one_s(hub, bert, ada):
    _allow(hub)
    bert.post(OPEN)
    assert "bert" in ada.http.get("/hub/home").text
    hub.api("DELETE", "/users/ada/server")
    assert soon(lambda: hub.api("GET", "/users/ada").json()["server"], None) is None
    hub.api("DELETE", "/users/ada")

    later = Person(hub, "ada")

    assert "bert" not in later.http.get("/hub/home").text


@pytest.mark.usefixtures("ada")
def test_by_default_nobody_opens(bert):
    page = bert.http.get(f"/hub/courses/{COURSE}/people").text

    assert "/open" not in page
    assert bert.post(OPEN).status_code == 403
    assert not bert.access("ada")


@pytest.mark.usefixtures("ada")
def test_a_participant_opens_nobody_s(hub):
    _allow(hub)
    bob = Person(hub, "bob")

    assert bob.post(OPEN).status_code == 404
    assert bob.http.get(f"/hub/courses/{COURSE}/people").status_code == 404
    assert not bob.access("ada")


@pytest.mark.usefixtures("ada")
def test_opening_needs_the_form_s_token(hub, bert):
    _allow(hub)

    assert bert.http.post(OPEN).status_code == 403
    assert not bert.access("ada")


@pytest.mark.parametrize("role", ["helper", "instructor"])
def test_the_server_of_who_may_do_more_stays_closed(hub, bert, role):
    Person(hub, "ada", role)
    start(hub, "ada")
    _allow(hub)

    assert bert.post(OPEN).status_code == 404


def test_a_server_that_runs_in_another_course_stays_closed(hub, bert):
    Person(hub, "ada")
    hub.api("POST", "/lectern/courses", json=OTHER)
    try:
        start(hub, "ada", "other")
        _allow(hub)

        assert bert.post(OPEN).status_code == 409
        assert not bert.access("ada")
    finally:
        hub.api("DELETE", "/lectern/courses/other")


def _setting_off(hub):
    _allow(hub, "no")


def _helper_leaves(hub):
    hub.api("DELETE", f"/groups/helpers-{COURSE}/users", json={"users": ["bert"]})


def _server_stops(hub):
    hub.api("DELETE", "/users/ada/server")


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("reason", [_setting_off, _helper_leaves, _server_stops])
def test_the_right_ends_with_its_reason(hub, bert, reason):
    _allow(hub)
    bert.post(OPEN)

    reason(hub)

    assert soon(lambda: bert.access("ada"), False) is False
    [opening] = hub.api("GET", f"/lectern/courses/{COURSE}/openings").json()["openings"][:1]
    assert opening["ended_at"] is not None


def test_whoever_is_helped_ends_it(hub, bert, ada):
    _allow(hub)
    bert.post(OPEN)

    assert ada.post("/hub/openings/end").status_code == 302
    assert not bert.access("ada")
    assert "bert, 20" in ada.http.get("/hub/home").text  # who it was stays to be read


@pytest.mark.usefixtures("ada")
def test_the_log_is_for_those_who_teach(hub, bert):
    _allow(hub)
    bert.post(OPEN)
    grace = Person(hub, "grace", "instructor")

    page = grace.http.get(f"/hub/courses/{COURSE}/openings")
    listed = hub.api("GET", f"/lectern/courses/{COURSE}/openings").json()["openings"]

    assert ("bert" in page.text, "ada" in page.text) == (True, True)
    assert [listed[0][key] for key in ("opener", "owner", "is_admin")] == ["bert", "ada", False]
    assert bert.http.get(f"/hub/courses/{COURSE}/openings").status_code == 404


def _authorize(browser, owner):
    """Come by where every browser does that enters a server."""
    return browser.http.get(
        "/hub/api/oauth2/authorize",
        params={
            "client_id": f"jupyterhub-user-{owner}",
            "redirect_uri": f"/user/{owner}/oauth_callback",
            "response_type": "code",
            "state": "x",
        },
    )


@pytest.mark.usefixtures("ada")
def test_who_pressed_open_is_not_asked_again(hub, bert):
    _allow(hub)
    refused = _authorize(bert, "ada")
    bert.post(OPEN)

    entered = _authorize(bert, "ada")

    assert refused.status_code == 403
    assert entered.headers["location"].startswith("/user/ada/oauth_callback?code=")
    listed = hub.api("GET", f"/lectern/courses/{COURSE}/openings").json()["openings"]
    assert [one["opener"] for one in listed if one["ended_at"] is None] == ["bert"]


def test_an_administrator_s_visit_is_written_down_too(hub, ada):
    admin = Browser(hub.url)
    admin.log_in("admin", hub.admin_password)

    page = _authorize(admin, "ada")
    assert page.status_code == 200  # JupyterHub's own question
    form = {"_xsrf": admin.xsrf(), "scopes": "access:servers!server=ada/"}
    admin.http.post(str(page.url), data=form)

    [opening] = hub.api("GET", f"/lectern/courses/{COURSE}/openings").json()["openings"][:1]
    assert (opening["opener"], opening["owner"], opening["is_admin"]) == ("admin", "ada", True)
    assert "admin opened your server" in ada.http.get("/hub/home").text
