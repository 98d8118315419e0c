"""The rehearsal's stage in the hub: what it sets up, and what it must not clear away."""

import re
import time

import httpx
import pytest

from tests.hub.people.conftest import Person

STAGE = "/hub/api/lectern/rehearsal"


@pytest.fixture
def ask(hub):
    """Ask the hub for the stage, as the command does; nothing of it stays."""
    token = (hub.folder / "secrets/api_token").read_text()
    with httpx.Client(base_url=hub.url, headers={"Authorization": f"token {token}"}, timeout=30) as http:
        yield lambda method: http.request(method, STAGE, json={} if method == "POST" else None)
        http.delete(STAGE)


@pytest.fixture
def own_course(hub):
    hub.api("POST", "/lectern/courses", json={"name": "rehearsal", "title": "rehearsal"})
    yield
    hub.api("DELETE", "/lectern/courses/rehearsal")


def _courses(hub):
    return [course["name"] for course in hub.api("GET", "/lectern/courses").json()["courses"]]


def test_the_stage_is_a_course_that_goes_again(hub, ask):
    assert ask("POST").status_code == 200
    assert "rehearsal" in _courses(hub)

    ask("DELETE")

    assert "rehearsal" not in _courses(hub)


def test_what_a_killed_rehearsal_left_is_cleared_by_the_next(ask):
    first = ask("POST").json()["code"]

    assert ask("POST").json()["code"] != first


@pytest.mark.usefixtures("own_course")
def test_a_course_of_that_name_is_left_and_force_is_not_offered(hub, ask):
    answer = ask("POST")
    ask("DELETE")

    assert answer.status_code == 409
    assert re.match(r"there is a course `rehearsal` .*\nhint: .*course delete", answer.json()["message"])
    assert "FORCE" not in answer.text
    assert "rehearsal" in _courses(hub)


@pytest.fixture
def at_work(hub):
    Person(hub, "at-work")
    hub.api("POST", "/users/at-work/server", json={"course": "data-literacy"})
    end = time.monotonic() + 15
    while not hub.api("GET", "/users/at-work").json()["server"] and time.monotonic() < end:
        time.sleep(0.2)


@pytest.mark.usefixtures("at_work")
def test_running_servers_are_told_with_what_helps(ask):
    answer = ask("POST")

    assert answer.status_code == 409
    assert answer.json()["message"].endswith("\nhint: FORCE=1 rehearses all the same")
