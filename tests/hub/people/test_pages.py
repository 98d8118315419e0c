"""The people's page, on a real hub."""

import contextlib
import json
import sqlite3

import pytest

from tests.hub.people.conftest import Person
from tests.support.login_hub import Browser

PAGE = "/hub/courses/data-literacy/people"
GERMAN = {"Accept-Language": "de"}


@pytest.fixture
def grace(hub):
    return Person(hub, "grace", "instructor")


def test_what_a_list_said_stands_beside_the_account(grace):
    slips = grace.post(PAGE, list="Jürgen Müller, jm@example.org")
    page = grace.http.get(PAGE)

    assert "/hub/link/" in slips.text
    assert "Jürgen Müller, jm@example.org" in page.text


def test_looking_at_people_writes_nothing_for_each_of_them(hub, grace):
    grace.post(PAGE, list="\n".join(f"Person Number {letter}" for letter in "abcdefgh"))

    def rows():
        with contextlib.closing(sqlite3.connect(hub.folder / "hub.sqlite")) as db:
            return db.execute("SELECT count(*) FROM spawners").fetchone()[0]

    before = rows()
    for page in (PAGE, "/hub/courses/data-literacy", "/hub/courses/data-literacy/slide/state"):
        assert grace.http.get(page).status_code == 200

    assert rows() == before


def test_where_names_and_passwords_are_all_no_other_way_is_offered(grace):
    page = grace.http.get("/hub/home")

    assert page.status_code == 200
    assert "/hub/logins" not in page.text


def test_a_helper_reads_names_but_no_addresses_and_changes_nothing(hub, grace):
    grace.post(PAGE, list="Jürgen Müller, jm@example.org")
    bert = Person(hub, "bert", "helper")
    page = bert.http.get(PAGE)

    assert "Jürgen Müller" in page.text
    assert "jm@example.org" not in page.text
    assert "<textarea" not in page.text
    assert bert.post(PAGE, list="Eve").status_code == 404
    assert bert.post(PAGE, reset="juergen-mueller").status_code == 404


def test_the_mistakes_of_a_list_are_told_in_the_reader_s_language(grace):
    grace.http.headers.update(GERMAN)
    answer = grace.post(PAGE, list="Ada, keine-Adresse")

    assert answer.status_code == 400
    assert "Zeile 1: „keine-Adresse“ ist keine E-Mail-Adresse." in answer.text


def test_a_dead_link_says_so_in_the_reader_s_language(hub):
    stranger = Browser(hub.url)
    answer = stranger.http.get("/hub/link/unknown", headers=GERMAN)

    assert answer.status_code == 404
    assert "Dieser Link ist nicht bekannt" in answer.text


def test_who_has_to_wait_reads_so_in_their_language(hub):
    Person(hub, "zoe")
    stranger = Browser(hub.url)
    stranger.http.headers.update(GERMAN)
    answers = [stranger.log_in("zoe", f"wrong {number}") for number in range(7)]

    assert "Es gab zu viele falsche Passwörter" in answers[-1].text


def test_why_a_start_failed_is_read_in_the_reader_s_language(hub):
    ada = Person(hub, "ada")
    ada.http.get("/hub/home")
    headers = {"X-XSRFToken": ada.xsrf(), **GERMAN}

    ada.http.post("/hub/api/users/ada/server", json={"fails": True}, headers=headers)
    events = ada.http.get("/hub/api/users/ada/server/progress", headers=headers).text

    told = json.loads(events.strip().removeprefix("data: ").splitlines()[-1].removeprefix("data: "))
    assert told["failed"]
    assert told["message"] == (
        "Der Start ist misslungen: Sie sind noch in keinem Kurs. Bitte fragen Sie Ihre Lehrkraft."
    )
    page = ada.http.get("/hub/spawn-pending/ada", headers=GERMAN)
    assert "Sie sind noch in keinem Kurs. Bitte fragen Sie Ihre Lehrkraft." in page.text
