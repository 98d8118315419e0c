"""The server runs the environment's extensions, and runs on when one is broken."""

import contextlib
import json

import pytest

from tests.support.notebook_image import serving
from tests.support.step_image import notebook_image, run, step_images, written

SITE = "/opt/env/lib/python3.13/site-packages"
GREETER = """
from jupyter_server.base.handlers import APIHandler

class Hello(APIHandler):
    def get(self):
        self.finish({"hello": "class"})

def _jupyter_server_extension_points():
    return [{"module": "greeter"}]

def _load_jupyter_server_extension(app):
    app.web_app.add_handlers(".*$", [(app.base_url + "greeter", Hello)])
"""
FAILING = """
def _jupyter_server_extension_points():
    return [{"module": "failing"}]

def _load_jupyter_server_extension(app):
    raise RuntimeError("no such thing")
"""
NOT_IMPORTABLE = "import package_that_is_not_there"
ENDING = "import os; os._exit(3)"
HANGING = "import time; time.sleep(3600)"


def _server_extension(name: str, code: str, site: str = SITE) -> dict[str, str]:
    enabled = json.dumps({"ServerApp": {"jpserver_extensions": {name: True}}})
    return {
        f"{site}/{name}/__init__.py": code,
        f"/opt/env/etc/jupyter/jupyter_server_config.d/{name}.json": enabled,
    }


LAB_EXTENSION = {
    "/opt/env/share/jupyter/labextensions/greeter/package.json": json.dumps(
        {"name": "greeter", "version": "1.0.0", "jupyterlab": {"_build": {"load": "static/remote.js"}}}
    )
}


@contextlib.contextmanager
def _serving_with(files: dict[str, str]):
    """Give the server of an image that has these files."""
    step, texts = written(files)
    with step_images() as images, serving(images.build(step, files=texts)) as server:
        yield server


@pytest.fixture(scope="module")
def image():
    return notebook_image()


def _terminal_of(server) -> str:
    return server.execute("bash", "-lic", "true")


def test_server_and_lab_extensions_of_the_environment_are_seen():
    with _serving_with(_server_extension("greeter", GREETER) | LAB_EXTENSION) as server:
        assert server.http.get("/greeter").json() == {"hello": "class"}
        assert '"name": "greeter"' in server.http.get("/lab").text
        assert _terminal_of(server) == ""


@pytest.mark.parametrize(
    ("code", "reason"),
    [(FAILING, "RuntimeError: no such thing"), (NOT_IMPORTABLE, "package_that_is_not_there")],
    ids=["fails to load", "cannot be imported"],
)
def test_a_broken_extension_is_left_out_alone_and_a_terminal_says_so(code, reason):
    files = _server_extension("failing", code) | _server_extension("greeter", GREETER)
    with _serving_with(files) as server:
        assert server.http.get("/greeter").status_code == 200
        assert "the extension failing is broken and was left out" in server.log()
        assert reason in _terminal_of(server)


@pytest.mark.parametrize("code", [ENDING, HANGING], ids=["ends the server", "hangs"])
def test_an_extension_that_takes_the_server_down_costs_the_extensions_not_the_server(code):
    files = _server_extension("fatal", code) | _server_extension("greeter", GREETER)
    with _serving_with(files) as server:
        assert server.http.get("/greeter").status_code == 404
        assert "runs without the environment's extensions" in _terminal_of(server)


def test_extensions_for_another_python_are_not_tried():
    files = _server_extension("fatal", ENDING, site="/opt/env/lib/python3.11/site-packages")
    with _serving_with(files) as server:
        assert _terminal_of(server) == ""


def test_nbdime_loads_when_it_is_asked_for(image):
    with serving(image) as server:
        assert "nbdime" not in server.log()
        assert server.http.get("/nbdime/api/isgit").status_code != 404
        assert server.http.get("/no-such-page").status_code == 404


def test_a_server_starts_without_the_hubs_database_layer(image):
    loaded = run(
        image,
        "/opt/jupyter/bin/python",
        "-c",
        "import sys; from workspace_server.lean import lean_imports\n"
        "with lean_imports():\n"
        "    import jupyterhub.singleuser, jupyterlab.labapp\n"
        'print(sorted({"sqlalchemy", "alembic", "httpx", "requests"} & set(sys.modules)))\n'
        'import sqlalchemy, requests; print(sqlalchemy.__version__ > "2", hasattr(requests, "get"))',
    ).decode()

    assert loaded.splitlines() == ["[]", "True True"]


def test_the_status_line_knows_the_memory_limit(image):
    with serving(image) as server:
        limits = server.http.get("/api/metrics/v1").json()["limits"]

        assert limits["memory"]["rss"] == 536870912
