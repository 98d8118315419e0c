"""A test's folder says what it may use: neither network nor Docker, or the real stack."""

import socket
from pathlib import Path

import pytest

from tests.support.stack import Stack

ON_THEIR_OWN = ("unit", "hub")
MARKED_FOLDERS = ("integration", "browser", "load")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
HERE = Path(__file__).parent


def _folder(path: Path) -> str:
    return path.relative_to(HERE).parts[0]


def pytest_collection_modifyitems(items):
    for item in items:
        if (folder := _folder(item.path)) in MARKED_FOLDERS:
            item.add_marker(folder)


@pytest.fixture(autouse=True)
def _no_network_and_no_docker(request, monkeypatch):
    """Make the network and the engine's socket an error where neither is there; servers of their own work."""
    if _folder(request.path) not in ON_THEIR_OWN:
        return

    def guard(name):
        original = getattr(socket.socket, name)

        def guarded(self, address, *rest):
            # An address of no place: a client lets the system choose where it speaks from.
            is_local = self.family == socket.AF_UNIX or address[0] in LOOPBACK or address == ("", 0)
            if not is_local or "docker" in str(address):
                raise RuntimeError(
                    f"a test in tests/{_folder(request.path)} uses the network or Docker: {name} {address!r}"
                )
            return original(self, address, *rest)

        return guarded

    for name in ("connect", "connect_ex", "bind"):
        monkeypatch.setattr(socket.socket, name, guard(name))


@pytest.fixture(scope="session")
def stack():
    """Give the one real stack of this session; KEEP=1 leaves it up."""
    own = Stack()
    try:
        own.up()
        yield own
    finally:
        own.remove_unless_kept()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    used = item.funcargs.get("stack") if hasattr(item, "funcargs") else None
    if report.failed and used is not None:
        report.sections.append(("containers of the stack", used.describe()))
    return report
