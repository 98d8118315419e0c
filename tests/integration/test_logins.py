"""An institution's login beside the course code, on the real stack: who comes so works like everybody."""

import socket

import pytest

from tests.support.login_hub import Browser, OpenIDPeer
from tests.support.participant import Participant

WITHOUT = ("LECTERN_LOGIN", "LECTERN_OIDC_ISSUER", "LECTERN_OIDC_CLIENT_ID", "LECTERN_OIDC_ALLOW")


def _own_address():
    # No packet is sent: the kernel only says where it would send from. The hub's container reaches it too.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return probe.getsockname()[0]


@pytest.fixture(scope="module")
def openid(stack, tmp_path_factory):
    peer = OpenIDPeer(tmp_path_factory.mktemp("openid"), stack.url, _own_address())
    peer.set_people({"grace": {"groups": ["students"]}})
    (stack.state / "secrets/logins/oidc_client_secret").write_text("oidc-secret")
    stack.environment |= dict(
        zip(WITHOUT, ("oidc,native", peer.issuer, "lectern", "students"), strict=True)
    ) | {"LECTERN_OIDC_GROUPS": "students=data-literacy"}
    stack.up()
    yield peer
    for name in (*WITHOUT, "LECTERN_OIDC_GROUPS"):
        del stack.environment[name]
    stack.up()
    peer.stop()


def test_who_comes_by_the_institution_computes_beside_who_has_a_code(stack, openid):
    browser = Browser(stack.url)
    answer = openid.agree(browser, "grace")
    assert answer.status_code == 302, answer.text
    institution = Participant(stack.url, browser.name(), "")
    institution.http.cookies.update(browser.http.cookies)
    institution.http.headers["User-Agent"] = browser.http.headers["User-Agent"]

    institution.start()
    with stack.at_work("ada") as someone:
        for person in (institution, someone):
            assert person.run("print(6 * 7)").text.strip() == "42"

    institution.stop()
    institution.close()
