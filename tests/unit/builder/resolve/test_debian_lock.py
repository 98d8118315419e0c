"""What apt is asked, and how often; that its answers are right is tested on a real archive."""

import os

import pytest

from lectern.builder.resolve.debian_lock import lock_debian

_APT = """#!/bin/sh
echo "$*" >>"{folder}/asked"
echo "'http://archive.example/x' r-base-core_4.5.0-3_amd64.deb 28412 SHA256:0"
echo "'http://archive.example/y' libfoo_1%3a2.0_amd64.deb 28412 SHA256:0"
"""
LOCKED = ("libfoo=1:2.0", "r-base-core=4.5.0-3")


@pytest.fixture
def asked(tmp_path, monkeypatch):
    program = tmp_path / "bin" / "apt-get"
    program.parent.mkdir()
    program.write_text(_APT.format(folder=tmp_path))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return lambda: [
        line.split()[-1] for line in (tmp_path / "asked").read_text().splitlines() if "update" not in line
    ]


def test_the_same_question_is_asked_once_while_the_lists_are_the_same(tmp_path, asked):
    first = lock_debian(["r-base-core"], status=b"", folder=tmp_path)
    again = lock_debian(["r-base-core", "r-base-core"], status=b"", folder=tmp_path)

    assert (first, again) == (LOCKED, LOCKED)
    assert len(asked()) == 1


def test_newer_lists_another_image_and_other_packages_are_asked_anew(tmp_path, asked):
    lock_debian(["r-base-core"], status=b"", folder=tmp_path)
    lock_debian(["r-base-core"], status=b"Package: tini", folder=tmp_path)
    lock_debian(["git"], status=b"Package: tini", folder=tmp_path)
    os.utime(tmp_path / "apt-lists/updated", (0, 0))
    lock_debian(["git"], status=b"Package: tini", folder=tmp_path)

    assert asked() == ["r-base-core", "r-base-core", "git", "git"]


def test_an_answer_cut_in_half_is_asked_anew(tmp_path, asked):
    lock_debian(["git"], status=b"", folder=tmp_path)
    (tmp_path / "apt-answer.json").write_text('{"question": [')

    assert lock_debian(["git"], status=b"", folder=tmp_path) == LOCKED
    assert len(asked()) == 2
