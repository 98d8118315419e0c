import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements"
SERVER = ROOT / "images/notebook/server.lock"
LOCKS = [*sorted(REQUIREMENTS.glob("*.lock")), SERVER]
PINNED = re.compile(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)\s*(?:;\s*([^\\]*))?", re.MULTILINE)


def _pins(lock: Path) -> dict[str, set[str]]:
    """Give each package that is ever installed with its versions (one a marker)."""
    pins: dict[str, set[str]] = {}
    for name, version, marker in PINNED.findall(lock.read_text()):
        if "'never'" not in marker:
            pins.setdefault(name, set()).add(version)
    return pins


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_holds_no_address(lock):
    assert "http" not in re.sub(
        r"^[a-z0-9-]*http[a-z0-9-]*==|# via.*|#  +.*", "", lock.read_text(), flags=re.MULTILINE
    )


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_has_hashes(lock):
    for block in re.split(r"\n(?=[a-z0-9])", lock.read_text().strip()):
        if "==" in block:
            assert "--hash=sha256:" in block, block[:80]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_rfc3987_syntax_is_never_installed(lock):
    # 0.6 s of every server's start, for formats that no Jupyter schema uses.
    assert "rfc3987-syntax" not in _pins(lock)


@pytest.mark.parametrize("area", ["hub", "builder"])
def test_an_area_has_what_the_tests_run_with(area):
    dev, own = _pins(REQUIREMENTS / "dev.lock"), _pins(REQUIREMENTS / f"{area}.lock")

    assert {name: dev.get(name) for name in own} == own


def test_hub_and_participants_servers_are_one_version_of_jupyterhub():
    assert _pins(SERVER)["jupyterhub"] == _pins(REQUIREMENTS / "hub.lock")["jupyterhub"]


def test_the_server_has_no_kernel_of_its_own():
    # Kernels are the environment's; this one would be 80 MB, and one too many in the list.
    assert _pins(SERVER).keys().isdisjoint({"ipykernel", "ipython", "jedi", "debugpy"})
