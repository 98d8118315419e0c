"""The room is opened: servers run before their people click."""

import json
import secrets

import pytest

from tests.support.participant import Participant
from tests.support.stack import wait_until


@pytest.fixture
def course(stack):
    """Give a course of this test's own: a room is opened for all its people."""
    name = f"room-{secrets.token_hex(3)}"
    environment = stack.course()["environment"]
    stack.script("lectern", "course", "create", name, "--environment", environment)
    made = json.loads(stack.script("lectern", "course", "code", "add", name, "--json"))
    yield {"name": name, "code": made["code"]}
    stack.script("lectern", "course", "delete", name, "--yes")


@pytest.fixture
def people(stack, course):
    """Give two people who have just come into the course."""
    found = []
    for _ in range(2):
        someone = Participant(stack.url, f"early-{secrets.token_hex(3)}", f"pass {secrets.token_hex(6)}")
        someone.join(course["code"])
        found.append(someone)
    yield found
    for someone in found:
        someone.stop()
        someone.close()


@pytest.fixture
def admin(stack):
    who = Participant(stack.url, "admin", stack.admin_password)
    who.log_in()
    yield who
    who.close()


def _is_running(admin, who):
    return bool(admin.request("GET", f"/hub/api/users/{who.name}").json()["server"])


def _arrive(admin, people):
    for who in people:
        wait_until(lambda who=who: _is_running(admin, who), f"{who.name}'s server")
        who.start()
        assert who.progress == []  # no page in between: the server was there


def test_everybody_of_a_course_has_a_server_before_the_click(stack, course, people, admin):
    told = json.loads(stack.script("lectern", "course", "warm", course["name"], "--json"))

    assert told["running"] + told["starting"] == told["members"] >= len(people)
    _arrive(admin, people)


def test_an_instructor_opens_the_room_by_a_button(course, people, admin):
    page = f"/hub/courses/{course['name']}"
    assert "Open the room" in admin.request("GET", page).text

    answer = admin.request("POST", page, data={"action": "room"})

    assert "servers are starting" in answer.text
    _arrive(admin, people)


def test_the_button_says_whose_servers_wait_for_the_course_to_open(course, people, admin):
    page = f"/hub/courses/{course['name']}"
    admin.request("POST", page, data={"action": "close"})
    for who in people:
        who.stop()

    answer = admin.request("POST", page, data={"action": "room"})

    assert f"{len(people)} servers do not start now. " in answer.text
    assert "closed on" in answer.text


def test_a_participant_may_not_open_the_room(stack):
    with stack.at_work("nosy") as nosy:
        answer = nosy.request("POST", f"/hub/api/lectern/courses/{stack.course()['name']}/room")

    assert answer.status_code == 403
