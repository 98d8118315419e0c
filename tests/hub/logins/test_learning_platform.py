"""LTI 1.3: launches of a platform of ours, right ones and wrong ones."""

import asyncio

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from lectern.hub.logins.lti import LearningPlatform
from lectern.hub.logins.visit import ProviderDownError
from tests.peers.services import CLAIM, CLIENT


def _announce(browser, hub, services, **more):
    words = {
        "iss": f"{services.url}/lti", "login_hint": "1", "client_id": CLIENT,
        "target_link_uri": f"{hub.url}/hub/spawn", **more,
    }  # fmt: skip
    return browser.http.post("/hub/lti13/login", data=words)


def _launch(browser, hub, services, **more):
    asked = _announce(browser, hub, services, **more)
    assert asked.status_code == 302, asked.text
    form = browser.http.get(asked.headers["Location"]).json()
    return browser.http.post(form.pop("post"), data=form), form


def test_a_launch_leads_into_the_course(hub, browser, services):
    answer, _ = _launch(browser, hub, services)

    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"] == "/hub/spawn"
    assert browser.name() == "ada"
    assert hub.groups("ada") == {"course-data-literacy", "instructors-data-literacy"}


def test_a_learner_is_a_participant(hub, browser, services):
    services.person = "bob"

    _launch(browser, hub, services)

    assert hub.groups("bob") == {"course-data-literacy"}


def test_one_person_is_one_user_whether_the_platform_tells_the_address_or_not(hub, browser, services):
    _launch(browser, hub, services)
    services.launch = {"email": None}

    other = type(browser)(hub.url)
    _launch(other, hub, services)

    assert other.name() == browser.name() == "ada"


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({f"{CLAIM}deployment_id": "another"}, 403),
        ({"aud": "somebody-else"}, 401),
        ({"iss": "https://evil.example"}, 400),
        ({"nonce": "replayed"}, 400),
        ({"exp": 1}, 400),
        ({"iat": 1}, 400),
        ({f"{CLAIM}version": "1.1"}, 400),
    ],
    ids=lambda value: next(iter(value)).rpartition("/")[2] if isinstance(value, dict) else "",
)
def test_a_wrong_launch_is_refused(hub, browser, services, claims, status):
    services.launch = claims

    answer, _ = _launch(browser, hub, services)

    assert answer.status_code == status
    assert browser.name() is None


def test_a_forged_signature_is_refused(hub, browser, services):
    services.forged_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    assert _launch(browser, hub, services)[0].status_code == 400


def test_a_launch_cannot_be_used_twice_or_elsewhere(hub, browser, services):
    _, form = _launch(browser, hub, services)
    stranger = type(browser)(hub.url)

    assert browser.http.post("/hub/lti13/callback", data=form).status_code == 400
    assert stranger.http.post("/hub/lti13/callback", data=form).status_code == 400
    assert stranger.name() is None


@pytest.mark.parametrize(("skew_s", "status"), [(20, 302), (-20, 302), (120, 400), (-1000, 400)])
def test_clocks_may_differ_by_half_a_minute(hub, browser, services, skew_s, status):
    services.skew_s = skew_s

    assert _launch(browser, hub, services)[0].status_code == status


@pytest.mark.parametrize(
    "hostile", ["//evil.example/x", "https://evil.example/x", "https://evil.example/?next=//evil.example"]
)
def test_a_launch_never_leads_to_another_host(hub, browser, services, hostile):
    answer, _ = _launch(browser, hub, services, target_link_uri=hostile)

    assert answer.headers["Location"].startswith("/")
    assert not answer.headers["Location"].startswith("//")


async def test_keys_that_do_not_come_leave_the_event_loop_free(services):
    services.reset()
    services.mood = "silent"
    platform = LearningPlatform(jwks_endpoint=f"{services.url}/lti/keys", title="The platform")
    word = jwt.encode({"sub": "1"}, services.key, algorithm="RS256", headers={"kid": "1"})
    decoding = asyncio.ensure_future(platform.decode(word))
    turns = 0
    while not decoding.done():
        await asyncio.sleep(0.01)
        turns += 1

    with pytest.raises(ProviderDownError, match="does not answer"):
        await decoding
    assert turns > 100  # the loop went round all the while


def test_a_key_that_the_platform_does_not_know_is_refused(hub, browser, services):
    services.kid = "another"

    answer, _ = _launch(browser, hub, services)

    assert answer.status_code == 400
