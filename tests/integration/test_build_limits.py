"""A step of a build that takes too much is ended, all of it, with a sentence that names the limit."""

import json
from dataclasses import replace

import pytest

from lectern.builder.limits import excess
from lectern.builder.plan import Step
from tests.support.builder import Builder
from tests.support.step_image import AMPLE, NotBuiltError, say, step_images

SMALL = replace(AMPLE, memory_bytes=300 << 20, disk_bytes=300 << 20, log_bytes=1 << 20, processes=300)
PYTHON = "/opt/jupyter/bin/python -c '{}'"
FORK_BOMB = "bomb() { bomb | bomb & }; bomb; sleep 3600"
AS_NOBODY = "setpriv --reuid 1001 --clear-groups "


@pytest.fixture(scope="module")
def images():
    with step_images() as images:
        yield images


@pytest.fixture(scope="module")
def ended(images):
    """Give a function that builds with a step that must exceed a limit, and gives the error."""

    def build(script, limits=SMALL):
        with pytest.raises(NotBuiltError) as caught:
            images.build(Step("hog.bash"), files={"hog.bash": script}, limits=limits)
        error = excess(str(caught.value))
        assert error, str(caught.value)
        return error

    return build


@pytest.mark.parametrize(
    "script",
    [
        PYTHON.format("held = [bytearray(1 << 20) for _ in range(2000)]; input()"),
        # As many processes as it takes, none of which needs much.
        "for n in $(seq 40); do "
        + PYTHON.format("held = bytearray(20 << 20); input()")
        + " < <(sleep 99) & done; wait",
        # Memory that no process has mapped.
        PYTHON.format('import os; os.write(os.memfd_create("x"), bytes(1 << 30)); input()'),
    ],
    ids=["one process", "many processes", "no process"],
)
def test_a_step_that_needs_too_much_memory_is_ended(ended, script):
    error = ended(script)

    assert (error.where, error.what) == ("step hog", "needs more than 300 MB of memory")
    assert "LECTERN_BUILD_MEMORY" in error.hint


@pytest.mark.parametrize("user", ["", AS_NOBODY], ids=["root", "nobody"])
def test_a_step_that_forks_without_end_is_ended(ended, user):
    error = ended(f"{user}bash -c '{FORK_BOMB}'")

    assert error.what == "began more than 300 processes"


@pytest.mark.parametrize(
    "script",
    ["head -c 2G /dev/urandom >/srv/large", "fallocate -l 2G /srv/large; sleep 99"],
    ids=["written", "claimed at once"],
)
def test_a_step_that_writes_too_much_is_ended(ended, script):
    error = ended(script)

    assert error.what == "wrote more than 300 MB to the disk"
    assert "LECTERN_BUILD_DISK" in error.hint


def test_a_step_that_fills_the_disk_is_ended(ended):
    error = ended("true; sleep 99", replace(SMALL, free_disk_bytes=1 << 60))

    assert "of the machine's disk" in error.what


def test_a_step_that_floods_the_log_is_ended(ended):
    error = ended("yes", SMALL)

    assert error.what == "wrote more than 1 MB into the log"


def test_a_step_cannot_end_or_change_what_holds_it(ended):
    tamper = (
        "kill -KILL 1; kill -STOP 1; kill -TERM 1\n"
        "head -c 1 /proc/1/mem && exit 0\n"
        "renice -n -5 $$ 2>/dev/null && exit 0\n"
    )

    error = ended(tamper + "head -c 2G /dev/urandom >/srv/large")

    assert error.what == "wrote more than 300 MB to the disk"


def test_a_step_within_its_limits_gives_output_and_status_as_without(images):
    with pytest.raises(NotBuiltError) as caught:
        images.build(
            Step("ends.bash"),
            files={"ends.bash": "echo said; echo complained >&2; head -c 300 /dev/urandom; exit 7\n"},
        )

    assert " said\n" in str(caught.value)
    assert " complained\n" in str(caught.value)
    assert "exit code: 7" in str(caught.value)


def test_what_a_step_leaves_running_neither_holds_it_up_nor_lives_on(images):
    image = images.build(
        Step("leaves.bash"), files={"leaves.bash": "(setsid sleep 3600 &) ; echo done >/srv/left\n"}
    )

    assert say(image, "cat", "/srv/left") == "done"


# --- by `lectern build` -------------------------------------------------------------------------

PYTHON = {"requirements.txt": "tabulate==0.9.0\n"}
START = "#!/bin/bash\nset -e\n"
HEADER = "---\njupyter:\n  kernelspec:\n    name: python3\n    display_name: python3\n---\n\n"
PROJECT = """
[project]
name = "hog"
version = "1"
[build-system]
requires = []
build-backend = "own"
backend-path = ["."]
"""
HOG = "def build_editable(*_):\n    held = [bytearray(1 << 20) for _ in range(5000)]\n"
TOO_MUCH = {
    "a package's own build, which is root": (
        {
            "requirements.txt": "tabulate==0.9.0\n-e ./hog\n",
            "hog/pyproject.toml": PROJECT,
            "hog/own.py": HOG,
        },
        "step install local: needs more than 500 MB of memory",
    ),
    "postBuild": (
        {"postBuild": START + FORK_BOMB + "\n"},
        "postBuild: began more than 2000 processes",
    ),
    # The step is ended, or the whole build: whichever is noticed first.
    "a log": ({"postBuild": START + "yes\n"}, " into "),
    "the check": (
        {"check.md": HEADER + "```python\nopen('/tmp/large', 'wb').write(bytes(2 << 30))\n```\n"},
        "the trial: wrote more than 200 MB to the disk",
    ),
}


@pytest.fixture(scope="module")
def builder(stack):
    return Builder(
        stack, LECTERN_BUILD_MEMORY="500 MB", LECTERN_BUILD_DISK="200 MB", LECTERN_BUILD_LOG_MB="1"
    )


@pytest.mark.parametrize("what", TOO_MUCH)
def test_a_build_that_takes_too_much_names_the_limit_and_publishes_nothing(builder, published, what):
    before = builder.releases(published)
    files, sentence = TOO_MUCH[what]

    said = builder.run("build", builder.repo(published, PYTHON | files), "--publish", "--events")

    error = json.loads(said.out.splitlines()[-1])
    assert (said.status, error["kind"]) == (1, "error")
    assert sentence in f"{error['where']}: {error['text']}", error
    assert error["hint"]
    assert builder.releases(published) == before
    assert not [tag for tag in builder.tags(published) if tag.startswith("building-")]
    assert builder.trials() == []


def test_no_build_begins_on_a_disk_that_is_nearly_full(builder, published):
    wanting = Builder(builder.stack, LECTERN_FREE_DISK="100000 GB")

    said = wanting.run("build", builder.repo(published, PYTHON | {"README.md": "x"}))

    assert said.status == 1
    assert "GB free, a build needs 100000.0" in said.talk
    assert "docker builder prune" in said.talk
    assert "building the image" not in said.talk


def test_junk_in_a_log_is_shown_without_what_a_terminal_would_obey(builder, published):
    junk = START + "head -c 5000 /dev/urandom; printf '\\033]0;owned\\007 end'; exit 3\n"

    said = builder.run("build", builder.repo(published, PYTHON | {"postBuild": junk}))

    assert said.status == 1
    assert "postBuild: ended with status 3" in said.talk
    assert not set(said.talk) & {chr(7), chr(27)}
