"""Sign-ups that must not work: each gets a message and never an error page."""

import re
import secrets

import pytest

from tests.support.participant import Participant

PASSWORD = "correct horse battery"
FRESH = "fresh"  # stands for a name that nobody has


@pytest.fixture(scope="module")
def code(stack):
    return stack.course()["code"]


def _post(stack, code, name=FRESH, /, **changed):
    someone = Participant(stack.url, f"{name}-{secrets.token_hex(3)}" if name == FRESH else name, PASSWORD)
    answer = someone.post_sign_up(code, **changed)
    someone.close()
    return answer


def _message(page: str) -> str:
    body = re.sub(r"(?s)<(script|style|head).*?</\1>", " ", page)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).strip()


REFUSED = {
    "wrong code": ({"code": "no-such-code"}, FRESH),
    "no code": ({"code": None}, FRESH),
    "empty code": ({"code": ""}, FRESH),
    "reserved name": ({}, "admin"),
    "reserved name in capitals": ({}, "ADMIN"),
    "reserved name with blanks": ({}, "  admin "),
    "look-alike of admin": ({}, "аdmin"),  # noqa: RUF001 - a Cyrillic letter is the point
    "full-width look-alike of admin": ({}, "ａｄｍｉｎ"),  # noqa: RUF001
    "empty name": ({}, ""),
    "no name": ({"username": None}, FRESH),
    "10 000 letters": ({}, "a" * 10_000),
    "slash": ({}, "../etc/passwd"),
    "control characters": ({}, "ada\x00\x1b[31m"),
    "password of 73 bytes": ({"signup_password": "x" * 73, "signup_password_confirmation": "x" * 73}, FRESH),
    "73 bytes in fewer letters": (
        {"signup_password": "é" * 37, "signup_password_confirmation": "é" * 37},
        FRESH,
    ),
    "empty password": ({"signup_password": "", "signup_password_confirmation": ""}, FRESH),
    "no password": ({"signup_password": None, "signup_password_confirmation": None}, FRESH),
    "passwords differ": ({"signup_password_confirmation": "another one altogether"}, FRESH),
}


@pytest.mark.parametrize(("changed", "name"), REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused_with_a_message(stack, code, changed, name):
    answer = _post(stack, code, name, **changed)

    assert 400 <= answer.status_code < 500, answer.text[:500]
    assert len(_message(answer.text)) > 20
    assert "Traceback" not in answer.text


def test_a_form_without_its_token_is_forbidden(stack, code):
    assert _post(stack, code, _xsrf=None).status_code == 403


def test_a_name_is_given_once(stack, code):
    first = stack.new_participant()

    answer = _post(stack, code, first.name)

    assert 400 <= answer.status_code < 500
    first.close()


@pytest.mark.parametrize("name", ["żółw", "李雷", "😀", "Ada Lovelace", "o'neill", "<b>ada</b>", "a%2Fb"])
def test_an_unusual_name_is_taken_or_refused_but_never_an_error(stack, code, name):
    answer = _post(stack, code, f"{name}{secrets.token_hex(2)}")

    assert answer.status_code == 302 or 400 <= answer.status_code < 500, answer.text[:500]
    assert "<b>ada" not in answer.text


def test_the_hub_is_healthy_after_all_that(stack):
    nobody = Participant(stack.url, "nobody", "-")

    assert nobody.http.get("/hub/health").status_code == 200
    assert "Traceback" not in stack.logs("hub")
