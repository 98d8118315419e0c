"""What a participant's browser does, over plain HTTP and a kernel's websocket."""

import html
import json
import re
import secrets
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx
from websockets.sync.client import connect

# The hub binds its form tokens to the browser: one and the same on every request.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) LecternTest/1"
START_TIMEOUT_S = 180


class KernelDiedError(Exception):
    """The kernel ended while a cell ran."""


class StartFailedError(Exception):
    """The server did not start; the message is what the page shows."""


@dataclass
class CellResult:
    """What a cell gave."""

    text: str = ""  # stdout, stderr and the last expression's text
    error: str = ""  # name and message of an exception
    mime: dict[str, str] = field(default_factory=dict)


class Participant:
    """One person with one browser."""

    def __init__(self, url: str, name: str, password: str) -> None:
        self.url, self.name, self.password = url, name, password
        self.progress: list[str] = []  # what the page said during the last start
        # Plain http here: reading the machine's certificates would cost more than the request.
        self.http = httpx.Client(
            base_url=url, headers={"User-Agent": USER_AGENT}, timeout=60, verify=False, follow_redirects=True
        )

    def close(self) -> None:
        self.http.close()

    def __del__(self) -> None:
        self.http.close()  # a browser that a test made in passing

    @property
    def home_url(self) -> str:
        return f"/user/{quote(self.name, safe='@~')}/"

    def xsrf(self, path: str) -> str:
        """Give the form token whose cookie a browser would send to `path`: the longest that fits."""
        found = [c for c in self.http.cookies.jar if c.name == "_xsrf" and path.startswith(c.path)]
        return max(found, key=lambda c: len(c.path)).value if found else ""

    def request(self, method: str, path: str, **more) -> httpx.Response:
        """Ask as JupyterLab's scripts do: with the form token in a header."""
        return self.http.request(method, path, headers={"X-XSRFToken": self.xsrf(path)}, **more)

    def post_sign_up(self, code: str, /, **changed: str | None) -> httpx.Response:
        """Send the sign-up form, some fields changed or (None) left out, and give the first answer."""
        self.http.get(f"/hub/join/{quote(code, safe='')}")
        form = {
            "username": self.name,
            "signup_password": self.password,
            "signup_password_confirmation": self.password,
            "code": code,
            "_xsrf": self.xsrf("/hub/signup"),
        }
        form = {name: value for name, value in (form | changed).items() if value is not None}
        return self.http.post("/hub/signup", data=form, follow_redirects=False)

    def join(self, code: str) -> None:
        """Sign up; the answer leads into the server."""
        answer = self.post_sign_up(code)
        assert answer.status_code == 302, f"sign-up: {answer.status_code} {answer.text[:2000]}"

    def post_log_in(self, password: str | None = None) -> httpx.Response:
        self.http.get("/hub/login")
        form = {
            "username": self.name,
            "password": password or self.password,
            "_xsrf": self.xsrf("/hub/login"),
        }
        return self.http.post("/hub/login", data=form, follow_redirects=False)

    def log_in(self) -> None:
        answer = self.post_log_in()
        assert answer.status_code == 302, f"log-in: {answer.status_code} {answer.text[:2000]}"

    def log_out(self) -> None:
        self.http.get("/hub/logout")

    def start(self, timeout_s: float = START_TIMEOUT_S) -> httpx.Response:
        """Click: ask for the server, watch the progress bar, open JupyterLab."""
        end = time.monotonic() + timeout_s
        self.progress.clear()
        page = self.http.get("/hub/spawn", timeout=timeout_s)
        while not page.url.path.startswith(self.home_url):
            if page.status_code != 200:
                raise StartFailedError(_words_of(page.text))
            assert time.monotonic() < end, f"{self.name}'s server is not there after {timeout_s} s"
            self._watch_progress(end - time.monotonic())
            page = self.http.get(self.home_url)
        page = page if page.url.path.endswith("/lab") else self.http.get(f"{self.home_url}lab")
        assert page.status_code == 200, f"Lab of {self.name}: {page.status_code} {page.text[:2000]}"
        assert "jupyter-config-data" in page.text, "the page is not JupyterLab's"
        return page

    def _watch_progress(self, timeout_s: float) -> None:
        path = f"/hub/api/users/{quote(self.name, safe='@~')}/server/progress"
        seen = ""
        with self.http.stream(
            "GET", path, headers={"X-XSRFToken": self.xsrf(path)}, timeout=timeout_s
        ) as events:
            for line in events.iter_lines():
                if not line.startswith("data:"):
                    continue
                seen = line
                event = json.loads(line.removeprefix("data:"))
                self.progress.append(event.get("message", ""))
                if event.get("ready"):
                    return
                if event.get("failed"):
                    raise StartFailedError(event["message"])
        raise AssertionError(f"the progress of {self.name}'s server ended without a server: {seen}")

    def stop(self, timeout_s: float = 60) -> None:
        """Stop the server and wait until it is gone."""
        path = f"/hub/api/users/{quote(self.name, safe='@~')}/server"
        end = time.monotonic() + timeout_s
        while (answer := self.request("DELETE", path)).status_code in (202, 400) and time.monotonic() < end:
            time.sleep(0.3)  # 202: still stopping
            if answer.status_code == 400:
                break
        assert answer.status_code in (204, 404, 400), f"stop: {answer.status_code} {answer.text[:500]}"

    def write_file(self, path: str, text: str) -> httpx.Response:
        return self.request(
            "PUT",
            f"{self.home_url}api/contents/{path}",
            json={"type": "file", "format": "text", "content": text},
        )

    def read_file(self, path: str) -> str:
        answer = self.request("GET", f"{self.home_url}api/contents/{path}")
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()["content"]

    def start_kernel(self, name: str = "python3") -> str:
        """Start a kernel and give its id."""
        answer = self.request("POST", f"{self.home_url}api/kernels", json={"name": name})
        assert answer.status_code == 201, f"kernel {name}: {answer.status_code} {answer.text[:500]}"
        return answer.json()["id"]

    def execute(self, kernel: str, code: str, timeout_s: float = 90) -> CellResult:
        """Run a cell over a new websocket and give its outputs."""
        with self.connected(kernel) as run:
            return run(code, timeout_s)

    @contextmanager
    def connected(self, kernel: str):
        """Give a function that runs cells over one and the same websocket, as an open notebook does."""
        with self._channels(kernel) as socket:

            def run(code: str, timeout_s: float = 90) -> CellResult:
                message = _execute_request(code)
                socket.send(json.dumps(message))
                return _collect(socket, message["header"]["msg_id"], timeout_s)

            yield run

    @contextmanager
    def _channels(self, kernel: str):
        path = f"{self.home_url}api/kernels/{kernel}/channels"
        request = self.http.build_request("GET", path)  # with the cookies that a browser would send
        with connect(
            f"ws{self.url.removeprefix('http')}{path}?session_id={secrets.token_hex(8)}",
            additional_headers={"Cookie": request.headers.get("Cookie", ""), "X-XSRFToken": self.xsrf(path)},
            origin=self.url,
            user_agent_header=USER_AGENT,
            max_size=None,
            open_timeout=30,
            proxy=None,
        ) as socket:
            yield socket

    def run(self, code: str, kernel_name: str = "python3", timeout_s: float = 90) -> CellResult:
        """Run a cell in a kernel of its own, and end that."""
        kernel = self.start_kernel(kernel_name)
        try:
            return self.execute(kernel, code, timeout_s)
        finally:
            self.request("DELETE", f"{self.home_url}api/kernels/{kernel}")


