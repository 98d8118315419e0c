"""What a browser keeps."""

import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from lectern.web import assets


@pytest.fixture
async def address():
    listening, port = bind_unused_port(address="127.0.0.1")
    server = HTTPServer(Application([(f"/lectern/{assets.PATTERN}", assets.AssetHandler)]))
    server.add_socket(listening)
    yield f"http://127.0.0.1:{port}"
    server.stop()
    await server.close_all_connections()


async def test_a_file_asked_for_with_its_hash_is_kept_for_years(address):
    wanted = assets.addresses("/lectern/")["style.css"]

    answer = await AsyncHTTPClient().fetch(address + wanted)

    assert "max-age=315360000" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Type"] == "text/css"


async def test_code_beside_the_files_is_not_given_out(address):
    for name in ("assets.py", "locale/de/entry.po", "../names.py", ""):
        answer = await AsyncHTTPClient().fetch(f"{address}/lectern/{name}", raise_error=False)

        assert answer.code == 404
