"""A hub of its own, with every way to log in, and a browser: no Docker, no proxy, no servers to start."""

import contextlib
import html
import json
import re
import secrets
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

ROOT = Path(__file__).resolve().parents[2]
REFRESH_S = 1

#: What a test's hub has instead of the appliance's database, proxy and spawner.
_CONFIG = """
import json, sys
from jupyterhub.proxy import Proxy
from lectern.hub.configure import configure
from lectern.settings import read_settings

class NoProxy(Proxy):
    should_start = False
    async def add_route(self, routespec, target, data): pass
    async def delete_route(self, routespec): pass
    async def get_all_routes(self): return {{}}

c = get_config()
sys.path.append({own!r})
configure(c, read_settings(secrets={secrets!r}))
c.JupyterHub.template_paths = [{templates!r}]
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.db_kwargs = {{}}
c.JupyterHub.hub_ip = "127.0.0.1"
c.JupyterHub.hub_connect_ip = "127.0.0.1"
c.JupyterHub.hub_port = {port}
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.services = []
c.JupyterHub.load_roles = []
c.Authenticator.auth_refresh_age = {refresh}
{more}
"""


def free_port() -> int:
    """Give a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class LoginHub:
    """JupyterHub with Lectern's configuration, as a process."""

    def __init__(self, folder: Path, settings: dict[str, str], files: dict[str, str], more: str = "") -> None:
        self.folder, self.settings, self.more = folder, settings, more
        # Behind TLS the address has no port of this machine.
        self.port = urlsplit(settings["LECTERN_ADDRESS"]).port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        (folder / "secrets/logins").mkdir(parents=True)
        self.admin_password = secrets.token_hex(8)
        made = {name: secrets.token_hex(32) for name in ("cookie_secret", "crypt_key", "db_password")}
        made |= {
            "proxy_token": "t",
            "api_token": secrets.token_hex(16),
            "builder_token": secrets.token_hex(16),
            "admin_password": self.admin_password,
        }
        for name, text in (made | files).items():
            (folder / "secrets" / name).write_text(text)
        self._process = None
        self._admin: Browser | None = None
        self.start()

    def start(self) -> None:
        own = str(ROOT / "tests/peers")
        values = {
            "folder": self.folder,
            "port": self.port,
            "refresh": REFRESH_S,
            "more": self.more,
            "own": own,
        }
        values |= {"secrets": str(self.folder / "secrets"), "templates": str(ROOT / "hub/templates")}
        (self.folder / "config.py").write_text(_CONFIG.format(**values))
        environment = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "HOME": str(self.folder),
            **self.settings,
        }
        with (self.folder / "log").open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", "config.py"],
                cwd=self.folder, env=environment, stdout=log, stderr=log,
            )  # fmt: skip
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/hub/health", timeout=1).status_code == 200:
                    return
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(f"the hub does not answer:\n{self.log}")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def api(self, method: str, path: str, **more) -> httpx.Response:
        """Ask JupyterHub's interface as the admin, who is logged in by password."""
        if self._admin is None:
            self._admin = Browser(self.url)
            self._admin.log_in("admin", self.admin_password)
        token = {"X-XSRFToken": self._admin.xsrf()}
        answer = self._admin.http.request(method, f"/hub/api{path}", headers=token, **more)
        assert answer.status_code < 400, answer.text
        return answer

    def groups(self, name: str) -> set[str]:
        """Give the hub's groups of somebody."""
        return set(self.api("GET", f"/users/{name}").json()["groups"])


