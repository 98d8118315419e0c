"""`lectern people …` and `lectern course audit`, against a real hub."""

import csv
import json

import pytest
from click.testing import CliRunner

from lectern.cli import main
from lectern.hub import client
from tests.hub.people.conftest import PASSWORD, Person
from tests.support.login_hub import Browser

COURSE = "data-literacy"


@pytest.fixture
def lectern(hub, monkeypatch):
    """Run a command as the appliance does, with its token."""
    monkeypatch.setattr(client, "_HUB", f"{hub.url}/hub/api")
    monkeypatch.setenv("LECTERN_SECRETS", str(hub.folder / "secrets"))

    def run(*words, stdin=b""):
        return CliRunner().invoke(main, words, input=stdin)

    return run


def _rows(done):
    assert done.exit_code == 0, done.output
    return list(csv.DictReader(done.stdout.splitlines()))


def test_a_list_becomes_accounts_and_slips(hub, lectern):
    listed = "Name;E-Mail;Rolle\nJürgen Müller;jm@example.org;\n=1+1;;Helfer\n".encode("cp1252")

    slips = _rows(lectern("people", "add", COURSE, "-", stdin=listed))

    assert [(slip["account"], slip["role"]) for slip in slips] == [
        ("juergen-mueller", "participant"),
        ("person-3", "helper"),
    ]
    assert slips[1]["name"] == "'=1+1"
    page = Browser(hub.url)
    assert page.http.get(slips[0]["link"].removeprefix(hub.url)).status_code == 200


def test_members_are_exported_as_their_list_had_them(hub, lectern):
    lectern("people", "add", COURSE, "-", stdin=b"Grace Hopper, gh@example.org\n")
    Person(hub, "ada")

    rows = {row["account"]: row for row in _rows(lectern("people", "export", COURSE))}
    as_json = json.loads(lectern("people", "export", COURSE, "--json").stdout)

    assert (rows["grace-hopper"]["name"], rows["grace-hopper"]["email"]) == ("Grace Hopper", "gh@example.org")
    assert (rows["ada"]["role"], rows["ada"]["is_running"]) == ("participant", "no")
    assert rows["admin"]["role"] == "instructor"
    assert {one["account"] for one in as_json} == rows.keys()


def test_a_list_with_a_mistake_makes_nobody(lectern):
    done = lectern("people", "add", COURSE, "-", stdin=b"Ada, no-address\nBob\n,x@y.z\n")

    assert done.exit_code == 1
    assert done.stdout == ""
    assert "Line 1" in done.stderr
    assert "Line 3" in done.stderr
    assert [row["account"] for row in _rows(lectern("people", "export", COURSE))] == ["admin"]


def test_who_is_removed_keeps_the_account(hub, lectern):
    Person(hub, "ada")

    done = lectern("people", "remove", COURSE, "ada", "--json")

    assert json.loads(done.stdout) == {"removed": ["ada"]}
    assert hub.groups("ada") == set()


def _choose(hub, link, password):
    browser = Browser(hub.url)
    path = link.removeprefix(hub.url)
    browser.http.get(path)
    form = dict.fromkeys(("new_password", "new_password_confirmation"), password)
    return browser.http.post(path, data=form | {"_xsrf": browser.xsrf()})


def test_who_is_in_no_course_chooses_a_password_by_a_link(hub, lectern):
    Person(hub, "ada")
    lectern("people", "remove", COURSE, "ada")

    first = lectern("people", "link", "ada").stdout.strip()
    second = json.loads(lectern("people", "link", "ada", "--json").stdout)["link"]

    assert _choose(hub, first, PASSWORD).status_code == 404  # a newer one ends it
    assert _choose(hub, second, PASSWORD).status_code == 302


def test_an_administrator_s_lost_password_is_chosen_anew(hub, lectern):
    ada = Person(hub, "ada")
    hub.api("PATCH", "/users/ada", json={"admin": True})

    answer = _choose(hub, lectern("people", "link", "ada").stdout.strip(), PASSWORD[::-1])

    assert answer.status_code == 302
    assert "/hub/login" in ada.http.get("/hub/home").headers["Location"]


@pytest.mark.parametrize("name", ["nobody", "../nobody", "né 100%"])
def test_nobody_gets_no_link(lectern, name):
    done = lectern("people", "link", name)

    assert done.exit_code == 1
    assert done.stdout == ""
    assert f"`{name}` is no account with a password here." in done.stderr


@pytest.mark.parametrize("words", [(COURSE, "nobody"), ("no-such-course", "admin")])
def test_who_is_not_there_is_named(lectern, words):
    done = lectern("people", "remove", *words)

    assert done.exit_code == 1
    assert words[0 if words[1] == "admin" else 1] in done.stderr


def test_the_log_of_a_course_can_be_read(lectern):
    assert json.loads(lectern("course", "audit", COURSE, "--json").stdout) is not None
    assert lectern("course", "audit", "no-such-course").exit_code == 0


def test_the_name_of_a_list_is_forgotten_with_the_account(hub, lectern):
    lectern("people", "add", COURSE, "-", stdin=b"Grace Hopper\n")
    hub.api("DELETE", "/users/grace-hopper")

    Person(hub, "grace-hopper")

    rows = {row["account"]: row for row in _rows(lectern("people", "export", COURSE))}
    assert rows["grace-hopper"]["name"] == ""
