"""Tests of resolvers: real uv, git and HTTP, against servers on loopback that they start themselves."""

import socket

import pytest

from tests.support.package_index import PackageIndex


@pytest.fixture(autouse=True)
def _no_network_and_no_docker(monkeypatch):
    """Make every INET address but loopback's an error, and the engine's socket."""

    def guard(name):
        original = getattr(socket.socket, name)

        def guarded(self, address, *rest):
            is_local = self.family == socket.AF_UNIX or address[0] == "127.0.0.1"
            if not is_local or "docker" in str(address):
                raise RuntimeError(f"a unit test uses the network or Docker: {name} {address!r}")
            return original(self, address, *rest)

        return guarded

    for name in ("connect", "connect_ex", "bind"):
        monkeypatch.setattr(socket.socket, name, guard(name))


@pytest.fixture
def index(monkeypatch):
    """Give a package index, which uv is configured to use."""
    served = PackageIndex()
    served.add("ipykernel", "7.0")
    monkeypatch.setenv("UV_DEFAULT_INDEX", served.url)
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    yield served
    served.close()
