"""One hub with every way to log in and the peers that they lead to, for a session: each takes seconds."""

import time

import pytest

from tests.peers.directory import GROUPS, PEOPLE, SEARCHER, SEARCHER_PASSWORD, SlapdPeer
from tests.peers.services import CLIENT, DEPLOYMENT, SECRET, Services
from tests.support.login_hub import REFRESH_S, Browser, LoginHub, OpenIDPeer, free_port

RULES = "uni/staff=data-literacy:instructor,uni=data-literacy"
WAYS = "oidc,github,gitlab,bitbucket,google,mediawiki,openshift,ldap,lti13,campus.Campus,native"

#: A server without a process: the hub's own port answers for it, and a file has its token.
_SPAWNER = """
from pathlib import Path
from jupyterhub.spawner import Spawner

class Still(Spawner):
    running_course, running_release, published_commit = "", None, None

    async def start(self):
        Path(f"{self.user.name}-token").write_text(self.api_token)
        return "127.0.0.1", c.JupyterHub.hub_port

    async def poll(self):
        return None

    async def stop(self, now=False):
        pass

c.JupyterHub.spawner_class = Still
"""


@pytest.fixture(scope="session")
def services():
    peer = Services()
    yield peer
    peer.stop()


@pytest.fixture(scope="session")
def slapd(tmp_path_factory):
    peer = SlapdPeer(tmp_path_factory.mktemp("slapd"))
    yield peer
    peer.stop()


@pytest.fixture(scope="session")
def address():
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="session")
def openid(tmp_path_factory, address):
    peer = OpenIDPeer(tmp_path_factory.mktemp("openid"), address)
    yield peer
    peer.stop()


@pytest.fixture(scope="session")
def login_hub(tmp_path_factory, address, services, slapd, openid):
    services.wiki_callback = f"{address}/hub/mediawiki/callback"
    settings = {"LECTERN_ADDRESS": address, "LECTERN_LOGIN": WAYS}
    for way in ("github", "gitlab", "bitbucket", "google", "mediawiki", "openshift"):
        settings |= {
            f"LECTERN_{way.upper()}_CLIENT_ID": CLIENT,
            f"LECTERN_{way.upper()}_ALLOW": "uni",
            f"LECTERN_{way.upper()}_GROUPS": RULES,
            f"LECTERN_{way.upper()}_URL": f"{services.url}/{way}",
        }
    settings |= {
        "LECTERN_MEDIAWIKI_URL": f"{services.url}/wiki/index.php",
        "LECTERN_OIDC_ISSUER": openid.issuer,
        "LECTERN_OIDC_CLIENT_ID": "lectern",
        "LECTERN_OIDC_ALLOW": "uni",
        "LECTERN_OIDC_GROUPS": RULES,
        "LECTERN_OIDC_TITLE": "Uni Example",
        "LECTERN_OIDC_SCOPES": "openid profile email offline_access",
        "LECTERN_LDAP_URL": slapd.url,
        "LECTERN_LDAP_BASE": PEOPLE,
        "LECTERN_LDAP_GROUP_BASE": GROUPS,
        "LECTERN_LDAP_ALLOW": "students",
        "LECTERN_LDAP_GROUPS": "staff=data-literacy:instructor,students=data-literacy",
        "LECTERN_LDAP_BIND_DN": SEARCHER,
        "LECTERN_LTI13_ISSUER": f"{services.url}/lti",
        "LECTERN_LTI13_CLIENT_ID": CLIENT,
        "LECTERN_LTI13_DEPLOYMENT": DEPLOYMENT,
        "LECTERN_LTI13_AUTHORIZE_URL": f"{services.url}/lti/auth",
        "LECTERN_LTI13_KEYS_URL": f"{services.url}/lti/keys",
        "LECTERN_LTI13_GROUPS": "DL101/Instructor=data-literacy:instructor,DL101=data-literacy",
    }
    secrets = {f"logins/{way}_client_secret": SECRET for way in ("github", "gitlab", "bitbucket", "google")}
    secrets |= {f"logins/{way}_client_secret": SECRET for way in ("mediawiki", "openshift")}
    secrets |= {"logins/oidc_client_secret": "oidc-secret", "logins/ldap_bind_password": SEARCHER_PASSWORD}
    more = "\n".join(
        [
            f"c.Bitbucket.url = c.Bitbucket.api_url = {services.url + '/bitbucket'!r}",
            f"c.Google.issuer = {services.url + '/google'!r}",
            "c.Campus.allow_all = True",
            f"c.Directory.ca_file = {str(slapd.ca_file)!r}",
            _SPAWNER,
        ]
    )
    hub = LoginHub(tmp_path_factory.mktemp("hub"), settings, secrets, more)
    yield hub
    hub.stop()


@pytest.fixture
def hub(login_hub, services, openid):
    """Give the hub with its peers as they are by default, and nobody in it but the admin."""
    services.reset()
    openid.set_people({"ada": {"groups": ["uni", "uni/staff"]}, "bob": {"groups": ["elsewhere"]}})
    yield login_hub
    for user in login_hub.api("GET", "/users").json():
        if user["name"] != "admin":
            login_hub.api("DELETE", f"/users/{user['name']}")


@pytest.fixture
def browser(hub):
    return Browser(hub.url)


@pytest.fixture
def at_the_next_refresh():
    """Wait until the hub asks again who somebody is."""
    return lambda: time.sleep(REFRESH_S + 0.2)
