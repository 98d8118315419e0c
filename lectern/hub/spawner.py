"""Start a Workspace: the hub's only Docker caller."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, cast
from urllib.parse import quote

from docker.errors import APIError, ImageNotFound, NotFound
from dockerspawner import DockerSpawner
from sqlalchemy.orm import object_session
from traitlets import Instance, default

from lectern import names
from lectern.hub import courses, machine, preview
from lectern.hub.admission import Admission, Budget, Priority, WaitedTooLongError
from lectern.hub.choice import Place, places, usual_place
from lectern.hub.newer_release import Running
from lectern.hub.roles import Role, group_names
from lectern.hub.room import AHEAD
from lectern.hub.start_errors import BootError, StartError
from lectern.hub.waiting import TOLD, tell
from lectern.hub.workspace import READY_CPU_SHARES, Limits, Mount, Workspace, plan_workspace
from lectern.settings import MIB, Settings
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.orm import Session

#: Four and more callers get the most containers a second out of one engine; DockerSpawner has one.
_DOCKER_CALLS_AT_ONCE = 6
_LOOK_EVERY_S = 0.05
_CHECK_EVERY_S = 1
_STOP_GRACE_S = 3
_LOG_LINES = 8
_HELPERS_ASKED_EVERY_S = 10
_WAIT_LIMIT_S = 3600
_SHARED = names.SHARED_FOLDER.removeprefix(f"{names.HOME}/")

#: A limit this near to what is in use would kill the kernel at its next allocation.
MEMORY_MARGIN_BYTES = 64 * MIB


class WorkspaceSpawner(DockerSpawner):
    """DockerSpawner for workspaces: image by course, in order of arrival, ready as soon as it is."""

    lectern_settings = Instance(Settings, help="The installation's settings.").tag(config=True)
    api_token: str  # JupyterHub's trait: what the server talks to the hub with

    #: What the container was started from; None before the first start.
    running_release: Running | None = None
    running_course = ""

    _is_second_attempt = False
    #: Whose next start nobody waits for: people, for a failed start leaves its spawner behind.
    _ahead: ClassVar[set[str]] = set()

    _admission: ClassVar[Admission | None] = None
    _engine: ClassVar[machine.EngineView | None] = None
    _calls: ClassVar[ThreadPoolExecutor | None] = None

    @property
    def executor(self) -> ThreadPoolExecutor:
        """Threads for Docker calls, shared by all participants' spawners."""
        if WorkspaceSpawner._calls is None:
            WorkspaceSpawner._calls = ThreadPoolExecutor(_DOCKER_CALLS_AT_ONCE, "docker")
        return WorkspaceSpawner._calls

    @property
    def admission(self) -> Admission:
        """The one gate that all starts go through."""
        if WorkspaceSpawner._admission is None:
            settings = self.lectern_settings
            WorkspaceSpawner._admission = Admission(
                settings.starts_at_once,
                Budget(settings.memory_reserved, settings.memory_expected),
                self._available_memory,
            )
        return WorkspaceSpawner._admission

    @staticmethod
    def _available_memory(per_server: int) -> int:
        kernel = machine.read_memory()
        engine = WorkspaceSpawner._engine or machine.EngineView(kernel.total, servers=0)
        return machine.available_bytes(kernel, engine, per_server)

    async def _ask_engine(self) -> None:
        """Keep the engine's view of the machine fresh, for the decision that follows."""
        label = {"label": [f"{names.PROJECT}={self.lectern_settings.project}", names.PARTICIPANT]}
        total = (await self.docker("info"))["MemTotal"]
        servers = len(await self.docker("containers", quiet=True, filters=label))
        WorkspaceSpawner._engine = machine.EngineView(total, servers)

    @default("object_name")
    def _object_name_default(self) -> str:
        name_it = names.preview_container if self.is_preview else names.workspace_container
        return name_it(self.lectern_settings.project, self.user.name)

    @property
    def is_preview(self) -> bool:
        """Say whether this is an instructor's second server, for trying a release."""
        return bool(self.name == names.PREVIEW)

    def start_ahead(self) -> None:
        """Have the start that follows wait behind everybody who clicked."""
        self._ahead.add(self.user.name)

    async def start(self) -> tuple[str, int]:
        """Start the server when it is its turn; return where it listens. A failed boot is repeated once.

        Raises
        ------
        StartError
            Nothing is published, no memory became free, or the server did not come up twice; says why.
        """
        self._is_second_attempt = False
        try:
            return await self._start()
        finally:
            self._ahead.discard(self.user.name)

    async def _start(self) -> tuple[str, int]:
        await self._plan()  # who has nothing to start hears it now, and not after the queue
        try:
            return await self._wait_and_boot()
        except BootError as problem:
            self.log.warning("First attempt to start %s failed: %s", self._log_name, problem)
        self._is_second_attempt = True
        await self._clear_away()
        return await self._wait_and_boot()

    async def _wait_and_boot(self) -> tuple[str, int]:
        limit_s = self.lectern_settings.start_timeout_s
        await self._ask_engine()
        priority = Priority.AHEAD if self.user.name in self._ahead else Priority.CLICK
        try:
            async with self.admission.admitted(self._log_name, priority, _WAIT_LIMIT_S):
                async with asyncio.timeout(limit_s):
                    return await self._boot()
        except WaitedTooLongError as problem:
            raise StartError(
                to_translate("No memory became free for your server within {minutes} minutes."),
                hint=to_translate(
                    "Please tell your teacher: servers that nobody uses can be stopped, or memory added."
                ),
                minutes=_WAIT_LIMIT_S // 60,
            ) from problem
        except TimeoutError as problem:
            last_words = await self._last_words()
            raise BootError(
                to_translate("Your server did not answer within {seconds} seconds."),
                hint=to_translate(
                    "Please try again; if it stays so, tell your teacher. Its last words: {last_words}"
                )
                if last_words
                else to_translate("Please try again; if it stays so, tell your teacher."),
                seconds=limit_s,
                last_words=last_words,
            ) from problem
        except APIError as problem:
            raise BootError(
                to_translate("The Docker engine did not start your server ({why})."),
                hint=to_translate("Please tell your teacher: `make doctor` looks for the cause."),
                why=problem.explanation or problem,
            ) from problem

    async def _clear_away(self) -> None:
        """Remove what a failed attempt left, so that it takes nothing from others during the wait."""
        if self.container_id:
            await self.stop_object()
            await self.remove_object()
            self.object_id = ""

    async def _boot(self) -> tuple[str, int]:
        workspace = await self._plan()
        mounts = [await self._made(mount) for mount in workspace.mounts]
        workspace = replace(workspace, mounts=tuple(mounts))
        self.image = workspace.image
        self.network_name = workspace.network
        self.mem_limit = workspace.memory_bytes
        self.volumes = workspace.volumes()
        # auto_remove off: the remains of a failed start tell why it failed.
        self.extra_host_config = {**workspace.host_config(), "auto_remove": False}
        self.extra_create_kwargs = {"labels": workspace.labels}
        ip, port = await super().start()
        await self._listening(ip, port)
        await self.docker("update_container", self.container_id, cpu_shares=READY_CPU_SHARES)
        return ip, port

    async def _made(self, mount: Mount) -> Mount:
        """Make a volume where it is not there yet; one that is there says whose it is."""
        found = await self.docker("create_volume", name=mount.volume, labels=mount.labels)
        if not mount.is_of_another(found["Labels"] or {}):
            return mount
        self.log.warning("%s was somebody else's of that name: %s gets another", mount.volume, self._log_name)
        await self.docker("create_volume", name=mount.later_volume, labels=mount.labels)
        return replace(mount, volume=mount.later_volume)

    async def _plan(self) -> Workspace:
        user = self.user.orm_user
        # Before a course opens its room does: what is started ahead is for the hour to come.
        now = datetime.now(UTC) + (AHEAD if self.user.name in self._ahead else timedelta())
        known = places(courses.all_courses(cast("Session", object_session(user))), group_names(user), now)
        if self.is_preview:
            return await self._plan_preview(known)
        place = usual_place(known, self.user_options)
        if place is None:
            raise StartError(
                to_translate("You are in no course yet."),
                hint=to_translate("Please ask your teacher for the sign-up link."),
            )
        if place.refusal is not None:
            raise StartError(
                place.refusal.texts[0], hint=to_translate("Please ask your teacher."), **place.refusal.values
            ) from place.refusal
        self.default_url = f"/lab/tree/{quote(f'{_SHARED}/{place.materials}')}" if place.materials else "/lab"
        return await self._plan_place(place, place.environment, names.PUBLISHED)

    async def _plan_preview(self, known: list[Place]) -> Workspace:
        # Asked when it was ordered as well; but a kept wish outlives a role.
        wish = preview.wish(self.user_options)
        place = preview.place_for(wish, known, is_admin=self.user.admin)
        return await self._plan_place(place, wish.environment, wish.release, is_preview=True)

    async def _plan_place(
        self, place: Place | None, environment: str, tag: str, *, is_preview: bool = False
    ) -> Workspace:
        settings = self.lectern_settings
        named = f"{names.environment_image(settings.project, environment)}:{tag}"
        try:
            image = await self.docker("inspect_image", named)
        except ImageNotFound as problem:
            raise StartError(
                to_translate("The environment “{environment}” has no release “{tag}”.")
                if is_preview
                else to_translate("The environment “{environment}” is not published yet."),
                hint=to_translate("Please tell your teacher: publishing an environment makes it available."),
                environment=environment,
                tag=tag,
            ) from problem
        self.running_release = Running(
            environment, str((image["Config"].get("Labels") or {}).get(names.COMMIT, ""))
        )
        self.running_course = place.course if place else ""
        return plan_workspace(
            self.user.name,
            self.running_course,
            account=self.user.orm_user.created.isoformat(),
            course_id=str(place.course_id) if place else "",
            is_instructor=place is not None and place.role is Role.INSTRUCTOR,
            image=image["Id"],
            settings=settings,
            limits=Limits(place.memory_bytes, place.cpus, place.processes) if place else Limits(),
        )

    def get_args(self) -> list[str]:
        """Have a server that helpers may open ask soon again who may, instead of every five minutes."""
        course = courses.find_course(cast("Session", object_session(self.orm_spawner)), self.running_course)
        asks_again = [f"--HubOAuth.cache_max_age={_HELPERS_ASKED_EVERY_S}"]
        return [*super().get_args(), *(asks_again if course and course.allows_helping else [])]

    def get_state(self) -> dict[str, Any]:
        """Keep what runs across a restart of the hub."""
        state: dict[str, Any] = super().get_state()
        if runs := self.running_release:
            state["release"] = [self.running_course, runs.environment, runs.commit]
        return state

    def load_state(self, state: dict[str, Any]) -> None:
        """Know again what runs."""
        super().load_state(state)
        match state.get("release"):
            case [str(course), str(environment), str(commit)]:
                self.running_course = course
                self.running_release = Running(environment, commit)

    async def published_commit(self, environment: str) -> str:
        """Give the commit that a start of an environment would use now; empty when there is none."""
        tag = names.published_tag(self.lectern_settings.project, environment)
        try:
            image = await self.docker("inspect_image", tag)
        except ImageNotFound:
            return ""
        return str((image["Config"].get("Labels") or {}).get(names.COMMIT, ""))

    async def change_memory(self, wanted_bytes: int) -> None:
        """Change the memory limit of the running server; the next start has the course's again.

        Raises
        ------
        StartError
            Less is asked for than is in use: the kernel would be killed.
        """
        stats = await self.docker("stats", self.container_id, stream=False)
        used = int(stats["memory_stats"].get("usage", 0))
        if wanted_bytes < used + MEMORY_MARGIN_BYTES:
            raise StartError(
                to_translate("{name} uses {used} MB now."),
                hint=to_translate("Give at least {least} MB."),
                name=self.user.name,
                used=used // MIB,
                least=(used + MEMORY_MARGIN_BYTES) // MIB + 1,
            )
        # Both in one call: the engine refuses a limit above the one with swap.
        await self.docker(
            "update_container", self.container_id, mem_limit=wanted_bytes, memswap_limit=wanted_bytes
        )
        self.mem_limit = wanted_bytes

    async def get_object(self) -> dict[str, Any] | None:
        """Look at the container; a hub that was restarted learns its server's token from it again."""
        container: dict[str, Any] | None = await super().get_object()
        if container and not self.api_token:
            values = dict(line.partition("=")[::2] for line in container["Config"]["Env"] or [])
            self.api_token = values.get("JUPYTERHUB_API_TOKEN", "")
        return container

    async def _listening(self, ip: str, port: int) -> None:
        """Look for the server so often that the hub's own, ever rarer looks find it at once."""
        checked = time.monotonic()
        while True:
            try:
                # An ended container's address answers nothing at all, not even a refusal.
                async with asyncio.timeout(_CHECK_EVERY_S):
                    _, writer = await asyncio.open_connection(ip, port)
            except OSError:  # TimeoutError is one
                if time.monotonic() - checked >= _CHECK_EVERY_S:
                    await self._require_running()
                    checked = time.monotonic()
                await asyncio.sleep(_LOOK_EVERY_S)
            else:
                writer.close()
                return

    async def _require_running(self) -> None:
        state = (await self.docker("inspect_container", self.container_id))["State"]
        if state["Running"]:
            return
        if state["OOMKilled"]:
            raise BootError(
                to_translate("Your server ran out of memory while it started."),
                hint=to_translate(
                    "Please tell your teacher: LECTERN_MEMORY is too small for this environment."
                ),
            )
        last_words = await self._last_words()
        raise BootError(
            to_translate("Your server ended while it started (exit status {status})."),
            hint=to_translate("Please tell your teacher. Its last words: {last_words}")
            if last_words
            else to_translate("Please tell your teacher."),
            status=state["ExitCode"],
            last_words=last_words,
        )

    async def _last_words(self) -> str:
        log = await self.docker("logs", self.container_id, tail=_LOG_LINES) if self.container_id else b""
        return str(log.decode(errors="replace").strip())

    async def stop(self, now: bool = False) -> None:
        """Stop the server; its memory counts for others from now on."""
        try:
            await super().stop(now)
        finally:
            self.admission.ended(self._log_name)

    async def stop_object(self) -> None:
        """Stop the container with a short grace: kernels have nothing to save."""
        with suppress(NotFound):  # removed by hand: stopped all the same
            await self.docker("stop", self.container_id, timeout=_STOP_GRACE_S)

    async def remove_volumes(self, *volumes: str) -> None:
        """Remove volumes for ever; one that is not there, or that somebody uses, is left."""
        for volume in volumes:
            try:
                await self.docker("remove_volume", volume)
            except NotFound:
                continue
            except APIError as problem:
                self.log.info("Volume %s stays: %s", volume, problem.explanation)

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """Tell the page how far the start is, the place in the queue above all."""
        self.admission.hurry(self._log_name)  # a person looks at the page
        told = None
        while True:
            now = tell(self.admission.outlook(self._log_name), is_second_attempt=self._is_second_attempt)
            if now != told:
                yield {"progress": now.progress, "message": now.message, TOLD: now}
                told = now
            await asyncio.sleep(0.5)
