"""The room is opened: servers run before their people click."""

import json

from tests.support.participant import Participant
from tests.support.stack import wait_until


def state_of(stack, who: Participant) -> bool:
    admin = Participant(stack.url, "admin", stack.admin_password)
    admin.log_in()
    try:
        return bool(admin.request("GET", f"/hub/api/users/{who.name}").json()["server"])
    finally:
        admin.close()


def test_everybody_of_a_course_has_a_server_before_the_click(stack):
    ada, eve = stack.new_participant("early"), stack.new_participant("early")
    course = stack.course()["name"]

    told = json.loads(stack.script("lectern", "course", "warm", course, "--json"))

    assert told["running"] + told["starting"] == told["members"] >= 2
    for who in (ada, eve):
        wait_until(lambda who=who: state_of(stack, who), f"{who.name}'s server")
        who.start()
        assert who.progress == []  # no page in between: the server was there
        who.stop()


def test_a_participant_may_not_open_the_room(stack):
    with stack.at_work("nosy") as nosy:
        answer = nosy.request("POST", f"/hub/api/lectern/courses/{stack.course()['name']}/room")

    assert answer.status_code == 403
