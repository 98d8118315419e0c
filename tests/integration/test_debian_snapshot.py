"""A locked Debian package that the archive has no more comes from an archive of its past states."""

import secrets
import subprocess

import pytest

from lectern.builder.plan import Step
from tests.support.conda_channel import served
from tests.support.debian_archive import Archive
from tests.support.stack import docker
from tests.support.step_image import APT, LABEL, PROJECT, notebook_image, same, say, step_images

#: Nobody but Debian can sign as Debian: only here, apt takes an archive that is not signed.
PARENT = """
FROM {image}
USER root
RUN echo 'Acquire::AllowInsecureRepositories "true"; APT::Get::AllowUnauthenticated "true";' \
    >/etc/apt/apt.conf.d/99-test
USER jovyan
"""
VERSIONS = ("sh", "-c", "cat /usr/share/lectern-relic/version; dpkg-query -W -f '${Version}' tree")
SOURCES = ("sh", "-c", "ls /etc/apt/sources.list.d")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """Serve what was there once: a package that is gone, and an older version of one that is not."""
    archive = Archive(tmp_path_factory.mktemp("snapshot") / "debian")
    archive.add("lectern-relic", "1.0-1")
    archive.add("tree", "0.9-1")
    archive.index()
    with served(archive.folder.parent) as address:
        yield f"{address}/debian"


@pytest.fixture(scope="module")
def parent():
    """Make a notebook image that takes the test's archive."""
    image = f"{PROJECT}:parent-{secrets.token_hex(4)}"
    subprocess.run(
        ["docker", "build", "--quiet", "--label", LABEL, "--tag", image, "-"],
        input=PARENT.format(image=notebook_image()), text=True, check=True, capture_output=True,
    )  # fmt: skip
    yield image
    docker("rmi", "--force", image)


@pytest.fixture
def install(parent):
    """Give a function that builds an image of a lock's lines."""
    with step_images() as images:

        def build(*lock, snapshot=""):
            files = {"debian.lock": "".join(f"{line}\n" for line in lock)}
            words = (snapshot,) if snapshot else ()
            return images.build(
                Step("install-debian.bash", words, same("debian.lock"), APT), files=files, parent=parent
            )

        yield build


def test_what_the_archive_has_no_more_comes_from_the_snapshot_and_leaves_no_source(install, parent, snapshot):
    image = install("lectern-relic=1.0-1", "tree=0.9-1", snapshot=snapshot)

    assert say(image, *VERSIONS).split() == ["1.0-1", "0.9-1"]
    assert say(image, *SOURCES) == say(parent, *SOURCES)


def test_without_a_snapshot_todays_version_is_taken(install):
    assert say(install("tree=0.9-1"), "dpkg-query", "-W", "-f", "${Version}", "tree") != "0.9-1"


def test_a_snapshot_that_lacks_it_too_leaves_todays_version(install, snapshot):
    image = install("tree=0.1-1", snapshot=snapshot)

    assert say(image, "dpkg-query", "-W", "-f", "${Version}", "tree") not in {"0.1-1", "0.9-1"}


def test_a_snapshot_that_does_not_answer_is_no_failure(install):
    image = install("tree=0.1-1", snapshot="http://127.0.0.1:9/debian")

    assert say(image, "dpkg-query", "-W", "-f", "${Version}", "tree") not in {"0.1-1", "0.9-1"}