def _words_of(page: str) -> str:
    """Give what a page shows, without its markup."""
    body = re.sub(r"(?s)<script.*?</script>", "", page[page.find("<body") :])
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def _execute_request(code: str) -> dict:
    return {
        "header": {
            "msg_id": secrets.token_hex(16),
            "msg_type": "execute_request",
            "username": "participant",
            "session": secrets.token_hex(8),
            "date": "2026-01-01T00:00:00Z",
            "version": "5.3",
        },
        "parent_header": {},
        "metadata": {},
        "content": {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        },
        "channel": "shell",
        "buffers": [],
    }


def _collect(socket, msg_id: str, timeout_s: float) -> CellResult:
    """Read messages until the cell has replied and its kernel is idle again."""
    result, has_replied, is_idle = CellResult(), False, False
    end = time.monotonic() + timeout_s
    while not (has_replied and is_idle):
        message = json.loads(socket.recv(timeout=max(0.1, end - time.monotonic())))
        content, kind = message["content"], message["header"]["msg_type"]
        if kind == "status" and content["execution_state"] in ("restarting", "dead"):
            raise KernelDiedError(content["execution_state"])
        if message["parent_header"].get("msg_id") != msg_id:
            continue
        match kind:
            case "execute_reply":
                has_replied = True
            case "status":
                is_idle = content["execution_state"] == "idle"
            case "stream":
                result.text += content["text"]
            case "execute_result" | "display_data":
                result.mime |= content["data"]
                result.text += content["data"].get("text/plain", "")
            case "error":
                plain = re.sub(r"\x1b\[[0-9;]*m", "", content["evalue"])
                result.error = f"{content['ename']}: {plain}"
    return result
