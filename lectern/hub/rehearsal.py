"""Rehearse a class: synthetic participants do what a browser does, all at once, on the appliance."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import shutil
import time
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from lectern import names
from lectern.errors import HubError, SettingError
from lectern.hub import machine
from lectern.hub.rehearsal_report import Journey, Report, Use
from lectern.login_settings import words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lectern.settings import Settings

_PROXY = "http://proxy:8000"
_API = "http://hub:8081/hub/api/lectern/rehearsal"
_AGENT = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) LecternRehearsal/1"}
_PATIENCE = aiohttp.ClientTimeout(total=900)
_READ_CHECK = f"""
import glob
for path in sorted(glob.glob({names.REPO + "/check.*"!r}))[:1]:
    print(path + "\\n" + open(path).read())
"""
_CELL = re.compile(
    r"^```(?:\{code-cell\}[ \t]*(?P<language>\w*)|python)[^\n]*\n(?P<code>.*?)^```", re.MULTILINE | re.DOTALL
)
_KERNEL = re.compile(
    r"\A---\n.*?^[ \t]*kernelspec:\n(?:[^\n]*\n)*?[ \t]+name:[ \t]*(\S+)", re.MULTILINE | re.DOTALL
)
_PYTHON = re.compile(r"(?:i?python3?)?", re.IGNORECASE)


class _StageError(Exception):
    """A synthetic participant cannot go on; the text says why."""


class _Form(HTMLParser):
    """The fields of the first form of a page that takes `password`s."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and (name := given.get("name")):
            self.fields[name] = given.get("value") or ("on" if given.get("type") == "checkbox" else "")


def cells_of(told: str) -> list[str]:
    """Give the cells of a check: its path in the first line, then its text.

    Only Python's cells are run: what other kernels do, the smoke test has tried before publishing.
    """
    path, _, text = told.partition("\n")
    if path.endswith(".md"):
        kernel = found[1] if (found := _KERNEL.search(text)) else ""
        cells = [(cell["language"] or kernel, cell["code"]) for cell in _CELL.finditer(text)]
        return [code for language, code in cells if _is_python(language)]
    if path.endswith(".ipynb"):
        notebook = json.loads(text)
        kernel = notebook.get("metadata", {}).get("kernelspec", {})
        if not _is_python(kernel.get("language") or kernel.get("name") or ""):
            return []
        return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return [text] if path.endswith(".py") else []


def _is_python(language: str) -> bool:
    """Tell it by a language's or a kernel's name; without one it is Python."""
    return _PYTHON.fullmatch(language.strip("\"'")) is not None


class _Participant:
    def __init__(self, name: str, session: aiohttp.ClientSession) -> None:
        self.name, self._session = name, session
        self._password = secrets.token_urlsafe(18)

    def _xsrf(self, path: str) -> dict[str, str]:
        found = [
            cookie
            for cookie in self._session.cookie_jar
            if cookie.key == "_xsrf" and path.startswith(cookie["path"])
        ]
        return {"X-XSRFToken": max(found, key=lambda cookie: len(cookie["path"])).value} if found else {}

    async def _page(self, method: str, path: str, **more: Any) -> tuple[str, str]:  # noqa: ANN401
        async with self._session.request(method, f"{_PROXY}{path}", **more) as answer:
            text = await answer.text()
            if answer.status >= 400:  # noqa: PLR2004
                raise _StageError(f"{path}: {answer.status}")
            return answer.url.path, text

    async def sign_up(self, code: str) -> None:
        _, page = await self._page("GET", f"/hub/join/{code}")
        form = _Form()
        form.feed(page)
        form.fields |= {
            "username": self.name,
            "signup_password": self._password,
            "signup_password_confirmation": self._password,
            "code": code,
        }
        await self._page("POST", "/hub/signup", data=form.fields, allow_redirects=False)

    async def log_in(self) -> None:
        self._session.cookie_jar.clear()
        await self._page("GET", "/hub/login")
        form = {"username": self.name, "password": self._password}
        form["_xsrf"] = self._xsrf("/hub/login").get("X-XSRFToken", "")
        await self._page("POST", "/hub/login", data=form, allow_redirects=False)

    async def start(self) -> None:
        path, _ = await self._page("GET", "/hub/spawn")
        if path.startswith(f"/user/{self.name}/"):
            return
        progress = f"/hub/api/users/{self.name}/server/progress"
        async with self._session.get(f"{_PROXY}{progress}", headers=self._xsrf(progress)) as events:
            async for line in events.content:
                if line.startswith(b"data:"):
                    event = json.loads(line.removeprefix(b"data:"))
                    if event.get("ready"):
                        return
                    if event.get("failed"):
                        raise _StageError(event["message"])
        raise _StageError("the progress of the start ended without a server")

    async def open_lab(self) -> None:
        _, page = await self._page("GET", f"/user/{self.name}/lab")
        if "jupyter-config-data" not in page:
            raise _StageError("the page is not JupyterLab's")

    async def check(self) -> None:
        home = f"/user/{self.name}/"
        path = f"{home}api/kernels"
        async with self._session.post(
            f"{_PROXY}{path}", json={"name": "python3"}, headers=self._xsrf(path)
        ) as answer:
            if answer.status != 201:  # noqa: PLR2004
                raise _StageError(f"no kernel: {answer.status}")
            kernel = (await answer.json())["id"]
        channels = f"{_PROXY}{path}/{kernel}/channels"
        async with self._session.ws_connect(channels, origin=_PROXY, max_msg_size=0) as socket:
            for cell in cells_of(await _execute(socket, _READ_CHECK)):
                await _execute(socket, cell)


