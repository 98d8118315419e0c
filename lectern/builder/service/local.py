"""What the hook and the `lectern env` command ask the service, over a socket inside the container.

Each answer is a stream of JSON lines: any number of ``{"say": text}``, then ``{"result": …}``, or
``{"error": {"what", "where", "hint"}}``, or ``{"failed": true}`` when what was said tells why. When the
asker goes away, what they asked for is cancelled.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tornado.iostream import StreamClosedError
from tornado.web import Application, RequestHandler

from lectern.builder.releases import ReleaseHere
from lectern.builder.service.access import OPERATOR
from lectern.builder.service.ensuring import built_or_kept
from lectern.builder.service.push_rules import read_updates
from lectern.builder.service.pushes import Told
from lectern.builder.service.telling import ToldError
from lectern.errors import LecternError, RepoError

if TYPE_CHECKING:
    from lectern.builder.service.builds import Build
    from lectern.builder.service.service import Service
    from lectern.release import Release


class _StreamHandler(RequestHandler):
    """Runs `act` and streams what it says, then its result."""

    _acting: asyncio.Task[Any] | None = None

    @property
    def service(self) -> Service:
        service: Service = self.settings["service"]
        return service

    async def post(self, *words: str) -> None:
        asked = json.loads(self.request.body or b"{}")
        self._acting = asyncio.create_task(self.act(asked, *words))
        try:
            with suppress(asyncio.CancelledError):
                await self._send({"result": await self._acting})
        except ToldError:
            await self._send({"failed": True})
        except LecternError as problem:
            await self._send({"error": {"what": problem.what, "where": problem.where, "hint": problem.hint}})

    async def act(self, asked: dict[str, Any], *words: str) -> Any:  # noqa: ANN401 - JSON
        """Do what is asked."""
        raise NotImplementedError

    async def say(self, text: str) -> None:
        await self._send({"say": text})

    def on_connection_close(self) -> None:
        super().on_connection_close()
        if self._acting is not None:
            self._acting.cancel()

    async def _send(self, what: dict[str, Any]) -> None:
        self.write(json.dumps(what).encode() + b"\n")
        with suppress(StreamClosedError):
            await self.flush()


class PushHandler(_StreamHandler):
    """/push: the hook of a push asks whether it is accepted."""

    async def act(self, asked: dict[str, Any], *_: str) -> bool:
        """Build what it brings."""
        push = self.service.pushes.find(str(asked["push"]))
        if push is None:
            raise RepoError("this push is not known here", where="push", hint="push again")
        told = Told(
            read_updates(str(asked["updates"])),
            str(asked["quarantine"]),
            str(asked["objects"]),
            str(asked["alternates"]),
        )
        return await self.service.pushes.is_accepted(push, told, self.say)


class EnvironmentHandler(_StreamHandler):
    """/env/<verb>: the `lectern env` command; whoever can run it may do anything."""

    async def act(self, asked: dict[str, Any], *words: str) -> Any:  # noqa: ANN401 - JSON
        """Do what the verb says."""
        verbs = {
            "build": self._build,
            "cancel": self._cancel,
            "create": self._create,
            "delete": self._delete,
            "ensure": self._ensure,
            "log": self._history,
            "publish": self._publish,
            "refresh": self._refresh,
            "rollback": self._roll_back,
        }
        if words[0] not in verbs:
            raise RepoError(
                "there is no such command", where=words[0], hint="`scripts/lectern env --help` lists them"
            )
        return await verbs[words[0]](str(asked["name"]), asked)

    async def _create(self, name: str, asked: dict[str, Any]) -> Any:  # noqa: ANN401
        source = Path(asked["folder"]) if "folder" in asked else str(asked["source"])
        build = await self.service.actions.create(
            OPERATOR, name, source, course=asked["course"], every_hours=int(asked["every_hours"])
        )
        return await self._built(build) if build else None

    async def _build(self, name: str, asked: dict[str, Any]) -> Any:  # noqa: ANN401
        ref, is_upgrade = str(asked["ref"]), bool(asked["upgrade"])
        return await self._built(await self.service.actions.build(OPERATOR, name, ref, is_upgrade=is_upgrade))

    async def _ensure(self, name: str, _asked: dict[str, Any]) -> Any:  # noqa: ANN401
        actions = self.service.actions

        async def building() -> dict[str, Any] | None:
            build = await actions.ensure(name)
            return await self._built(build) if build else None

        result = await built_or_kept(building(), lambda: actions.published(name), self.say)
        return _as_data(result.release) if isinstance(result, ReleaseHere) else result

    async def _refresh(self, name: str, _asked: dict[str, Any]) -> Any:  # noqa: ANN401
        build = await self.service.actions.refresh(OPERATOR, name)
        return await self._built(build) if build else None

    async def _publish(self, name: str, asked: dict[str, Any]) -> Any:  # noqa: ANN401
        return _as_data(await self.service.actions.publish(OPERATOR, name, str(asked["commit"])))

    async def _roll_back(self, name: str, asked: dict[str, Any]) -> Any:  # noqa: ANN401
        return _as_data(await self.service.actions.roll_back(OPERATOR, name, str(asked["commit"])))

    async def _history(self, name: str, asked: dict[str, Any]) -> Any:  # noqa: ANN401
        commits = await self.service.repos.log(name, str(asked["ref"]))
        return [{**asdict(commit), "when": commit.when.isoformat()} for commit in commits]

    async def _delete(self, name: str, _asked: dict[str, Any]) -> None:
        await self.service.actions.delete(OPERATOR, name)

    async def _cancel(self, name: str, _asked: dict[str, Any]) -> int:
        builds = self.service.builds
        return sum([await builds.cancel(build.id, OPERATOR.name) for build in builds.of(name)])

    async def _built(self, build: Build) -> dict[str, Any]:
        await self.service.pushes.see_through(build, self.say)
        if build.state != "done":
            raise ToldError
        return build.outcome or {}


def _as_data(release: Release) -> dict[str, Any]:
    return {
        "name": release.environment,
        "commit": release.commit,
        "identity": release.identity,
        "published": True,
    }


def make_local_application(service: Service) -> Application:
    """Give the application that is served on the socket."""
    return Application([("/push", PushHandler), ("/env/([a-z]+)", EnvironmentHandler)], service=service)
