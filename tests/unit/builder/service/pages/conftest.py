"""What a form sends, without a browser and a hub."""

from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import Application

from lectern.builder.service.access import Person
from lectern.builder.service.actions import Actions
from lectern.builder.service.mirrors import Mirrors


@pytest.fixture
def service(repos, tmp_path):
    """Give the parts of the service that need nothing but git; a call of another fails."""
    mirrors = Mirrors(repos, 1_000_000, lambda: ())
    actions = Actions(None, repos, None, None, mirrors, None, tmp_path)
    return SimpleNamespace(repos=repos, mirrors=mirrors, actions=actions)


@pytest.fixture
def post(service):
    """Give a function that sends a form, and gives the answer's status and text."""

    async def send(handler, *words, **fields):
        connection = Mock(context=SimpleNamespace(remote_ip="127.0.0.1", protocol="http"))
        request = HTTPServerRequest(
            start_line=RequestStartLine("POST", "/", "HTTP/1.1"),
            headers=HTTPHeaders({"Host": "lectern"}),
            connection=connection,
        )
        request.body_arguments = {name: [text.encode()] for name, text in fields.items()}
        page = handler(Application(service=service, cookie_secret="secret"), request)
        page._transforms = []  # noqa: SLF001 - as tornado begins each request
        page.person = Person("ada", is_admin=True)
        await page.post(*words)
        start, _, body = connection.write_headers.call_args.args
        return start.code, body.decode()

    return send
