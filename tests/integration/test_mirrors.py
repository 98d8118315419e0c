"""An environment follows a git address: made from it, looking again, and telling when it is gone."""

import json
import secrets

import pytest

from tests.support.mirror import Mirror
from tests.support.stack import ROOT, wait_until

EXAMPLE = ROOT / "environments/minimal-python"


@pytest.fixture(scope="module")
def mirror(tmp_path_factory):
    """Give a repo elsewhere, which a project of its own keeps."""
    with Mirror(tmp_path_factory.mktemp("elsewhere"), EXAMPLE) as elsewhere:
        yield elsewhere


@pytest.fixture(scope="module")
def name(stack, mirror):
    """Give an environment that was made from the repo's address."""
    name = f"follows-{secrets.token_hex(3)}"
    stack.script("lectern", "env", "create", name, "--from", mirror.address)
    yield name
    stack.script("lectern", "env", "delete", name)


@pytest.fixture
def published(stack, name):
    """Give a function that tells the commit of the release that new starts use."""
    return lambda: next(
        one["commit"] for one in stack.environments() if one["name"] == name and one["published"]
    )


def test_what_is_at_the_address_is_published(mirror, published):
    assert published() == mirror.commit


def test_a_refresh_publishes_what_is_new_there_and_else_does_nothing(stack, mirror, name, published):
    mirror.write("README.md", "Another term.\n")

    outcome = json.loads(stack.script("lectern", "env", "refresh", name, "--json"))
    again = json.loads(stack.script("lectern", "env", "refresh", name, "--json"))

    assert (outcome["commit"], outcome["published"]) == (mirror.commit, True)
    assert published() == mirror.commit
    assert again is None


def test_an_address_is_looked_at_when_its_time_has_come(stack, mirror, name, published):
    mirror.write("README.md", "By itself.\n")
    config = ("git", "--git-dir", f"/srv/environments/{name}.git", "config")
    stack.in_builder(*config, "lectern.hours", "1")
    stack.in_builder(*config, "lectern.looked", "2026-01-01T00:00:00+00:00")

    wait_until(lambda: published() == mirror.commit, "its schedule is kept", timeout_s=120, look_every_s=2)


def test_what_was_rewritten_there_is_not_taken_over(stack, mirror, name, published):
    before = published()
    mirror.rewrite("README.md", "Never was.\n")

    with pytest.raises(AssertionError, match="its main branch has commits that the address lacks"):
        stack.script("lectern", "env", "refresh", name)

    assert published() == before


@pytest.mark.parametrize("address", ["http://127.0.0.1:{port}/it.git", "http://169.254.169.254/it.git"])
def test_an_address_of_the_machine_itself_is_refused_and_leaves_no_environment(stack, mirror, address):
    name = f"inside-{secrets.token_hex(3)}"

    with pytest.raises(AssertionError, match="this address is of Lectern's own machine"):
        stack.script("lectern", "env", "create", name, "--from", address.format(port=mirror.port))

    assert f"{name}.git" not in stack.in_builder("ls", "/srv/environments").split()


def test_a_repo_that_is_gone_is_told_in_a_sentence(stack, mirror, name, published):
    before = published()
    mirror.remove()

    with pytest.raises(AssertionError) as refusal:
        stack.script("lectern", "env", "refresh", name)

    said = str(refusal.value)
    assert f"{mirror.address}: cannot be fetched (" in said
    assert "hint: see that the address is right and can be read without a password" in said
    assert published() == before