async def _execute(socket: aiohttp.ClientWebSocketResponse, code: str) -> str:
    mark = secrets.token_hex(16)
    kind = "execute_request"
    header = {"msg_id": mark, "msg_type": kind, "username": "", "session": mark, "version": "5.3"}
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "buffers": []}
    await socket.send_json(message | {"channel": "shell"})
    printed, has_replied, is_idle = "", False, False
    while not (has_replied and is_idle):
        told = await socket.receive_json()
        if told["parent_header"].get("msg_id") != mark:
            continue
        match told["msg_type"]:
            case "stream":
                printed += told["content"]["text"]
            case "error":
                raise _StageError(f"the check: {told['content']['ename']}: {told['content']['evalue']}"[:300])
            case "execute_reply":
                has_replied = True
            case "status":
                is_idle = told["content"]["execution_state"] == "idle"
    return printed


async def _journey(name: str, code: str, begun: float, gates: list[asyncio.Barrier]) -> Journey:
    """Go through all phases, each begun by everybody at once; who fails stays in step, doing nothing."""
    ends: list[float] = []
    problem = ""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, headers=_AGENT, timeout=_PATIENCE) as session:
        one = _Participant(name, session)
        steps: tuple[Callable[[], Awaitable[object]], ...] = (
            partial(one.sign_up, code),
            one.log_in,
            one.start,
            one.open_lab,
            one.check,
        )
        for step, gate in zip(steps, gates, strict=True):
            await gate.wait()
            if problem:
                continue
            try:
                await step()
            except (_StageError, aiohttp.ClientError, TimeoutError, TypeError, ValueError) as failure:
                problem = str(failure) or type(failure).__name__
            else:
                ends.append(time.monotonic() - begun)
    return Journey(name, tuple(ends), problem)


def _threads_left() -> float:
    limit = int(Path("/proc/sys/kernel/pid_max").read_text(encoding="ascii"))
    return limit - int(Path("/proc/loadavg").read_text(encoding="ascii").split()[3].split("/")[1])


def _disk_left() -> float:
    return float(shutil.disk_usage("/").free)


def _memory_left() -> float:
    return float(machine.read_memory().available)


async def _watch(lowest: dict[str, float], looks: dict[str, Callable[[], float]]) -> None:
    while True:
        for what, look in looks.items():
            lowest[what] = min(lowest[what], look())
        await asyncio.sleep(0.5)


async def rehearse(number: int, settings: Settings, *, is_forced: bool) -> Report:
    """Let synthetic participants go through the first minutes of a class, and remove every trace of them.

    Raises
    ------
    SettingError
        Nobody can come with a code and a password.
    HubError
        The hub refuses: people are at work, or a course has the rehearsal's name.
    """
    if "native" not in words(settings.login):
        raise SettingError(
            "nobody can rehearse: they come with a course code and a password",
            where=f"LECTERN_LOGIN={settings.login}",
            hint="add `native` in .env and run `make up`; take it out again after the rehearsal",
        )
    token = {"Authorization": f"token {settings.secret('api_token')}"}
    async with aiohttp.ClientSession(headers=token, timeout=_PATIENCE) as hub:
        async with hub.post(_API, json={"force": is_forced}) as answer:
            stage = await answer.json()
            if answer.status != 200:  # noqa: PLR2004
                why, _, next_step = str(stage.get("message", answer.status)).partition("\nhint: ")
                raise HubError(why, where="hub", hint=next_step)
        try:
            return await _play(number, stage["code"], settings)
        finally:
            async with hub.delete(_API) as answer:
                answer.raise_for_status()


async def _play(number: int, code: str, settings: Settings) -> Report:
    looks = {"memory": _memory_left, "disk": _disk_left, "processes": _threads_left}
    before = {what: look() for what, look in looks.items()}
    lowest = dict(before)
    watch = asyncio.create_task(_watch(lowest, looks))
    gates = [asyncio.Barrier(number) for _ in range(5)]
    begun = time.monotonic()
    people = [f"rehearsal-{place:03}" for place in range(1, number + 1)]
    try:
        journeys = await asyncio.gather(*(_journey(name, code, begun, gates) for name in people))
    finally:
        watch.cancel()
    kept = {"memory": float(settings.memory_reserved), "disk": 0.0, "processes": 0.0}
    memory, *others = (Use(what, before[what], lowest[what], kept[what]) for what in looks)
    return Report(tuple(journeys), memory, tuple(others))
