"""A helper in a participant's JupyterLab: where the course allows it, and no longer than that."""

import json
import secrets

import pytest

from tests.support.participant import Participant
from tests.support.stack import wait_until

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def course(stack):
    """Give the name of a course in which helpers may open servers."""
    name = f"help-{secrets.token_hex(3)}"
    words = ("--environment", stack.course()["environment"], "--helping", "yes")
    stack.script("lectern", "course", "create", name, *words)
    yield name
    stack.script("lectern", "course", "delete", name, "--yes")


def _join(stack, course, role):
    code = json.loads(stack.script("lectern", "course", "code", "add", course, "--role", role, "--json"))[
        "code"
    ]
    someone = Participant(stack.url, f"{role}-{secrets.token_hex(3)}", PASSWORD)
    someone.join(code)
    return someone


@pytest.fixture(scope="module")
def ada(stack, course):
    someone = _join(stack, course, "participant")
    someone.start()
    yield someone
    someone.stop()
    someone.close()


@pytest.fixture
def bert(stack, course):
    someone = _join(stack, course, "helper")
    yield someone
    someone.close()


def _open(helper, owner, course):
    helper.http.get("/hub/home")  # where a browser has its form token from
    path = f"/hub/courses/{course}/people/{owner.name}/open"
    return helper.http.post(path, data={"_xsrf": helper.xsrf(path)})


def test_a_helper_works_in_a_participant_s_lab_and_the_participant_is_told(stack, course, ada, bert):
    ada.write_file("answer.txt", "41")
    before = bert.http.get(f"{ada.home_url}lab")

    lab = _open(bert, ada, course)
    read = bert.request("GET", f"{ada.home_url}api/contents/answer.txt")

    assert before.status_code == 403
    assert lab.url.path == f"{ada.home_url}lab"
    assert "jupyter-config-data" in lab.text
    assert read.json()["content"] == "41"
    assert f"{bert.name} opened your server" in ada.http.get("/hub/home").text
    logged = json.loads(stack.script("lectern", "course", "audit", course, "--json"))
    assert [logged[0]["opener"], logged[0]["owner"], logged[0]["ended_at"]] == [bert.name, ada.name, None]


def test_when_the_setting_goes_off_the_helper_is_out(stack, course, ada, bert):
    _open(bert, ada, course)
    stack.script("lectern", "course", "edit", course, "--helping", "no")
    try:
        wait_until(
            lambda: bert.request("GET", f"{ada.home_url}api/contents/").status_code == 403,
            "the helper is out",
        )
        assert _open(bert, ada, course).status_code == 403
        assert ada.http.get(f"{ada.home_url}lab").status_code == 200
    finally:
        stack.script("lectern", "course", "edit", course, "--helping", "yes")
