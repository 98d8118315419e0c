"""/opt/env in a container from the notebook image: Python, releases, sources, git; the same each time."""

import hashlib
import json
import platform
import shlex
import shutil
import subprocess

import pytest

from lectern.builder.declaration import Declaration
from lectern.builder.declare.items import Requirement
from lectern.builder.resolve.fast import translate
from lectern.builder.resolve.python_lock import lock_requirements
from lectern.builder.step_files import STEPS
from tests.support.package_index import PackageIndex, served, wheel
from tests.support.stack import docker
from tests.support.step_image import LABEL, STATE, notebook_image

#: Debian 12's Python, repacked as uv's builds are: the folder python/ with bin and lib.
REPACK = """
set -e
sed 's/trixie/bookworm/g' /etc/apt/sources.list.d/debian.sources > /tmp/bookworm.sources
mv /tmp/bookworm.sources /etc/apt/sources.list.d/debian.sources && apt-get -qq update
cd /tmp && apt-get -qq download python3.11-minimal libpython3.11-minimal libpython3.11-stdlib >/dev/null
for package in *.deb; do dpkg-deb -x "$package" root; done
mkdir -p python/bin && mv root/usr/lib python/lib && cp root/usr/bin/python3.11 python/bin/
find python -lname '/*' -delete
ln -s python3.11 python/bin/python3 && ln -s python3.11 python/bin/python
tar --create --gzip --file /tmp/python.tar.gz python
"""


@pytest.fixture(scope="module")
def builds(tmp_path_factory):
    """Serve a build of Python 3.11 and the list that names it, as uv reads both."""
    folder = tmp_path_factory.mktemp("python")
    container = docker("create", "--label", LABEL, "--user", "root", notebook_image(), "bash", "-c", REPACK)
    try:
        docker("start", "--attach", container)
        docker("cp", f"{container}:/tmp/python.tar.gz", str(folder))
    finally:
        docker("rm", "--force", container)
    with served(folder) as server:
        _write_list(folder / "list.json", server.url, _sha256(folder / "python.tar.gz"))
        _write_list(folder / "wrong.json", server.url, "0" * 64)
        yield server.url


def _sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_list(path, url, digest):
    build = {
        "name": "cpython", "arch": {"family": platform.machine(), "variant": None},
        "os": "linux", "libc": "gnu",
        "major": 3, "minor": 11, "patch": 2, "prerelease": "", "variant": None, "build": "20230206",
        "url": f"{url}/python.tar.gz", "sha256": digest,
    }  # fmt: skip
    path.write_text(json.dumps({f"cpython-3.11.2-linux-{platform.machine()}-gnu": build}), encoding="utf-8")


@pytest.fixture
def index():
    served_index = PackageIndex()
    served_index.add("apple", "1.0")
    yield served_index
    served_index.close()


