"""Environments whose main branch follows a git address: fetched on demand and on a schedule.

Address and schedule are kept in the bare repo's own configuration.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from lectern import names
from lectern.builder.engine import Engine
from lectern.builder.service import mirror_url
from lectern.builder.service.printable import printable
from lectern.errors import RepoError
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from lectern.builder.service.mirror_url import Network
    from lectern.builder.service.repos import Repos
    from lectern.settings import Settings

_FETCHED = "refs/mirror/head"
_ROUTES = Path("/proc/net/route")
_FETCH_S = 600
_TOO_LARGE = "died of signal 25"  # SIGXFSZ: a program wrote more into a file than it may
_MOST_DIGITS = 4  # a year has fewer hours


@dataclass(frozen=True)
class Mirror:
    """Where an environment's main branch comes from."""

    url: str
    every_hours: int = 0  # 0: on demand only
    looked_at: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Say whether its schedule asks for a look."""
        if not self.every_hours:
            return False
        return self.looked_at is None or now - self.looked_at >= timedelta(hours=self.every_hours)


def read_hours(text: str) -> int:
    """Read how often an address is to be looked at, as somebody typed it.

    Parameters
    ----------
    text : str
        Whole hours; 0: on demand only.

    Raises
    ------
    RepoError
        It is no such number.
    """
    if not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise RepoError(
            to_translate("is no number of hours"),
            where=text[:20] or '""',
            hint=to_translate("0 looks on demand only"),
        )
    return int(text)


def own_networks(settings: Settings) -> tuple[Network, ...]:
    """Give where this machine and its containers are, as far as can be told from in here.

    Waits for the engine and for the network: not for the loop of events.

    Raises
    ------
    EngineError
        The engine does not answer.
    """
    return (
        *mirror_url.networks_of_routes(_ROUTES.read_text(encoding="ascii")),
        *(ip_network(place, strict=False) for place in Engine(settings.project).subnets()),
        *mirror_url.networks_of_host(settings.address),
    )


@dataclass(frozen=True)
class Mirrors:
    """The environments that follow an address.

    Parameters
    ----------
    repos : Repos
        All environments' repos.
    max_bytes : int
        Most that one file of a fetch may hold: git itself bounds pushes only.
    networks : Callable[[], tuple[Network, ...]]
        Gives where this machine and its containers are: those are not for mirrors. Called in a thread.
    """

    repos: Repos
    max_bytes: int
    networks: Callable[[], tuple[Network, ...]]

    async def find(self, name: str) -> Mirror | None:
        """Give what an environment follows; None when nothing."""
        url = await self._get(name, "url")
        if not url:
            return None
        looked = await self._get(name, "looked")
        return Mirror(
            url,
            int(await self._get(name, "hours") or 0),
            datetime.fromisoformat(looked) if looked else None,
        )

    async def read(self, name: str) -> Mirror:
        """Give what an environment follows.

        Raises
        ------
        RepoError
            It follows nothing.
        """
        mirror = await self.find(name)
        if mirror is None:
            raise RepoError(
                to_translate("follows no address"), where=name, hint=to_translate("push to it instead")
            )
        return mirror

    async def follow(self, name: str, url: str, *, every_hours: int = 0) -> None:
        """Let an environment follow an address from now on.

        Raises
        ------
        RepoError
            The address is not one that is fetched.
        """
        read = mirror_url.read_url(url)
        await self._set(name, "url", read.url)
        await self._set(name, "hours", str(max(0, every_hours)))

    async def fetch(self, name: str) -> str:
        """Get the newest commit of the address; nothing but a ref of ours points to it.

        Raises
        ------
        RepoError
            It cannot be had; says why.
        """
        mirror = await self.read(name)
        url = mirror_url.read_url(mirror.url)
        own = await asyncio.to_thread(self.networks)
        repo = self.repos.path(name)
        # Before it is known how it ends: an address that is gone is not asked every minute.
        await self._set(name, "looked", datetime.now(UTC).isoformat())
        addresses = await mirror_url.resolve(url, own)
        status, _, said = await self.repos.git.seeing(GIT_ALLOW_PROTOCOL="http:https").try_run(
            repo,
            "-c", "http.followRedirects=false",
            "-c", f"http.curloptResolve={url.host}:{url.port}:{','.join(addresses)}",
            "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules",
            url.url, f"+HEAD:{_FETCHED}",
            timeout_s=_FETCH_S,
            largest_bytes=self.max_bytes,
        )  # fmt: skip
        if _TOO_LARGE in said:
            raise RepoError(
                to_translate("holds more than {most} MB"),
                where=url.url,
                hint=to_translate(
                    "keep data sets in the course's shared folder, or raise LECTERN_PUSH_MAX_MB"
                ),
                most=self.max_bytes // 1_000_000,
            )
        if status:
            raise RepoError(
                to_translate("cannot be fetched ({reason})"),
                where=url.url,
                hint=to_translate("see that the address is right and can be read without a password"),
                reason=printable(_last_line(said)),
            )
        commit = await self.repos.find_ref(name, _FETCHED)
        assert commit is not None  # noqa: S101 - fetched just now
        return commit

    async def newer(self, name: str) -> str | None:
        """Fetch, and give the commit that the main branch should move to; None when it is there.

        Raises
        ------
        RepoError
            It cannot be fetched, or the main branch has commits that the address lacks.
        """
        commit = await self.fetch(name)
        main = await self.repos.find_ref(name, f"refs/heads/{names.MAIN_BRANCH}")
        if main == commit:
            return None
        if main is not None:
            status, _, _ = await self.repos.git.try_run(
                self.repos.path(name), "merge-base", "--is-ancestor", main, commit
            )
            if status:
                raise RepoError(
                    to_translate("its main branch has commits that the address lacks"),
                    where=name,
                    hint=to_translate("bring them to the address, or push here only"),
                )
        return commit

    async def due(self, now: datetime) -> list[str]:
        """Give the environments whose schedule asks for a look."""
        found = []
        for name in self.repos.names():
            with suppress(RepoError):  # deleted since it was listed
                if (mirror := await self.find(name)) and mirror.is_due(now):
                    found.append(name)
        return found

    async def _get(self, name: str, key: str) -> str:
        _, out, _ = await self.repos.git.try_run(
            self.repos.path(name), "config", "--local", "--get", f"lectern.{key}"
        )
        return out.decode(errors="replace").strip()

    async def _set(self, name: str, key: str, value: str) -> None:
        await self.repos.git.run(self.repos.path(name), "config", "--local", f"lectern.{key}", value)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1].removeprefix("fatal: ")
