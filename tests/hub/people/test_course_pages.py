"""What the pages of a course say to who teaches it, on a real hub."""

import pytest

from tests.hub.people.conftest import Person, start

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
