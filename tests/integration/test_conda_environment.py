"""An environment by the conda resolver: solved, locked, built on the notebook image, used by its kernel."""

import json
import os

import pytest

from lectern import names
from lectern.builder.plan import Step
from lectern.builder.resolve.conda import Asked, Question, conda_platform, lock_conda
from lectern.builder.resolve.pip_on_conda import lock_pip
from tests.support.conda_channel import MINOR, client_settings, real_channel, served
from tests.support.step_image import UV, NotBuiltError, same, say, step_images

CACHES = (*UV, "--mount=type=cache,id=lectern-conda-tests,target=/root/.cache/rattler")
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


@pytest.fixture(scope="module")
def locks(tmp_path_factory):
    """Resolve against the real channel and keep it served: its address, conda's lock, pip's lock."""
    cache = tmp_path_factory.mktemp("cache")
    with served(real_channel()) as address, pytest.MonkeyPatch.context() as environment:
        if client_settings():
            environment.setenv("UV_CONFIG_FILE", str(client_settings()))
        specs = (f"python ={MINOR}", "numpy", "pandas >=2", "map-data", "fonts-like")
        question = Question(
            [Asked(spec, f"environment.yml:{line}") for line, spec in enumerate(specs, 4)],
            ["conda-forge"],
            mirror=address,
            platform=conda_platform(os.uname().machine),
            cache=cache / "conda",
            with_python=True,
        )
        conda = lock_conda(question)
        pip = lock_pip([("numpy-financial", "environment.yml:10")], conda, cache=cache / "uv")
        yield address, conda, pip


@pytest.fixture(scope="module")
def build(locks):
    """Give a function that builds an image of the locks."""
    address, conda, pip = locks
    reads = same("install_conda.py", "conda-installer.lock", "conda.lock", "pip.lock")
    step = Step("install-conda.bash", (address,), reads, CACHES)
    with step_images() as images:

        def build(pip=pip, **more):
            return images.build(step, files={"conda.lock": conda.text, "pip.lock": pip}, **more)

        yield build


@pytest.fixture(scope="module")
def image(build):
    return build()


def test_a_cell_runs_on_conda_s_packages_and_those_of_pip(image, locks):
    _, conda, _ = locks
    said = json.loads(say(image, "/opt/jupyter/bin/python", "-c", RUN_CELL))

    assert f"numpy=={said.pop('numpy')}" in conda.python_packages
    assert said == {"prefix": "/opt/env", "sum": 6, "irr": 0.1, "map": "blue"}


def test_pip_adds_only_what_conda_does_not_have(locks):
    _, conda, pip = locks

    assert [line.split("==")[0] for line in pip.splitlines() if "==" in line] == ["numpy-financial"]
    assert any(package.startswith("numpy=") for package in conda.packages)


def test_the_installer_is_not_in_the_image(image):
    found = say(
        image,
        "sh",
        "-c",
        "find / -xdev -iname '*rattler*' 2>/dev/null; ls -A /tmp",
        options=("--user", "root"),
    )

    # The mount points of the caches stay, as empty folders.
    assert set(found.split()) <= {"/root/.cache/rattler"}


def test_every_kernel_names_its_program_in_full(image):
    specs = say(image, "sh", "-c", "cat /opt/env/share/jupyter/kernels/*/kernel.json")

    assert json.loads(specs)["argv"][0] == "/opt/env/bin/python"


def test_terminals_have_the_variables_too(image):
    assert say(image, "bash", "-lc", "echo $MAP_DATA") == "/opt/env/share/map-data"


def test_participants_can_read_what_is_installed(image, locks):
    _, conda, _ = locks
    records = say(image, "sh", "-c", "cat /opt/env/conda-meta/*.json")

    assert records.count('"sha256": ') >= len(conda.packages)


def test_scripts_after_linking_have_run(image):
    assert say(image, "cat", "/opt/env/fonts.cache") == "linked"


def test_a_second_build_gives_the_same_bytes(image, build):
    again = build(is_anew=True)

    one, two = (
        {*say(tag, "bash", "-c", BYTES, options=("--user", "root")).splitlines()} for tag in (image, again)
    )
    assert one ^ two == set()


def test_bytecode_is_valid_whatever_the_files_times_are(image):
    assert say(image, "/opt/env/bin/python", "-c", COMPILED_BY_CONTENT) == "True True"


def test_a_project_of_the_repo_is_installed_among_conda_s_packages(build):
    setup = "from setuptools import setup\nsetup(name='ours', py_modules=['ours'])\n"
    image = build(
        repo={"setup.py": setup, "ours.py": "import numpy\n"},
        final_steps=(Step("install-local.bash", (names.REPO,), mounts=UV),),
    )

    found = say(image, "/opt/env/bin/python", "-c", "import ours; print(ours.__file__)")
    assert found == f"{names.REPO}/ours.py"


def test_pip_never_replaces_what_conda_has(image, build):
    # On the image that has all of conda's packages already.
    with pytest.raises(NotBuiltError, match="would replace packages of conda"):
        build(f"comm==0.2.2 --hash=sha256:{COMM_0_2_2}\n", parent=image)
