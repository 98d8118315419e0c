"""Tests of resolvers: real uv, git and HTTP, against servers on loopback that they start themselves."""

import pytest

from tests.support.package_index import PackageIndex


@pytest.fixture
def index(monkeypatch):
    """Give a package index, which uv is configured to use."""
    served = PackageIndex()
    served.add("ipykernel", "7.0")
    monkeypatch.setenv("UV_DEFAULT_INDEX", served.url)
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    yield served
    served.close()
