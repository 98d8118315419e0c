"""What tests of builds begin with; a module's own fixture of a name goes before these."""

import secrets

import pytest

from tests.support.builder import Builder


@pytest.fixture(scope="module")
def builder(stack):
    return Builder(stack)


@pytest.fixture
def name(builder):
    """Give an environment's name that no other test has; its images go afterwards."""
    name = f"t-{secrets.token_hex(3)}"
    yield name
    builder.forget(name)


@pytest.fixture(scope="module")
def published(builder):
    """Give the name of an environment that has a published release, small and pinned."""
    name = f"t-{secrets.token_hex(3)}"
    builder.build(builder.repo(name, {"requirements.txt": "tabulate==0.9.0\n"}), "--publish")
    yield name
    builder.forget(name)
