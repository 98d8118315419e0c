"""One Python kernel started ahead: the first notebook of a server takes it, and does not wait.

Sixty first cells at once are sixty starts of a kernel; so one is started in each server as soon as the
machine is quiet. Whoever takes it gets what a fresh one would be: folder, session name, environment and
kernelspec are the notebook's, also after a restart. In doubt a kernel is started as always.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import NoSuchKernel
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager, ServerKernelManager

NAME = "python3"
WANTED = "WORKSPACE_SPARE_KERNEL"  # set by the hub: LECTERN_KERNEL_AHEAD

_QUIET = 0.4  # of the machine's processor time
_LOOK_S = 1.0
_PATIENCE_S = 60  # a storm of starts is over by then; a machine that is never quiet starts it all the same
_HAND_OVER_S = 5
_STAT = Path("/proc/stat")
_IDLE_FIELDS = slice(3, 5)  # idle, iowait
#: What a participant has a kernel do at its start may depend on the folder, and may change meanwhile.
_OWN_STARTUP = ("startup/*.py", "startup/*.ipy", "ipython_config.py", "ipython_kernel_config.py")


def _processor_times() -> tuple[int, int]:
    """Give idle and total time of all processors."""
    fields = [int(word) for word in _STAT.read_text().splitlines()[0].split()[1:9]]
    return sum(fields[_IDLE_FIELDS]), sum(fields)


async def _until_quiet() -> None:
    """Wait for a moment with processor time to spare, each server at another, lest all take the same one."""
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        await asyncio.sleep(_LOOK_S * random.uniform(0.5, 2))  # noqa: S311 - no secret
        idle, total = _processor_times()
        await asyncio.sleep(_LOOK_S)
        idle_after, total_after = _processor_times()
        if idle_after - idle >= _QUIET * (total_after - total):
            return


def _has_own_startup() -> bool:
    profile = Path(os.environ.get("IPYTHONDIR") or Path.home() / ".ipython") / "profile_default"
    return any(next(profile.glob(pattern), None) for pattern in _OWN_STARTUP)


def _becoming(cwd: str | None, env: dict[str, str]) -> str:
    """Give the code that makes a waiting kernel the notebook's; expressions only, so no name stays behind."""
    lines = []
    if cwd is not None:
        lines += [
            f"__import__('os').chdir({cwd!r})",
            f"get_ipython().user_ns['_dh'].__setitem__(0, __import__('pathlib').Path({cwd!r}))",
            f"setattr(get_ipython(), 'starting_dir', {cwd!r})",
        ]
    if env:
        lines.append(f"__import__('os').environ.update({env!r})")
    if session := env.get("JPY_SESSION_NAME"):
        lines.append(f"get_ipython().user_ns.__setitem__('__session__', {session!r})")
    return "\n".join(lines)


class SpareKernelManager(AsyncMappingKernelManager):
    """The server's kernels, one of which may wait for its notebook and is in no list until then."""

    _spare: str | None = None
    _starting: asyncio.Task[None] | None = None
    _is_needed = True

    def start_spare_when_quiet(self) -> None:
        """Begin to wait for a quiet moment, where the hub wants a kernel ahead."""
        if os.environ.get(WANTED) == "1":
            self._starting = asyncio.create_task(self._start_spare())

    async def _start_spare(self) -> None:
        await _until_quiet()
        if not self._is_needed or _has_own_startup():
            return
        try:
            if "ipykernel_launcher" not in self.kernel_spec_manager.get_kernel_spec(NAME).argv:
                return
            self._spare = self.new_kernel_id()
            await super()._async_start_kernel(kernel_id=self._spare, kernel_name=NAME)
        except NoSuchKernel:
            return
        except Exception:
            self._spare = None
            self.log.exception("no kernel could be started ahead; the first notebook starts its own")

    async def _async_start_kernel(
        self,
        *,
        kernel_id: str | None = None,
        path: str | None = None,
        **kwargs: Any,  # noqa: ANN401 - as the base class has it
    ) -> str:
        """Start a kernel for a session, or give it the one that waits."""
        name = kwargs.get("kernel_name") or self.default_kernel_name
        if self._is_needed and name == NAME and kernel_id is None and set(kwargs) <= {"kernel_name", "env"}:
            self._is_needed = False  # only one: a second would be memory that nobody asked for
            if spare := await self._claim(path, kwargs.get("env")):
                return spare
            await self._discard()
        return await super()._async_start_kernel(kernel_id=kernel_id, path=path, **kwargs)

    start_kernel = _async_start_kernel

    async def _claim(self, path: str | None, env: dict[str, str] | None) -> str | None:
        if self._spare is None or self._starting is None:
            return None
        await self._starting  # all but there: a second one would not be faster
        spare = self._spare
        if spare is None or spare not in self or _has_own_startup():
            return None
        kernel = self.get_kernel(spare)
        if kernel.kernel_spec.to_dict() != self.kernel_spec_manager.get_kernel_spec(NAME).to_dict():
            return None
        cwd = None if path is None else self.cwd_for_path(path)
        own = {name: value for name, value in (env or {}).items() if os.environ.get(name) != value}
        if not await kernel.is_alive() or not await self._execute(kernel, _becoming(cwd, own)):
            return None
        # A restart makes it anew as it is now.
        arguments = ({} if cwd is None else {"cwd": cwd}) | ({"env": env} if env else {})
        kernel._launch_args.update(arguments)  # noqa: SLF001
        self._spare = None
        self.log.info("Kernel %s, started ahead, has its notebook", spare)
        return spare

    async def _execute(self, kernel: ServerKernelManager, code: str) -> bool:
        """Run code that nobody sees, and say whether it did its work."""
        if not code:
            return True
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        channel = kernel.connect_shell()

        def take(parts: list[bytes]) -> None:
            reply = kernel.session.deserialize(kernel.session.feed_identities(parts)[1])
            if not answer.done():
                answer.set_result(reply["content"].get("status") == "ok")

        channel.on_recv(take)
        try:
            content = {"code": code, "silent": True, "store_history": False, "allow_stdin": False}
            kernel.session.send(channel, "execute_request", content | {"user_expressions": {}})
            return await asyncio.wait_for(answer, _HAND_OVER_S)
        except TimeoutError:
            return False
        finally:
            channel.close()

    async def _discard(self) -> None:
        spare, self._spare = self._spare, None
        if spare is not None and spare in self:
            with suppress(Exception):
                await self.shutdown_kernel(spare, now=True)

    def list_kernels(self) -> list[dict[str, Any]]:
        """List the kernels that are somebody's."""
        return [model for model in super().list_kernels() if model["id"] != self._spare]
