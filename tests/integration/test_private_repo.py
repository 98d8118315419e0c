"""A package in a private repo is installed by a token that shows nowhere."""

import json
import secrets
import subprocess
from urllib.parse import urlsplit

import pytest

from lectern import names
from tests.support.builder import Builder
from tests.support.git_server import private_repo
from tests.support.stack import docker

PROJECT = """
[project]
name = "quipu"
version = "1.2"
[build-system]
requires = []
build-backend = "own"
backend-path = ["."]
"""
#: A build backend that needs no other package, so that the test needs no index.
OWN = """
import zipfile
INFO = "quipu-1.2.dist-info"
def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "quipu-1.2-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("quipu.py", "knots = 12\\n")
        wheel.writestr(f"{INFO}/METADATA", "Metadata-Version: 2.1\\nName: quipu\\nVersion: 1.2\\n")
        wheel.writestr(f"{INFO}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{INFO}/RECORD", "")
    return name
"""


@pytest.fixture
def builder(stack):
    return Builder(stack)


@pytest.fixture
def name(builder):
    name = f"t-{secrets.token_hex(3)}"
    yield name
    builder.forget(name)


def test_a_private_package_is_built_in_and_its_token_shows_nowhere(builder, name, tmp_path):
    token = f"token-{secrets.token_hex(12)}"
    files = {"pyproject.toml": PROJECT, "own.py": OWN, "quipu.py": "knots = 12\n"}
    with private_repo(tmp_path, "quipu", files, token) as address:
        repo = builder.repo(name, {"requirements.txt": f"quipu @ git+{address}\n"})
        refused = builder.run("build", repo, "--publish")
        host = urlsplit(address).hostname
        kept = builder.run("env", "secret", "set", name, host, handed=token)
        built = builder.build(repo, "--publish", "--events")

    assert (refused.status, kept.status) == (1, 0)
    assert "does not answer" in refused.talk
    image = builder.image(name, names.PUBLISHED)
    assert "12" in builder.inside(image, "/opt/env/bin/python", "-c", "import quipu; print(quipu.knots)")
    assert json.loads(builder.run("env", "secret", "list", name, "--json").out) == [host]
    said = [
        *(one.out + one.talk for one in (refused, kept, built)),
        docker("history", "--no-trunc", image),
        docker("inspect", image),
    ]
    assert not [text for text in said if token in text]
    # Every layer, also what a later one hides; then every lock, log and manifest.
    layers = subprocess.run(
        f"docker save {image} | grep --count --text --fixed-strings {token}",
        shell=True, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (layers.stdout.strip(), layers.stderr) == ("0", "")
    found = builder.search(token)
    assert found == [f"/srv/builds/.credentials/{name}/.netrc"]