class Browser:
    """One browser; redirects are followed by hand, so that a test sees where it is led."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(
            base_url=url, headers={"User-Agent": "LecternTest/1"}, timeout=30, verify=False
        )

    def __del__(self) -> None:
        self.http.close()

    def xsrf(self) -> str:
        return next((c.value for c in self.http.cookies.jar if c.name == "_xsrf"), "")

    def follow(self, answer: httpx.Response, until: str = "") -> httpx.Response:
        """Follow redirects, up to one that leads to a path which begins so."""
        for _ in range(12):
            where = answer.headers.get("Location")
            if where is None or (until and urlsplit(where).path.startswith(until)):
                return answer
            answer = self.http.get(urljoin(str(answer.url), where))
        raise AssertionError(f"led round in circles: {answer.url}")

    def get(self, path: str, until: str = "") -> httpx.Response:
        return self.follow(self.http.get(path), until)

    def come_by(self, way: str, next_url: str | None = None) -> httpx.Response:
        """Log in by a service whose page asks nothing; the last answer is the callback's."""
        params = {"next": next_url} if next_url is not None else {}
        answer = self.http.get(f"/hub/{way}/login", params=params)
        while (where := answer.headers.get("Location")) and f"/hub/{way}/callback" not in str(answer.url):
            answer = self.http.get(urljoin(str(answer.url), where))
        return answer

    def log_in(self, name: str, password: str, page: str = "/hub/login?password") -> httpx.Response:
        """Fill in a form of name and password."""
        self.http.get(page)
        form = {"username": name, "password": password, "_xsrf": self.xsrf()}
        return self.http.post(page.partition("?")[0], data=form)

    def name(self) -> str | None:
        """Give who the hub takes this browser for; None for nobody."""
        answer = self.http.get("/hub/api/user", headers={"X-XSRFToken": self.xsrf()})
        return answer.json()["name"] if answer.status_code == 200 else None

    def is_logged_in(self) -> bool:
        return self.http.get("/hub/home").status_code == 200


def form_of(page: httpx.Response) -> tuple[str, dict[str, str]]:
    """Give a page's form: where it goes and what is filled in."""
    action = re.search(r'<form[^>]*action="([^"]+)"', page.text)
    assert action, page.text[:2000]
    inputs = [dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in re.findall(r"<input[^>]*>", page.text)]
    fields = {tag["name"]: html.unescape(tag.get("value", "")) for tag in inputs if "name" in tag}
    return html.unescape(action[1]), fields


class OpenIDPeer:
    """The OpenID provider of tests/peers/oidc, as a process."""

    def __init__(self, folder: Path, hub_address: str, host: str = "127.0.0.1") -> None:
        self.people = folder / "people.json"
        self.port = free_port()
        self.issuer = f"http://{host}:{self.port}"
        self._words = [
            "node", str(ROOT / "tests/peers/oidc/provider.mjs"), host, str(self.port), str(self.people),
            f"{hub_address}/hub/oidc/callback", f"{hub_address}/hub/logout",
        ]  # fmt: skip
        self._log = folder / "oidc.log"
        self._process = None
        self.set_people({})
        self.start()

    def set_people(self, people: dict) -> None:
        self.people.write_text(json.dumps(people))

    def start(self) -> None:
        with self._log.open("a") as log:
            self._process = subprocess.Popen(self._words, stdout=log, stderr=log)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with contextlib.suppress(httpx.HTTPError):
                httpx.get(f"{self.issuer}/.well-known/openid-configuration", timeout=1)
                return
            time.sleep(0.1)
        raise AssertionError(f"the provider does not answer:\n{self._log.read_text()}")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def agree(self, browser: Browser, name: str, next_url: str | None = None) -> httpx.Response:
        """Log in at the provider as a person does, agree, and come back; the answer is the callback's."""
        params = {"next": next_url} if next_url is not None else {}
        answer = browser.http.get("/hub/oidc/login", params=params)
        for _ in range(20):
            where = answer.headers.get("Location")
            if where is not None:
                target = urljoin(str(answer.url), where)
                if "/hub/oidc/callback" in str(answer.url):
                    return answer
                answer = browser.http.get(target)
            elif str(answer.url).startswith(self.issuer):
                action, fields = form_of(answer)
                fields |= {"login": name, "password": "any"} if "login" in fields else {}
                answer = browser.http.post(urljoin(str(answer.url), action), data=fields)
            else:
                return answer
        raise AssertionError(f"led round in circles: {answer.url}")
