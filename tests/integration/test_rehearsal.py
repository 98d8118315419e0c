"""A rehearsal on the running appliance, which leaves no trace."""

import json

import pytest

from lectern import names
from tests.support.stack import docker


@pytest.fixture
def three_people(stack):
    stack.environment |= {"N": "3", "FORCE": "1"}
    yield
    del stack.environment["N"], stack.environment["FORCE"]


@pytest.mark.usefixtures("three_people")
def test_three_rehearse_and_nothing_of_them_stays(stack):
    report = json.loads(stack.script("rehearse", "--json"))

    assert report["verdict"].startswith("3 of 3 ready in "), report["verdict"]
    assert report["bounds"]["memory"] >= 3
    assert (stack.state / "rehearsal" / "timeline.svg").read_text().count("rehearsal-00") == 3
    left = docker("ps", "--all", "--format", "{{.Names}}") + docker("volume", "ls", "--format", "{{.Name}}")
    assert names.home_volume(stack.project, "rehearsal-001") not in left
    assert names.shared_volume(stack.project, "rehearsal") not in left
    courses = json.loads(stack.script("lectern", "course", "list", "--json"))
    assert "rehearsal" not in [course["name"] for course in courses]


def test_a_rehearsal_refuses_while_people_work(stack):
    with stack.at_work("at-work") as someone:
        with pytest.raises(AssertionError, match="running, which a rehearsal would slow"):
            stack.script("rehearse")

        assert someone.run("1 + 1").text == "2"
