"""What the pages of a course say to who teaches it, on a real hub."""

import pytest

from tests.hub.people.conftest import Person, soon, start

PAGE = "/hub/courses/data-literacy"
GERMAN = {"Accept-Language": "de"}


@pytest.fixture
def grace(hub):
    person = Person(hub, "grace", "instructor")
    person.http.headers.update(GERMAN)
    return person


def test_who_uses_more_memory_already_is_named_in_the_reader_s_language(hub, grace):
    Person(hub, "ada")
    start(hub, "ada")

    answer = grace.post(PAGE, action="memory", memory="512 MB")
    command = hub.api("POST", "/lectern/memory", json={"user": "ada", "memory": "512 MB"}).json()

    assert "ada benutzt jetzt 900 MB. Geben Sie mindestens 1025 MB." in answer.text
    assert command == {"changed": [], "refused": ["ada uses 900 MB now. Give at least 1025 MB."]}


def test_a_form_says_in_the_reader_s_language_what_cannot_be_used(grace):
    asked = grace.post(PAGE, action="memory", memory="lots")
    code = grace.post(PAGE, action="add-code", seats="0")
    edited = grace.post(f"{PAGE}/edit", title="Statistik", environments="somebody-elses", timezone="UTC")
    made = grace.post("/hub/new-course", name="data-literacy", title="x", timezone="UTC")

    assert "Arbeitsspeicher: `lots` lässt sich nicht verwenden: schreiben Sie eine Zahl" in asked.text
    assert "Plätze: `0` lässt sich nicht verwenden: schreiben Sie eine Zahl von 1 bis 10000." in code.text
    assert "Umgebungen: `somebody-elses` gehört zu keinem Ihrer Kurse. Legen Sie sie" in edited.text
    assert "Kurzname: `data-literacy` ist vergeben. Wählen Sie einen anderen." in made.text


@pytest.fixture
def ada_alone(hub, grace):
    """Give the course with nobody but ada without a server."""
    ada = Person(hub, "ada")
    for name in ("admin", grace.name()):
        start(hub, name)
    yield ada
    hub.api("DELETE", "/users/admin/server")


def test_one_running_server_is_not_counted_as_many(hub, grace):
    Person(hub, "ada")
    start(hub, "ada")

    answer = grace.post(PAGE, action="memory", memory="2 GB")

    assert "1 Server läuft" in answer.text
    assert "1 laufender Server hat jetzt 2048 MB, bis er beendet wird." in answer.text


@pytest.mark.usefixtures("ada_alone")
def test_one_server_that_starts_is_not_counted_as_many(hub, grace):
    answer = grace.post(PAGE, action="room")

    assert "Der Raum wird geöffnet: 1 Server startet, hinter denen" in answer.text
    assert soon(lambda: bool(hub.api("GET", "/users/ada").json()["server"]), True)


@pytest.mark.usefixtures("ada_alone")
def test_one_server_that_does_not_start_is_not_counted_as_many(hub, grace):
    hub.api("PATCH", "/lectern/courses/data-literacy", json={"closes": "2020-01-01T00:00+00:00"})
    try:
        answer = grace.post(PAGE, action="room")
    finally:
        hub.api("PATCH", "/lectern/courses/data-literacy", json={"closes": ""})

    assert "1 Server startet jetzt nicht. Der Kurs „data-literacy“ endete am" in answer.text
