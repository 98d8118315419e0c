"""Clone, fetch and push with a stock git client: HTTP requests handed to git's own `http-backend`.

Bodies are never held in memory: a push streams in, and what git and the build say streams out.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler, stream_request_body

from lectern.builder.service import cgi
from lectern.builder.service.access import require_edit
from lectern.builder.service.pushes import Push
from lectern.errors import AccessError, HubError, RepoError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from lectern.builder.service.access import Person
    from lectern.builder.service.service import Service

_CHUNK = 1 << 16
_MOST_DROPPED = 1 << 24
_UNAUTHORIZED = 401
_ANY_SIZE = 1 << 50  # git itself counts (receive.maxInputSize) and says so in the pusher's terminal
_ASKS_FOR_LOGIN = 'Basic realm="Lectern: your name and password, or a token", charset="UTF-8"'


class _RefusedError(Exception):
    """A request that is not served: status and sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@stream_request_body
class GitHandler(RequestHandler):
    """Serves /services/environments/<name>.git/ and what is below."""

    _process: asyncio.subprocess.Process | None = None
    _push: Push | None = None
    _refusal: _RefusedError | None = None
    _dropped_bytes = 0

    def check_xsrf_cookie(self) -> None:
        """Let git through: it sends a password with each request and never a cookie."""

    async def prepare(self) -> None:
        """Look who asks for what, and start git."""
        self.request.connection.set_max_body_size(_ANY_SIZE)  # type: ignore[union-attr]
        try:
            await self._begin()
        except _RefusedError as refusal:
            # Answered when the body has come: a client that still sends would not read it.
            self._refusal = refusal

    async def _begin(self) -> None:
        service: Service = self.settings["service"]
        name, path = self.path_args
        try:
            asked = cgi.read_request(
                self.request.method or "",
                path,
                self.request.query,
                self.request.headers.get("Content-Type", ""),
            )
            person = await self._person(service)
            require_edit(person, name, await service.hub.courses())
            repo = service.repos.path(name)
        except (cgi.NotGitError, RepoError) as problem:
            raise _RefusedError(404, str(problem)) from problem
        except AccessError as problem:
            raise _RefusedError(403, str(problem)) from problem
        except HubError as problem:
            raise _RefusedError(503, str(problem)) from problem
        given = cgi.variables(
            asked,
            repo=repo.name,
            root=str(repo.parent),
            person=person.name,
            headers=dict(self.request.headers.get_all()),
        )
        if asked.is_push and not asked.is_advertisement:
            self._push = Push(secrets.token_urlsafe(), name, person)
            service.pushes.begin(self._push)
            given |= service.pushes.variables(self._push)
        self._process = await asyncio.create_subprocess_exec(
            "git",
            "http-backend",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=None,  # git's complaints belong to the service's log; they hold no password
            env=service.repos.git.seeing(**given).environment,
            start_new_session=True,
        )

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Hand on a part of what the client sends, as fast as git takes it."""
        return self._hand_on(chunk)

    async def get(self, *_: str) -> None:
        """Answer which refs there are."""
        await self._answer()

    async def post(self, *_: str) -> None:
        """Answer a fetch or a push."""
        await self._answer()

    def on_connection_close(self) -> None:
        """End git when the client has gone: its hook goes with it, and so the build."""
        super().on_connection_close()
        self._leave_nothing()

    def on_finish(self) -> None:
        """End what may still run."""
        self._leave_nothing()

    def _leave_nothing(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
        if self._push is not None:
            service: Service = self.settings["service"]
            service.pushes.end(self._push)

    async def _person(self, service: Service) -> Person:
        login = cgi.read_credentials(self.request.headers.get("Authorization"))
        person = await service.hub.person_of_login(*login) if login else None
        if person is None:
            raise _RefusedError(401, "log in with your name and password, or with a token as the password")
        return person

    async def _hand_on(self, chunk: bytes) -> None:
        if self._process is None or self._process.stdin is None:
            self._dropped_bytes += len(chunk)
            if self._dropped_bytes > _MOST_DROPPED:
                self.request.connection.stream.close()  # type: ignore[union-attr]
            return
        # Git may have ended already, having said why: the rest of the body is of no use.
        with suppress(BrokenPipeError, ConnectionResetError):
            self._process.stdin.write(chunk)
            await self._process.stdin.drain()

    async def _answer(self) -> None:
        process = self._process
        if self._refusal is not None:
            self._refuse(self._refusal.status, str(self._refusal))
            return
        assert process is not None  # noqa: S101 - it was started, or the request refused
        assert process.stdin is not None  # noqa: S101
        assert process.stdout is not None  # noqa: S101
        process.stdin.close()
        head, said = None, b""
        with suppress(StreamClosedError):
            while part := await process.stdout.read(_CHUNK):
                if head is None:
                    said += part
                    if (read := cgi.read_head(said)) is None:
                        continue
                    head, part = read
                    self.set_status(head.status)
                    for name, value in head.headers:
                        self.set_header(name, value)
                self.write(part)
                await self.flush()
        if head is None:
            self._refuse(500, "git did not answer")
        await process.wait()
        if self._push is not None and self._push.has_deleted:
            service: Service = self.settings["service"]
            service.actions.branches_went(self._push.environment)

    def _refuse(self, status: int, sentence: str) -> None:
        # Git shows its user a refusal of type text/plain, line by line.
        self.set_status(status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        if status == _UNAUTHORIZED:
            self.set_header("WWW-Authenticate", _ASKS_FOR_LOGIN)
        self.finish(f"{sentence}\n")
