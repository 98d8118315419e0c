"""An environment by the conda resolver: solved, locked, built on the notebook image, used by its kernel."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lectern import names
from lectern.builder.resolve.conda import Asked, conda_platform, lock_conda
from lectern.builder.resolve.pip_on_conda import lock_pip
from tests.support.conda_channel import MINOR, client_settings, real_channel, served
from tests.support.stack import ROOT, docker

PROJECT = f"lectern-conda-{os.getpid()}"
STEPS = ROOT / "lectern" / "builder" / "steps"
DOCKERFILE = """
FROM {base}
USER root
RUN --mount=type=bind,target=/srv/build \\
    --mount=type=cache,id=lectern-uv,target=/root/.cache/uv \\
    --mount=type=cache,id=lectern-conda-tests,target=/root/.cache/rattler \\
    --mount=type=secret,id=uv,target=/etc/uv/uv.toml \\
    bash /srv/build/install-conda.bash {channels}
USER jovyan
"""
COMM_0_2_2 = "e6fb86cb70ff661ee8c9c14e7d36d6de3b4066f1441be4063df9c5009f0a64d3"
CELL = """
import json, os, sys
import numpy, numpy_financial, pandas
print(json.dumps({
    "prefix": sys.prefix,
    "numpy": numpy.__version__,
    "sum": int(pandas.DataFrame({"a": numpy.arange(4)}).a.sum()),
    "irr": round(float(numpy_financial.irr([-100, 110])), 3),
    "map": open(os.environ["MAP_DATA"] + "/sea.txt").read().strip(),
}))
"""
RUN_CELL = f"""
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3", startup_timeout=60)
reply = client.execute_interactive({CELL!r}, timeout=60)
manager.shutdown_kernel(now=True)
assert reply["content"]["status"] == "ok", reply["content"]
"""
BYTES = """
cd /opt/env && find . -type f -exec sha256sum {} + && find . -type l -printf '%l %p\\n'
"""


COMPILED_BY_CONTENT = """
from pathlib import Path
compiled = [path.read_bytes()[4:8] for path in Path("/opt/env/lib").rglob("*.pyc")]
print(len(compiled) > 500, set(compiled) == {b"\\1\\0\\0\\0"})
"""


def _notebook_image():
    subprocess.run([str(ROOT / "scripts" / "build-images"), "notebook"], check=True, capture_output=True)
    state = Path(os.environ.get("LECTERN_STATE", ROOT / ".lectern"))
    tags = dict(line.split("=", 1) for line in (state / "images.env").read_text().splitlines())
    return f"lectern/notebook:{tags['NOTEBOOK_TAG']}"


def _build(context, *options, tag):
    secret = client_settings()
    return subprocess.run(
        [
            *("docker", "build", "--progress", "plain", "--network", "host", "--tag", tag),
            *("--label", f"{names.PROJECT}={PROJECT}"),
            *(("--secret", f"id=uv,src={secret}") if secret else ()),
            *options,
            str(context),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def locks(tmp_path_factory):
    """Resolve against the real channel and keep it served: its address, conda's lock, pip's lock."""
    cache = tmp_path_factory.mktemp("cache")
    with served(real_channel()) as address, pytest.MonkeyPatch.context() as environment:
        if client_settings():
            environment.setenv("UV_CONFIG_FILE", str(client_settings()))
        specs = (f"python ={MINOR}", "numpy", "pandas >=2", "map-data", "fonts-like")
        conda = lock_conda(
            [Asked(spec, f"environment.yml:{line}") for line, spec in enumerate(specs, 4)],
            ["conda-forge"],
            mirror=address,
            platform=conda_platform(os.uname().machine),
            cache=cache / "conda",
            with_python=True,
        )
        pip = lock_pip([("numpy-financial", "environment.yml:10")], conda, cache=cache / "uv")
        yield address, conda, pip


@pytest.fixture(scope="module")
def context(locks, tmp_path_factory):
    address, conda, pip = locks
    folder = tmp_path_factory.mktemp("context")
    for name in ("install-conda.bash", "install_conda.py", "conda-installer.lock"):
        shutil.copy(STEPS / name, folder)
    (folder / "conda.lock").write_text(conda.text)
    (folder / "pip.lock").write_text(pip)
    (folder / "Dockerfile").write_text(DOCKERFILE.format(base=_notebook_image(), channels=address))
    return folder


@pytest.fixture(scope="module")
def image(context):
    tag = f"{PROJECT}/env/conda:one"
    done = _build(context, tag=tag)
    assert done.returncode == 0, done.stderr
    yield tag
    for built in docker("images", "--quiet", "--filter", f"label={names.PROJECT}={PROJECT}").split():
        docker("rmi", "--force", built, check=False)


def _in(image, *words, user="jovyan"):
    return docker(
        *("run", "--rm", "--network", "none", "--user", user, "--label", f"{names.PROJECT}={PROJECT}"),
        image,
        *words,
    )


def test_a_cell_runs_on_conda_s_packages_and_those_of_pip(image, locks):
    _, conda, _ = locks
    said = json.loads(_in(image, "/opt/jupyter/bin/python", "-c", RUN_CELL))

    assert f"numpy=={said.pop('numpy')}" in conda.python_packages
    assert said == {"prefix": "/opt/env", "sum": 6, "irr": 0.1, "map": "blue"}


def test_pip_adds_only_what_conda_does_not_have(locks):
    _, conda, pip = locks

    assert [line.split("==")[0] for line in pip.splitlines() if "==" in line] == ["numpy-financial"]
    assert any(package.startswith("numpy=") for package in conda.packages)


def test_the_installer_is_not_in_the_image(image):
    found = _in(image, "sh", "-c", "find / -xdev -iname '*rattler*' 2>/dev/null; ls -A /tmp", user="root")

    # The mount points of the caches stay, as empty folders.
    assert set(found.split()) <= {"/root/.cache/rattler"}


def test_every_kernel_names_its_program_in_full(image):
    specs = _in(image, "sh", "-c", "cat /opt/env/share/jupyter/kernels/*/kernel.json")

    assert json.loads(specs)["argv"][0] == "/opt/env/bin/python"


def test_terminals_have_the_variables_too(image):
    assert _in(image, "bash", "-lc", "echo $MAP_DATA") == "/opt/env/share/map-data"


def test_participants_can_read_what_is_installed(image, locks):
    _, conda, _ = locks
    records = _in(image, "sh", "-c", "cat /opt/env/conda-meta/*.json")

    assert records.count('"sha256": ') >= len(conda.packages)


def test_scripts_after_linking_have_run(image):
    assert _in(image, "cat", "/opt/env/fonts.cache") == "linked"


def test_a_second_build_gives_the_same_bytes(image, context):
    again = f"{PROJECT}/env/conda:two"
    done = _build(context, "--no-cache", tag=again)

    assert done.returncode == 0, done.stderr
    one, two = ({*_in(tag, "bash", "-c", BYTES, user="root").splitlines()} for tag in (image, again))
    assert one ^ two == set()


def test_bytecode_is_valid_whatever_the_files_times_are(image):
    assert _in(image, "/opt/env/bin/python", "-c", COMPILED_BY_CONTENT) == "True True"


def test_pip_never_replaces_what_conda_has(image, locks, context, tmp_path):
    other = shutil.copytree(context, tmp_path / "context")
    # On the image that has all of conda's packages already.
    (other / "Dockerfile").write_text(DOCKERFILE.format(base=image, channels=locks[0]))
    (other / "pip.lock").write_text(f"comm==0.2.2 --hash=sha256:{COMM_0_2_2}\n")
    done = _build(other, tag=f"{PROJECT}/env/conda:refused")

    assert done.returncode
    assert "would replace packages of conda" in done.stderr
