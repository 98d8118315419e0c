"""The service as a web application: git, pages, and a socket for the hook and the command."""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
from jupyterhub.services.auth import HubOAuth, HubOAuthCallbackHandler
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_unix_socket
from tornado.web import Application, RequestHandler

from lectern import names
from lectern.builder.service.access import OPERATOR
from lectern.builder.service.addresses import PREFIX
from lectern.builder.service.git_http import GitHandler
from lectern.builder.service.local import make_local_application
from lectern.builder.service.local_socket import SOCKET
from lectern.builder.service.pages.routes import routes
from lectern.builder.service.service import HUB, Service, make_service
from lectern.errors import LecternError
from lectern.settings import read_settings

if TYPE_CHECKING:
    from tornado.httputil import HTTPServerRequest

_LOOK_EVERY_S = 20
#: What one look may meet, and the next does not: an environment that went, no process or file to be had.
_PASSING = (LecternError, OSError)
_log = logging.getLogger("lectern.builder")


class HealthHandler(RequestHandler):
    """/health: answers while the service runs."""

    def get(self) -> None:
        """Say so."""
        self.finish("ok\n")


def make_application(service: Service) -> Application:
    """Give the application that the proxy leads to."""
    token = service.hub.token
    HubOAuth.instance(
        api_token=token,
        api_url=f"{HUB}/hub/api",
        base_url=f"{PREFIX}/",
        hub_prefix="/hub/",
        oauth_client_id=f"service-{names.SERVICE}",
        oauth_redirect_uri=f"{PREFIX}/oauth_callback",
        access_scopes={f"access:services!service={names.SERVICE}"},
    )
    return Application(
        [
            (f"{PREFIX}/health", HealthHandler),
            (f"{PREFIX}/oauth_callback", HubOAuthCallbackHandler),
            (rf"{PREFIX}/([^/]+)\.git/(.*)", GitHandler),
            *routes(),
        ],
        service=service,
        cookie_secret=token,
        xsrf_cookies=True,
        log_function=_log_request,
    )


def _log_request(handler: RequestHandler) -> None:
    """Log what went wrong, without query strings, headers and bodies: they may hold secrets."""
    request: HTTPServerRequest = handler.request
    if handler.get_status() >= 500:  # noqa: PLR2004 - HTTP: our fault
        _log.error("%s %s: %s", request.method, request.path, handler.get_status())


async def run(service: Service) -> None:
    """Serve until the process is told to end; builds are ended first."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sent in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sent, ended.set)
    SOCKET.parent.mkdir(parents=True, exist_ok=True)
    local = HTTPServer(make_local_application(service))
    local.add_socket(bind_unix_socket(str(SOCKET), mode=0o600))
    public = HTTPServer(make_application(service), xheaders=True)
    public.listen(names.SERVICE_PORT)
    looking = asyncio.create_task(_look_at_mirrors(service))
    _log.info("ready")
    await ended.wait()
    looking.cancel()
    public.stop()
    await service.builds.close()
    local.stop()


async def _look_at_mirrors(service: Service) -> None:
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        try:
            due = await service.mirrors.due(datetime.now(UTC))
        except _PASSING as problem:
            _log.warning("no git address is looked at this time: %s", problem)
            continue
        for name in due:
            try:
                if build := await service.actions.refresh(OPERATOR, name):
                    await build.ended()
            except _PASSING as problem:
                _log.warning("%s", problem)


@click.command()
def serve() -> None:
    """Run the builder's service: git, pages, the queue of builds."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    logging.getLogger("tornado.application").setLevel(logging.WARNING)  # JupyterHub's: cookies at each page
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve())


async def _serve() -> None:
    await run(make_service(read_settings()))
