"""Who guesses at the real stack is slowed down; whoever has an account still gets in."""

import httpx

from tests.support.participant import Participant
from tests.support.stack import docker

FREE_TRIES = 5


def _ask_for_token(stack, name, password, **headers):
    return httpx.post(
        f"{stack.url}/hub/api/users/{name}/tokens",
        json={"auth": {"username": name, "password": password}, "expires_in": 60, "note": "git"},
        headers=headers,
        timeout=30,
    )


def test_wrong_passwords_for_a_name_make_it_wait_however_they_are_sent(stack):
    someone = stack.new_participant("guessed")

    answers = [
        _ask_for_token(stack, someone.name, "wrong", **{"X-Real-Ip": f"192.0.2.{n}"}) for n in range(9)
    ]

    statuses = [answer.status_code for answer in answers]
    assert statuses[:FREE_TRIES] == [403] * FREE_TRIES
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert int(refused.headers["Retry-After"]) > 0
    someone.close()


def test_the_login_page_tells_how_long_to_wait(stack):
    owner = stack.new_participant("guessed")
    guesser = Participant(stack.url, owner.name, "wrong")

    answers = [guesser.post_log_in() for _ in range(9)]

    refused = next(answer for answer in answers if answer.status_code == 429)
    assert "seconds" in refused.text
    assert refused.headers["Retry-After"] in refused.text
    for person in (owner, guesser):
        person.close()


def test_a_password_sent_to_git_s_endpoint_makes_a_token(stack):
    someone = stack.new_participant("git")

    answer = _ask_for_token(stack, someone.name, someone.password)

    assert answer.status_code == 201, answer.text
    someone.close()


# Run beside the hub, so that the address which it spoils is not the one that all tests come from.
_SCRIPT = """
import requests
browser = requests.Session()
statuses = []
while 429 not in statuses and len(statuses) < 400:
    last = len(statuses) % 250
    claimed = {"X-Forwarded-For": f"10.9.8.{last}", "X-Real-Ip": f"10.9.7.{last}"}
    # The form's token is bound to the claimed address, by JupyterHub.
    browser.cookies.clear()
    browser.get("http://127.0.0.1:8081/hub/join", headers=claimed | {"Sec-Fetch-Mode": "navigate"})
    form = {"code": f"WRONG-{len(statuses)}", "username": "mallory", "signup_password": "irrelevant",
            "signup_password_confirmation": "irrelevant", "_xsrf": browser.cookies["_xsrf"]}
    answer = browser.post("http://127.0.0.1:8081/hub/signup", data=form, headers=claimed)
    statuses.append(answer.status_code)
print(*statuses)
"""


def test_a_script_that_tries_codes_is_stopped_whatever_address_it_claims(stack):
    statuses = docker("exec", stack.container("hub"), "python", "-c", _SCRIPT).split()

    assert statuses[0] == "400"
    assert statuses[-1] == "429"
    stack.new_participant("elsewhere").close()


def test_login_leads_to_no_other_site(stack):
    someone = stack.new_participant("redirected")
    for elsewhere in ("//evil.example/x", "https://evil.example/", "/\\evil.example", "\\\\evil.example"):
        browser = Participant(stack.url, someone.name, someone.password)
        browser.http.get("/hub/login")
        form = {"username": someone.name, "password": someone.password, "_xsrf": browser.xsrf("/hub/login")}

        answer = browser.http.post(
            "/hub/login", params={"next": elsewhere}, data=form, follow_redirects=False
        )

        assert answer.status_code == 302
        target = httpx.URL(stack.url).join(answer.headers["Location"].replace("\\", "/"))
        assert target.host == "127.0.0.1", answer.headers["Location"]
        browser.close()
    someone.close()
