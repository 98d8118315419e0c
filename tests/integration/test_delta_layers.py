"""A changed lock on top of a built one: a thin layer, and an /opt/env like that of a new build."""

import pytest

from lectern.builder.declaration import Declaration
from lectern.builder.declare.items import Requirement
from lectern.builder.delta import next_chain
from lectern.builder.plan import Step
from lectern.builder.resolve.fast import translate
from lectern.builder.resolve.python_lock import lock_requirements
from lectern.builder.resolve.python_version import OWN
from tests.support.conda_channel import client_settings
from tests.support.stack import docker
from tests.support.step_image import UV, say, step_images

#: typing_extensions and mypy_extensions are single modules: their bytecode shares a folder with others'.
FIRST = ("ipykernel", "jsonschema==4.24.0", "typing-extensions==4.14.0", "mypy-extensions==1.1.0")
ADDED = (*FIRST, "humanize==4.12.3")
UPGRADED = ("ipykernel", "jsonschema==4.25.1", "typing-extensions==4.15.0", "mypy-extensions==1.1.0")
REMOVED = ("ipykernel", "typing-extensions==4.14.0")

DIGESTS = r"""
import hashlib, os, stat
for folder, folders, files in os.walk("/opt/env"):
    for name in (*folders, *files):
        path = os.path.join(folder, name)
        about = os.lstat(path)
        what = "folder"
        if stat.S_ISLNK(about.st_mode):
            what = os.readlink(path)
        elif stat.S_ISREG(about.st_mode):
            what = hashlib.sha256(open(path, "rb").read()).hexdigest()
        print(path, stat.filemode(about.st_mode), about.st_uid, about.st_gid, what)
"""


@pytest.fixture(scope="module")
def images():
    with step_images() as images:
        yield images


@pytest.fixture(scope="module")
def lock(tmp_path_factory):
    """Give a function that locks requirements as the product does."""
    cache = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as environment:
        if client_settings():
            environment.setenv("UV_CONFIG_FILE", str(client_settings()))

        def lock(lines):
            asked = tuple(Requirement(line, f"r.txt:{number}") for number, line in enumerate(lines, 1))
            locked = lock_requirements(translate(Declaration(requirements=asked)), cache)
            assert locked.python == OWN
            return locked.requirements

        yield lock


def _build(images, chain, *, is_anew=False):
    files = {f"python-{number}.lock": text for number, text in enumerate(chain)}
    steps = (
        Step(
            "install-python.bash",
            (OWN,),
            reads=(("python.lock", name), ("compile_bytecode.py", "compile_bytecode.py")),
            mounts=UV,
        )
        for name in files
    )
    return images.build(*steps, files=files, is_anew=is_anew)


def _digests(image):
    return set(say(image, "/usr/bin/python3", "-c", DIGESTS, options=("--user", "root")).splitlines())


def _last_layers_bytes(image):
    sizes = docker(
        "history", "--no-trunc", "--human=false", "--format", "{{.Size}} {{.CreatedBy}}", image
    ).splitlines()
    return next(int(line.split()[0]) for line in sizes if "install-python.bash" in line)


@pytest.mark.parametrize("changed", [ADDED, UPGRADED, REMOVED], ids=["added", "upgraded", "removed"])
def test_a_change_on_top_of_a_build_ends_like_a_new_build(images, lock, changed):
    before, after = lock(FIRST), lock(changed)
    chain = next_chain((before,), after)
    assert chain == (before, after)

    grown = _build(images, chain)
    new = _build(images, (after,), is_anew=True)

    assert _digests(grown) ^ _digests(new) == set()
    assert _last_layers_bytes(grown) < 20_000_000 < _last_layers_bytes(new)


def test_a_package_that_went_and_came_back_is_as_it_was(images, lock):
    chain = (lock(ADDED), lock(FIRST), lock(ADDED))

    assert _digests(_build(images, chain)) ^ _digests(_build(images, chain[:1])) == set()
