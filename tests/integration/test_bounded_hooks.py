"""A repo's own programs, postBuild at build and start in the container, are held within their bounds."""

import subprocess

import pytest

from lectern.builder.plan import Step
from tests.support.step_image import LABEL, NotBuiltError, run, same, say, step_images

ENTRY = ("tini", "-g", "--", "/opt/env/start")
FORKING = """#!/usr/bin/python3
import os, signal
forked = 0
try:
    while forked < 2000:
        if not os.fork():
            signal.pause()
        forked += 1
except OSError:
    print("forked", forked, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
#: Whatever may make a root: a program with its bit, the kernel's call, a namespace's root that mounts.
BECOME_ROOT = """#!/bin/bash
cp /bin/bash ./shell && chmod 4755 ./shell && ./shell -p -c 'echo shell $EUID'
su root -c 'echo su $EUID' </dev/null
/usr/bin/python3 -c 'import os; os.setuid(0); print("setuid", os.getuid())'
touch /etc/owned /opt/env-owned /usr/bin/owned
unshare --user --map-root-user sh -c 'touch /etc/owned && echo unshare' 2>/dev/null
ls /etc/owned /opt/env-owned /usr/bin/owned 2>/dev/null
rm -f ./shell
exit 0
"""


@pytest.fixture(scope="module")
def images():
    with step_images() as images:
        yield images


@pytest.fixture(scope="module")
def after_postbuild(images):
    """Give a function that builds an image with a postBuild."""

    def build(script):
        step = Step("run-postbuild.bash", reads=same("postBuild"))
        return images.build(files={"postBuild": script}, repo={"data/raw.csv": "1\n2\n"}, final_steps=(step,))

    return build


def test_a_postbuild_writes_into_the_repos_folder_for_all_to_read(after_postbuild):
    image = after_postbuild(
        "#!/bin/bash\nset -e\numask 077\nmkdir made\nsort -rn data/raw.csv >made/sorted.csv\n"
        "mv data/raw.csv data/old.csv\n"
    )

    assert say(image, "bash", "-c", "cd /srv/env; cat made/sorted.csv data/old.csv") == "2\n1\n1\n2"


def test_what_a_postbuild_leaves_is_not_a_participants_to_change(after_postbuild):
    image = after_postbuild("#!/bin/bash\nmkdir made && touch made/it && chmod -R 755 made\n")

    said = say(
        image, "bash", "-c", "cd /srv/env; touch made/it data/raw.csv 2>&1; find . ! -user root; id -u"
    )
    assert said.count("Permission denied") == 2
    assert said.splitlines()[-1] == "1000"
    assert len(said.splitlines()) == 3


def test_a_postbuild_that_fails_stops_the_build_with_its_output(after_postbuild):
    with pytest.raises(NotBuiltError) as caught:
        after_postbuild("#!/bin/bash\necho no such data\nexit 7\n")

    assert "no such data" in str(caught.value)
    assert "error: postBuild: ended with status 7" in str(caught.value)


def test_what_a_postbuild_leaves_running_does_not_hold_up_the_build(after_postbuild):
    image = after_postbuild(
        "#!/bin/bash\nsetsid bash -c 'while :; do touch $HOME/x /srv/env/y; done' &\n"
        "while ! test -e /srv/env/y; do :; done\n"
    )

    assert say(image, "ls", "/srv/env") == "data\ny"


def test_a_postbuild_cannot_become_root(after_postbuild):
    image = after_postbuild(BECOME_ROOT.replace("\nexit 0", " >won\nexit 0").replace("$EUID'", "$EUID' >>id"))

    assert say(image, "sh", "-c", "cat /srv/env/id /srv/env/won") == "shell 1001"
    assert say(image, "sh", "-c", "ls /etc/owned /opt/env-owned /usr/bin/owned 2>/dev/null || true") == ""


@pytest.fixture(scope="module")
def with_start(images):
    """Give a function that builds an image with a start hook."""

    def build(script):
        step = Step("install-defaults.bash", reads=same("start"))
        return images.build(step, files={"start": script}, entrypoint=ENTRY)

    return build


def _status(image, *command, options=()):
    return subprocess.run(
        ["docker", "run", "--rm", "--label", LABEL, "--network", "none", *options, image, *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_start_hook_gives_the_server_its_variables_and_its_own_place(with_start):
    image = with_start('#!/bin/bash\nexport COURSE=whales\nexec "$@"\n')

    # The hook is gone: what it started has its place, so that signals reach the server.
    said = say(image, "bash", "-c", "echo $COURSE; ps -e -o comm= | grep -cx start || true")
    assert said == "whales\n0"


def test_a_start_hook_that_fails_ends_the_container_and_says_why(with_start):
    done = _status(with_start("#!/bin/bash\necho no licence >&2\nexit 9\n"), "true")

    assert (done.returncode, done.stderr) == (9, "no licence\n")


def test_a_start_hook_that_forks_without_end_meets_the_containers_limit(with_start):
    done = _status(with_start(FORKING), "true", options=("--pids-limit", "40"))

    assert 0 < int(done.stdout.split()[-1]) < 40
    assert done.returncode == 137


def test_a_start_hook_cannot_become_root(with_start):
    image = with_start(BECOME_ROOT.replace("exit 0", 'exec "$@"'))

    said = run(
        image, "sh", "-c", "id -u; ls /etc/owned /opt/env-owned /usr/bin/owned 2>/dev/null || true"
    ).decode()
    assert said.split() == ["shell", "1000", "1000"]
