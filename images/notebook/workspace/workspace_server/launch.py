"""Start the participant's server: lean, and never kept from it by an extension of the environment."""

from __future__ import annotations

import gc
import os
import select
import signal
import sys
from contextlib import suppress

from workspace_server import extensions
from workspace_server.lean import lean_imports

#: An environment's extensions may take this long; then the server starts without them.
_PATIENCE_S = 20


def main() -> None:
    """Be the server, with the environment's extensions if it starts with them."""
    extensions.NOTICES.unlink(missing_ok=True)
    if names := extensions.declared():
        _start_with(names)
    else:
        _serve(ready=None)


def _start_with(names: list[str]) -> None:
    """Try with the extensions in a child; when that ends or hangs before it serves, be the server without."""
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(readable)
        extensions.take()
        _serve(ready=writable)
        sys.exit()
    os.close(writable)
    # With the child's end of the pipe, an early death is heard at once.
    is_ready = select.select([readable], [], [], _PATIENCE_S)[0] and os.read(readable, 1)
    os.close(readable)
    if is_ready:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, _: _send(child, number))
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    _send(child, signal.SIGKILL)
    os.waitpid(child, 0)
    extensions.notice(
        f"the server did not start with {', '.join(names)}: it runs without the environment's extensions"
    )
    _serve(ready=None)


def _send(process: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, number)


def _serve(*, ready: int | None) -> None:
    gc.disable()  # nearly all that the imports make stays
    with lean_imports():
        from jupyter_server.serverapp import ServerApp

        is_in_class = "JUPYTERHUB_SERVICE_URL" in os.environ
        if is_in_class:
            from jupyterhub.singleuser import main as serve
        else:
            from jupyterlab.labapp import main as serve
        # Both would be imported later, with all that they would like to have.
        import jupyterlab.handlers.announcements
        import jupyterlab.labapp  # noqa: F401
    _after_start(ServerApp, ready)
    serve()


def _after_start(application: type, ready: int | None) -> None:
    from workspace_server import lazy_extensions, twins
    from workspace_server.spare_kernel import SpareKernelManager

    find, load, start = (
        application.init_server_extensions,
        application.load_server_extensions,
        application.start,
    )

    def find_all(self):
        self.log.addHandler(extensions.BrokenExtensions())
        find(self)

    def load_all(self):
        load(self)
        lazy_extensions.install(self)
        twins.install()

    def start_ready(self):
        gc.freeze()
        gc.enable()
        if ready is not None:
            os.write(ready, b"1")
        if isinstance(self.kernel_manager, SpareKernelManager):  # a participant may choose another
            self.io_loop.add_callback(self.kernel_manager.start_spare_when_quiet)
        start(self)

    application.init_server_extensions = find_all
    application.load_server_extensions = load_all
    application.start = start_ready
