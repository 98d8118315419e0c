"""Bare repos and a queue of builds, as the service has them."""

import subprocess

import pytest

from lectern.builder.service.git import Git
from lectern.builder.service.repos import Repos


@pytest.fixture
def repos(tmp_path):
    config = tmp_path / "gitconfig"
    config.write_text("[safe]\n\tdirectory = *\n")
    return Repos(tmp_path / "environments", Git(config))


@pytest.fixture
def work_tree(tmp_path):
    """Give a way to call git in a clone, as an instructor would."""
    folder = tmp_path / "clone"
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        **{
            f"GIT_{role}_{what}": "ada@example.org"
            for role in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
    }

    def git(*words, check=True):
        folder.mkdir(exist_ok=True)
        done = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *words],
            cwd=folder, env=environment, check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert not (check and done.returncode), done.stderr
        return done

    git.folder = folder
    return git