def _install(folder, index, *arguments, also="true", then="true"):
    """Run the step in a throw-away container, then a command of root's and one of a participant's."""
    lock = folder / "python.lock"
    if not lock.exists():
        lock.write_text(f"apple==1.0 --hash=sha256:{index.sha256('apple-1.0-py3-none-any.whl')}\n")
    copy = "cp /steps/install-python.bash /steps/compile_bytecode.py /lock/*.lock /tmp"
    install = f'{copy} && bash /tmp/install-python.bash "$@"'
    return subprocess.run(
        [
            *("docker", "run", "--rm", "--label", LABEL, "--user", "root", "--network", "host"),
            *("--env", f"UV_DEFAULT_INDEX={index.url}", "--env", "UV_HTTP_RETRIES=0"),
            *("--volume", f"{STEPS}:/steps:ro", "--volume", f"{folder}:/lock:ro"),
            *(
                notebook_image(),
                "bash",
                "-c",
                f"{install} && {also} && su jovyan -c {shlex.quote(then)}",
                "step",
            ),
            *arguments,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture
def lock_folder(request):
    """Give a folder that the engine sees under the same path."""
    folder = STATE / "test-other-python" / request.node.name
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    shutil.rmtree(folder)


#: `cmd` is a module that no start of Python imports: its bytecode was there before anybody ran anything.
SHOW = (
    "/opt/env/bin/python -c 'import os, sys, apple, cmd; "
    "print(sys.version_info[:2], apple.VALUE, *map(os.path.isfile, (apple.__cached__, cmd.__cached__)))'"
)
DIGEST = (
    "cd /opt/env && find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum; "
    "find . -name 'apple*.pyc' | wc -l"
)


def test_a_downloaded_python_runs_as_a_participant_with_its_bytecode(builds, index, lock_folder):
    done = _install(lock_folder, index, "3.11", "--downloads", f"{builds}/list.json", then=SHOW)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("(3, 11) 42 True True")


def test_debians_own_python_is_taken_without_a_download(index, lock_folder):
    done = _install(lock_folder, index, "3.13", "--downloads", "http://127.0.0.1:9/list.json", then=SHOW)

    assert done.stdout.startswith("(3, 13) 42 "), done.stderr


def test_two_builds_are_the_same_to_the_byte(index, lock_folder):
    first, second = (_install(lock_folder, index, then=DIGEST) for _ in range(2))

    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    assert first.stdout.split()[-1] == "1"


def test_a_build_with_another_hash_is_refused(builds, index, lock_folder):
    done = _install(lock_folder, index, "3.11", "--downloads", f"{builds}/wrong.json")

    assert done.returncode == 1
    assert "hash mismatch" in done.stderr.lower()
    assert "Python 3.11 could not be downloaded" in done.stderr


def test_a_host_that_does_not_answer_is_said_with_the_way_out(index, lock_folder):
    done = _install(lock_folder, index, "3.11", "--mirror", "http://127.0.0.1:9")

    assert done.returncode == 1
    assert "error: Python 3.11 could not be downloaded" in done.stderr
    assert "hint: set LECTERN_PYTHON_MIRROR" in done.stderr


def _publish_repository(folder):
    """Make a git repository that a server of files can serve, and give its folder."""
    work, bare = folder / "work", folder / "site" / "fig.git"
    work.mkdir()
    for name, text in _project("fig").items():
        (work / name).write_text(text, encoding="utf-8")
    git = ("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C")
    for words in (
        ("init", "--quiet", "--initial-branch", "main"),
        ("add", "."),
        ("commit", "--quiet", "-m", "x"),
    ):
        subprocess.run([*git, str(work), *words], check=True)
    subprocess.run([*git, str(folder), "clone", "--quiet", "--bare", str(work), str(bare)], check=True)
    subprocess.run([*git, str(bare), "update-server-info"], check=True)
    return folder / "site"


def _project(name):
    """Give the files of a project that builds itself, with no tool from elsewhere."""
    return {
        "pyproject.toml": f'[project]\nname = "{name}"\nversion = "1.0"\n'
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "backend.py": f"""
import zipfile

def build_wheel(folder, settings=None, metadata=None):
    info = "{name}-1.0.dist-info"
    files = {{
        "{name}.py": "VALUE = 43",
        f"{{info}}/METADATA": "Metadata-Version: 2.2\\nName: {name}\\nVersion: 1.0\\n",
        f"{{info}}/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }}
    files[f"{{info}}/RECORD"] = "".join(f"{{path}},,\\n" for path in [*files, f"{{info}}/RECORD"])
    with zipfile.ZipFile(f"{{folder}}/{name}-1.0-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return "{name}-1.0-py3-none-any.whl"

build_editable = build_wheel
""",
    }


def test_what_was_locked_is_installed_from_wheels_sources_addresses_and_git(
    index, lock_folder, tmp_path, monkeypatch
):
    monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
    index.add("ipykernel", "7.0")
    index.add_source("pear", "1.0", _project("pear"))
    content = wheel("plum", "1.0")
    site = _publish_repository(tmp_path)
    (site / "plum-1.0-py3-none-any.whl").write_bytes(content)
    with served(site) as server:
        lines = (
            "apple",
            "pear",
            f"plum @ {server.url}/plum-1.0-py3-none-any.whl#sha256={hashlib.sha256(content).hexdigest()}",
            f"git+{server.url}/fig.git@main#egg=fig",
        )
        requirements = tuple(Requirement(line, f"r.txt:{number}") for number, line in enumerate(lines, 1))
        lock = lock_requirements(translate(Declaration(requirements=requirements)), tmp_path / "cache")
        (lock_folder / "python.lock").write_text(lock.requirements, encoding="utf-8")
        (lock_folder / "python-direct.lock").write_text(lock.direct, encoding="utf-8")
        show = "import apple, pear, plum, fig; print(apple.VALUE, pear.VALUE, plum.VALUE, fig.VALUE)"
        done = _install(lock_folder, index, then=f"/opt/env/bin/python -c '{show}'")

    assert done.stdout == "42 43 42 43\n", done.stderr


def test_the_repos_own_project_is_installed_after_its_files_came_in(index, lock_folder):
    own = lock_folder / "own"
    own.mkdir()
    for name, text in _project("own").items():
        (own / name).write_text(text, encoding="utf-8")

    done = _install(
        lock_folder,
        index,
        also="cp -r /lock/own /srv/own && bash /steps/install-local.bash /srv/own",
        then="/opt/env/bin/python -c 'import apple, own; print(apple.VALUE, own.VALUE)'",
    )

    assert done.stdout == "42 43\n", done.stderr
