"""Server extensions that load at the first request for them: nbdime brings git, a tenth of a start."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tornado.routing import Matcher, Rule

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp
    from tornado.httputil import HTTPServerRequest

#: Path below the server's address -> extension module.
LAZY = {"nbdime": "nbdime"}


class _FirstRequest(Matcher):
    """Matches nothing; at the first request below a path, the extension adds its own handlers."""

    def __init__(self, path: str, module: str, app: ServerApp) -> None:
        self._path, self._module, self._app = path, module, app
        self._is_loaded = False

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        if not self._is_loaded and request.path.startswith(self._path):
            self._is_loaded = True
            # Its rules go behind this one, where the router looks next.
            importlib.import_module(self._module)._load_jupyter_server_extension(self._app)  # noqa: SLF001
        return None


def install(app: ServerApp) -> None:
    """Have each lazy extension load itself when it is asked for."""
    for path, module in LAZY.items():
        first = _FirstRequest(f"{app.base_url}{path}", module, app)
        app.web_app.default_router.rules.insert(0, Rule(first, None))
