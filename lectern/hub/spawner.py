"""Start a Workspace: the hub's only Docker caller."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from docker.errors import ImageNotFound, NotFound
from dockerspawner import DockerSpawner
from sqlalchemy.orm import object_session
from traitlets import Instance, default

from lectern import names
from lectern.errors import LecternError
from lectern.hub import courses, preview
from lectern.hub.admission import Admission
from lectern.hub.choice import Place, places, usual_place
from lectern.hub.newer_release import Running
from lectern.hub.roles import Role
from lectern.hub.workspace import READY_CPU_SHARES, Limits, Workspace, plan_workspace
from lectern.settings import MIB, Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: Four and more callers get the most containers a second out of one engine; DockerSpawner has one.
_DOCKER_CALLS_AT_ONCE = 6
_LOOK_EVERY_S = 0.05
_CHECK_EVERY_S = 1
_STOP_GRACE_S = 3
_LOG_LINES = 8
_SHARED = names.SHARED_FOLDER.removeprefix(f"{names.HOME}/")

#: A limit this near to what is in use would kill the kernel at its next allocation.
MEMORY_MARGIN_BYTES = 64 * MIB


class StartError(LecternError):
    """A participant's server cannot start; JupyterHub shows the message in the page."""

    @property
    def jupyterhub_message(self) -> str:
        """Give what the participant reads."""
        return f"{self.what}. {self.hint}"


class WorkspaceSpawner(DockerSpawner):
    """DockerSpawner for workspaces: image by course, in order of arrival, ready as soon as it is."""

    lectern_settings = Instance(Settings, help="The installation's settings.").tag(config=True)

    #: What the container was started from; None before the first start.
    running_release: Running | None = None
    running_course = ""

    _admission: ClassVar[Admission | None] = None
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
            WorkspaceSpawner._admission = Admission(self.lectern_settings.starts_at_once)
        return WorkspaceSpawner._admission

    @default("object_name")
    def _object_name_default(self) -> str:
        name_it = names.preview_container if self.is_preview else names.workspace_container
        return name_it(self.lectern_settings.project, self.user.name)

    @property
    def is_preview(self) -> bool:
        """Say whether this is an instructor's second server, for trying a release."""
        return bool(self.name == names.PREVIEW)

    async def start(self) -> tuple[str, int]:
        """Start the server when it is its turn; return where it listens.

        Raises
        ------
        StartError
            Nothing is published, or the server did not come up; says why.
        """
        limit_s = self.lectern_settings.start_timeout_s
        async with self.admission.admitted(self.user.name):
            try:
                async with asyncio.timeout(limit_s):
                    return await self._boot()
            except TimeoutError as problem:
                raise StartError(
                    f"Your server did not answer within {limit_s} seconds",
                    hint=f"Please try again; if it stays so, tell your teacher. {await self._last_words()}",
                ) from problem

    async def _boot(self) -> tuple[str, int]:
        workspace = await self._plan()
        for mount in workspace.mounts:
            await self.docker("create_volume", name=mount.volume, labels=mount.labels)
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

    async def _plan(self) -> Workspace:
        user = self.user.orm_user
        groups = {group.name for group in user.groups}
        known = places(courses.all_courses(object_session(user)), groups, datetime.now(UTC))
        if self.is_preview:
            return await self._plan_preview(known)
        place = usual_place(known, self.user_options)
        if place is None:
            raise StartError("You are in no course yet", hint="Please ask your teacher for the sign-up link.")
        if place.refusal is not None:
            raise StartError(
                place.refusal.what.removesuffix("."), hint="Please ask your teacher."
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
                f"The environment “{environment}” has no release “{tag}”"
                if is_preview
                else f"The environment “{environment}” is not published yet",
                hint="Please tell your teacher: publishing an environment makes it available.",
            ) from problem
        self.running_release = Running(
            environment, str((image["Config"].get("Labels") or {}).get(names.COMMIT, ""))
        )
        self.running_course = place.course if place else ""
        return plan_workspace(
            self.user.name,
            place.course if place else "",
            is_instructor=place is not None and place.role is Role.INSTRUCTOR,
            image=image["Id"],
            settings=settings,
            limits=Limits(place.memory_bytes, place.cpus, place.processes) if place else Limits(),
            is_preview=is_preview,
        )

    def get_state(self) -> dict[str, Any]:
        """Keep what runs across a restart of the hub."""
        state: dict[str, Any] = super().get_state()
        if self.running_release:
            state["release"] = [
                self.running_course,
                self.running_release.environment,
                self.running_release.commit,
            ]
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
                f"{self.user.name} uses {used // MIB} MB now",
                hint=f"Give at least {(used + MEMORY_MARGIN_BYTES) // MIB + 1} MB.",
            )
        # Both in one call: the engine refuses a limit above the one with swap.
        await self.docker(
            "update_container", self.container_id, mem_limit=wanted_bytes, memswap_limit=wanted_bytes
        )
        self.mem_limit = wanted_bytes

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
            raise StartError(
                "Your server ran out of memory while it started",
                hint="Please tell your teacher: LECTERN_MEMORY is too small for this environment.",
            )
        raise StartError(
            f"Your server ended while it started (exit status {state['ExitCode']})",
            hint=f"Please tell your teacher. {await self._last_words()}",
        )

    async def _last_words(self) -> str:
        if not self.container_id:
            return ""
        log = await self.docker("logs", self.container_id, tail=_LOG_LINES)
        return f"Its last words: {log.decode(errors='replace').strip()}"

    async def stop_object(self) -> None:
        """Stop the container with a short grace: kernels have nothing to save."""
        with suppress(NotFound):  # removed by hand: stopped all the same
            await self.docker("stop", self.container_id, timeout=_STOP_GRACE_S)

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """Tell the page how far the start is, the place in the queue above all."""
        told = ""
        while True:
            place = self.admission.place(self.user.name)
            message = f"You are number {place} in the queue" if place else "Your server is starting"
            if message != told:
                yield {"progress": 10 if place else 50, "message": message}
                told = message
            await asyncio.sleep(0.5)
