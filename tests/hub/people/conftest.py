"""A hub with names and passwords, whose servers are small programs instead of containers."""

import time

import pytest

from tests.support.login_hub import Browser, LoginHub, free_port

PASSWORD = "correct horse"

_SPAWNER = """
import sys
from jupyterhub.spawner import SimpleLocalProcessSpawner
from lectern.hub.start_errors import StartError

class Small(SimpleLocalProcessSpawner):
    running_course, running_release, published_commit = "", None, None

    async def start(self):
        if self.user_options.get("fails"):
            raise StartError("You are in no course yet.", hint="Please ask your teacher.")
        self.running_course = self.user_options.get("course", "")
        self.cmd = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1"]
        where = await super().start()
        return where

    def start_ahead(self):
        pass

    async def change_memory(self, wanted):
        if wanted < 1 << 30:
            values = {"name": self.user.name, "used": 900, "least": 1025}
            raise StartError("{name} uses {used} MB now.", hint="Give at least {least} MB.", **values)

    def get_args(self):
        return [str(self.port)]

c.JupyterHub.spawner_class = Small
token = c.CourseAuthenticator.lectern_settings.secret("api_token")
c.JupyterHub.services = [{"name": "lectern", "api_token": token}]
c.JupyterHub.load_roles = [{"name": "lectern-command", "services": ["lectern"], "scopes": ["admin:groups"]}]
"""


@pytest.fixture(scope="session")
def small_hub(tmp_path_factory):
    """Give a hub with a privacy notice that tests write."""
    folder = tmp_path_factory.mktemp("small-hub")
    (folder / "notice").mkdir()
    settings = {
        "LECTERN_ADDRESS": f"http://127.0.0.1:{free_port()}",
        "LECTERN_NOTICE": str(folder / "notice"),
        # So that a test may come from another address.
        "LECTERN_TRUSTED_PROXIES": "127.0.0.1",
    }
    hub = LoginHub(folder / "hub", settings, {}, _SPAWNER)
    hub.notice = folder / "notice" / "privacy.md"
    yield hub
    hub.stop()


@pytest.fixture
def hub(small_hub):
    """Give it with nobody in it but the admin, and the first course as it was made."""
    yield small_hub
    small_hub.notice.unlink(missing_ok=True)
    for user in small_hub.api("GET", "/users").json():
        if user["name"] == "admin":
            continue
        if user["server"]:
            small_hub.api("DELETE", f"/users/{user['name']}/server")
        small_hub.api("DELETE", f"/users/{user['name']}")
    small_hub.api("PATCH", "/lectern/courses/data-literacy", json={"helping": ""})


def soon(claim, wanted):
    """Wait for what the hub does by itself, every three seconds."""
    end = time.monotonic() + 15
    while claim() != wanted and time.monotonic() < end:
        time.sleep(0.2)
    return claim()


def start(hub, name, course="data-literacy"):
    """Start somebody's server in a course, and wait until it runs."""
    hub.api("POST", f"/users/{name}/server", json={"course": course})
    ready = lambda: bool(hub.api("GET", f"/users/{name}").json()["servers"].get("", {}).get("ready"))  # noqa: E731
    assert soon(ready, True)


class Person(Browser):
    """Somebody with an account in the first course."""

    def __init__(self, hub, name, role="participant", **more):
        super().__init__(hub.url)
        answer = self.sign_up(hub, name, role, **more)
        assert answer.status_code == 302, answer.text

    def sign_up(self, hub, name, role="participant", **more):
        code = hub.api("POST", "/lectern/courses/data-literacy/codes", json={"role": role}).json()["code"]
        self.http.get(f"/hub/join/{code}")
        form = {"username": name, "code": code, "_xsrf": self.xsrf(), **more}
        form |= dict.fromkeys(("signup_password", "signup_password_confirmation"), PASSWORD)
        return self.http.post("/hub/signup", data=form)

    def post(self, path, **form):
        self.http.get("/hub/home")  # where a browser has its form token from
        return self.http.post(path, data={**form, "_xsrf": self.xsrf()})

    def access(self, owner):
        """Say whether the hub would let this person into somebody's server."""
        scopes = self.http.get("/hub/api/user", headers={"X-XSRFToken": self.xsrf()}).json()["scopes"]
        return f"access:servers!server={owner}/" in scopes
