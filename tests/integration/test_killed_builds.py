"""A build that is stopped, killed or takes too long leaves a true picture, and the next one works."""

import json
import os
import secrets
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from lectern import names
from tests.support.builder import Builder
from tests.support.stack import docker, wait_until

START = "#!/bin/bash\nset -e\n"
PHASES = ("resolving packages", "building the image", "trying it", "recording what is in it", "publishing")


def _repo(builder, name, postbuild="sleep 1\n"):
    """Write a small repo that is no other's: its last steps are never cached."""
    files = {"requirements.txt": "tabulate==0.9.0\n", "README.md": secrets.token_hex(4)}
    return builder.repo(name, files | {"postBuild": START + postbuild})


def _is_clean(builder, name):
    has_tag = any(tag.startswith(names.UNPROVEN) for tag in builder.tags(name))
    return not builder.containers() and not has_tag and not builder.trials()


def _processes(word):
    """Give the machine's processes whose command holds a word; the tests see them all."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended
            if word.encode() in path.read_bytes().split(b"\0"):
                found.append(path.parent.name)
    return found


@pytest.mark.parametrize("phase", ["building the image", "trying it"])
def test_a_cancelled_build_leaves_nothing_behind(builder, name, phase):
    with builder.building(_repo(builder, name, "sleep 3\n"), until=phase) as build:
        os.killpg(build.pid, signal.SIGINT)

    assert build.returncode == 1
    wait_until(lambda: _is_clean(builder, name), "the cancelled build is cleared away", timeout_s=30)
    assert builder.tags(name) == set()


def test_a_cancelled_builds_programs_end_on_the_machine(builder, name):
    nap = str(secrets.randbelow(10**9) + 10**6)
    repo = _repo(builder, name, f"setsid sleep {nap} &\nsleep {nap}\n")

    with builder.building(repo, until="building the image") as build:
        wait_until(lambda: len(_processes(nap)) == 2, "postBuild runs", timeout_s=60)
        os.killpg(build.pid, signal.SIGINT)

    wait_until(lambda: not _processes(nap), "postBuild has ended", timeout_s=30)
    assert builder.releases(name) == []


@pytest.fixture(scope="module")
def published(builder):
    """Give the name of an environment that has a published release."""
    name = f"t-{secrets.token_hex(3)}"
    builder.build(_repo(builder, name), "--publish")
    yield name
    builder.forget(name)


@pytest.mark.parametrize("phase", PHASES)
def test_killing_a_builder_leaves_a_true_picture_and_the_next_build_works(builder, published, phase):
    (before,) = (release for release in builder.releases(published) if release["published"])
    repo = _repo(builder, published)

    with builder.building(repo, "--publish", until=phase) as build:
        docker("kill", "--signal=KILL", *builder.containers())

    assert build.returncode != 0
    told = builder.releases(published)
    (now,) = (release for release in told if release["published"])
    assert now["commit"] == before["commit"] or phase == "publishing"
    image = builder.image(published, names.PUBLISHED)
    labels = json.loads(docker("inspect", "--format", "{{json .Config.Labels}}", image))
    assert labels[names.COMMIT] == now["commit"]
    assert not [release for release in told if release["tag"].startswith(names.UNPROVEN)]

    builder.build(repo, "--publish")

    after = builder.releases(published)
    assert [release["published"] for release in after] == [False] * (len(after) - 1) + [True]
    assert after[-1]["commit"] != before["commit"]
    assert builder.tags(published) == {release["commit"] for release in after} | {names.PUBLISHED}
    assert builder.trials() == []
    builder.inside(image, "test", "-f", "/srv/env/manifest.json")


def test_a_build_that_does_not_end_is_ended(builder, name):
    nap = str(secrets.randbelow(10**9) + 10**6)
    impatient = Builder(builder.stack, LECTERN_BUILD_TIMEOUT_S="10")

    said = impatient.run("build", _repo(builder, name, f"sleep {nap}\n"), "--events")

    last = json.loads(said.out.splitlines()[-1])
    assert (said.status, last["kind"], last["text"]) == (1, "error", "did not end within 10 s")
    assert "LECTERN_BUILD_TIMEOUT_S" in last["hint"]
    wait_until(lambda: not _processes(nap), "postBuild has ended", timeout_s=30)
    assert _is_clean(builder, name)


def test_a_second_build_waits_for_the_first(builder, name):
    second = f"{name}-second"
    with builder.building(_repo(builder, name, "sleep 4\n"), until="building the image") as build:
        said = builder.build(_repo(builder, second), "--events")

    builder.forget(second)
    told = [json.loads(line) for line in said.out.splitlines()]
    assert f"waiting: another build is running here ({name})" in [
        one["text"] for one in told if one["kind"] == "notice"
    ]
    assert build.returncode == 0
    assert told[-1]["kind"] == "outcome"
