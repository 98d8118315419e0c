"""Git repositories are served on loopback as plain files, which git reads too."""

import hashlib
import subprocess

import pytest

from lectern.builder.declare.items import Requirement
from lectern.builder.resolve.direct_addresses import Direct, pin
from lectern.builder.resolve.refusals import Reason
from lectern.errors import ResolveError
from tests.support.package_index import served, source

PROJECT = (
    '[project]\nname = "apple"\nversion = "1"\ndependencies = ["pear>=1; python_version < \'3.9\'", "fig"]\n'
)


def _git(folder, *words):
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "tag.gpgsign=false")
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path):
    """Give the address of a repository and its commit."""
    work, bare = tmp_path / "work", tmp_path / "site" / "apple.git"
    work.mkdir()
    _git(work, "init", "--quiet", "--initial-branch", "main", ".")
    (work / "pyproject.toml").write_text(PROJECT)
    (work / "setup.py").write_text("raise SystemExit('code ran')\n")
    _git(work, "add", ".")
    _git(work, "commit", "--quiet", "--message", "x")
    _git(work, "tag", "--annotate", "v1", "--message", "x")
    _git(tmp_path, "clone", "--quiet", "--bare", str(work), str(bare))
    _git(bare, "update-server-info")
    with served(tmp_path / "site") as server:
        yield f"{server.url}/apple.git", _git(work, "rev-parse", "HEAD")


def _pin(line):
    return pin(Requirement(line, "environment.yml:3"))


@pytest.mark.parametrize("ref", ["", "@main", "@v1"])
def test_a_branch_or_tag_is_locked_to_its_commit_with_a_warning(repository, ref):
    address, commit = repository

    found = _pin(f"apple @ git+{address}{ref}")

    assert isinstance(found, Direct)
    assert found.line == f"apple @ git+{address}@{commit}"
    assert commit[:12] in found.notice


def test_a_commit_is_taken_without_a_word_and_what_it_needs_is_read(repository):
    address, commit = repository

    found = _pin(f"git+{address}@{commit}#egg=apple")

    assert (found.name, found.notice) == ("apple", "")
    assert found.requires_on("3.8") == ("pear>=1", "fig")
    assert found.requires_on("3.13") == ("fig",)


@pytest.mark.parametrize("suffix", ["@nonesuch", "x"])
def test_what_is_not_there_is_refused(repository, suffix):
    found = _pin(f"git+{repository[0]}{suffix}")

    assert isinstance(found, Reason)
    assert found.where == "environment.yml:3"


def test_a_pages_address_is_refused_with_the_right_one():
    found = _pin("git+https://example.org/x/apple/tree/main")

    assert "git+https://example.org/x/apple@main" in found.hint


@pytest.mark.parametrize(
    "line",
    [
        "git+ssh://git@example.org/x",
        "git+file:///etc",
        "git+ext::sh -c id",
        "./folder",
        "../x",
        "/etc",
        "file:///etc",
    ],
)
def test_keys_paths_and_programs_are_refused(line):
    assert isinstance(_pin(line), Reason)


@pytest.mark.parametrize(
    "line",
    [
        "git+https://example.org/x#subdirectory=a%0A--index-url%20http://evil",
        "git+https://example.org/x#subdirectory=../..",
        "git+https://example.org/x#egg=a%0Ab",
        "apple @ https://example.org/x.zip --option",
        "apple @ git+https://example.org/x ; python_version < '3'",
    ],
)
def test_nothing_is_smuggled_into_a_lock(line):
    assert isinstance(_pin(line), Reason)


def test_a_file_needs_a_hash_and_is_held_to_it(tmp_path):
    content = source("apple", "1.0", requires=["fig"])
    (tmp_path / "apple.tar.gz").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    with served(tmp_path) as server:
        url = f"{server.url}/apple.tar.gz"

        assert "tomorrow" in _pin(url).what
        assert _pin(f"{url}#sha256={digest}").requires_on("3.13") == ("fig",)
        with pytest.raises(ResolveError, match="hash"):
            _pin(f"{url}#sha256={'0' * 64}")
