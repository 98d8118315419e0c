"""What a private host has is installed by a token that shows nowhere."""

import hashlib
import io
import json
import secrets
import subprocess
import zipfile
from urllib.parse import urlsplit

import pytest

from lectern import names
from lectern.builder.credentials import Credentials
from lectern.builder.plan import Step
from tests.support.builder import Builder
from tests.support.private_server import engine_address, private_file, private_repo
from tests.support.stack import docker
from tests.support.step_image import UV, same, say, step_images

PROJECT = """
[project]
name = "quipu"
version = "1.2"
[build-system]
requires = []
build-backend = "own"
backend-path = ["."]
"""
WHEEL = {
    "quipu.py": "knots = 12\n",
    "quipu-1.2.dist-info/METADATA": "Metadata-Version: 2.1\nName: quipu\nVersion: 1.2\n",
    "quipu-1.2.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "quipu-1.2.dist-info/RECORD": "",
}
WHEEL_NAME = "quipu-1.2-py3-none-any.whl"
#: A build backend that needs no other package, so that the test needs no index.
OWN = f"""
import zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(folder + "/{WHEEL_NAME}", "w") as wheel:
        for name, text in {WHEEL!r}.items():
            wheel.writestr(name, text)
    return "{WHEEL_NAME}"
"""
KNOTS = ("/opt/env/bin/python", "-c", "import quipu; print(quipu.knots)")


@pytest.fixture
def token():
    return f"token-{secrets.token_hex(12)}"


def _in_layers(image, text):
    """Say whether any layer of an image holds a text, also one that a later layer hides."""
    with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as saved:
        words = ("grep", "--quiet", "--text", "--fixed-strings", text)
        found = subprocess.run(words, stdin=saved.stdout, check=False)
        saved.kill()
    return found.returncode == 0


def test_a_step_clones_a_private_repo(tmp_path, token):
    kept = Credentials(tmp_path / "kept")
    with (
        private_repo(tmp_path, {"pyproject.toml": PROJECT, "own.py": OWN}, token) as address,
        step_images() as images,
    ):
        kept.put(urlsplit(address).hostname, token)
        commit = (tmp_path / "work/.git/refs/heads").iterdir().__next__().read_text().strip()
        files = {"python.lock": "", "python-direct.lock": f"quipu @ git+{address}@{commit}\n"}
        step = Step("install-python.bash", reads=same(*files, "compile_bytecode.py"), mounts=UV)

        image = images.build(step, files=files, netrc=kept.netrc)

        assert say(image, *KNOTS) == "12"
        assert not _in_layers(image, token)
        assert _in_layers(image, "knots = 12")


def test_a_token_serves_its_environment_and_shows_nowhere(stack, token):
    builder, name = Builder(stack), f"t-{secrets.token_hex(3)}"
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in WHEEL.items():
            archive.writestr(path, text)
    with private_file(engine_address(), WHEEL_NAME, wheel.getvalue(), token) as address:
        digest = hashlib.sha256(wheel.getvalue()).hexdigest()
        repo = builder.repo(name, {"requirements.txt": f"quipu @ {address}#sha256={digest}\n"})
        host = urlsplit(address).hostname
        said = [
            builder.run("build", repo, "--publish"),
            builder.run("env", "secret", "set", name, host, handed=token),
            builder.run("build", repo, "--publish", "--events"),
            builder.run("env", "secret", "list", name, "--json"),
        ]
    try:
        assert [one.status for one in said] == [1, 0, 0, 0], said
        assert json.loads(said[-1].out) == [host]
        image = builder.image(name, names.PUBLISHED)
        assert builder.inside(image, *KNOTS) == "12"
        told = "".join(one.out + one.talk for one in said)
        assert token not in told + docker("history", "--no-trunc", image) + docker("inspect", image)
        assert not _in_layers(image, token)
        # Every lock, log and manifest beside it.
        assert builder.search(token) == [f"/srv/builds/.credentials/{name}/.netrc"]
    finally:
        builder.forget(name)
