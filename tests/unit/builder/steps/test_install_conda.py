"""The step that installs a conda lock, run on a prefix of the test's own."""

import asyncio
import importlib.util
import json
import re
from pathlib import Path

import pytest

from lectern.builder.resolve.conda import OFFICIAL, Asked, Question, solve_conda
from tests.support.conda_channel import Channel, served

ROOT = Path(__file__).parents[4]
STEPS = ROOT / "lectern" / "builder" / "steps"
NOWHERE = "http://127.0.0.1:9"


def _pinned(path):
    text = path.read_text(encoding="utf-8")
    found = re.search(r"^py-rattler==.*\n(?: +--hash=.*\n?)+", text, re.MULTILINE)
    return found[0].strip()


@pytest.fixture(scope="module")
def channels(tmp_path_factory):
    """Serve a channel, one that breaks off, one that changed a package and one that lost it."""
    folder = tmp_path_factory.mktemp("channels")
    forge = Channel(folder / "conda-forge")
    forge.add(
        "r-base",
        "4.4",
        files={"bin/R": "#!/bin/sh\n", "etc/conda/activate.d/r.sh": "export R_DATA=$CONDA_PREFIX/share/r\n"},
    )
    spec = {
        "argv": ["R", "-e", "IRkernel::main()"],
        "display_name": "R",
        "language": "R",
        "env": {"KEPT": "1"},
    }
    forge.add(
        "r-irkernel",
        "1.3",
        "r-base",
        files={"lib/R/library/IRkernel/kernelspec/kernel.json": json.dumps(spec)},
    )
    forge.add(
        "fonts",
        "1",
        files={"bin/.fonts-post-link.sh": 'echo linked >"$PREFIX/fonts.cache"\n', "share/fonts/a": "a"},
    )
    forge.index_as_of_old()
    forge.copy(folder / "breaks-off" / "conda-forge")
    forge.copy(folder / "changed" / "conda-forge").add("fonts", "1", files={"share/fonts/a": "another"})
    lost = forge.copy(folder / "lost" / "conda-forge")
    (lost.folder / "noarch" / "fonts-1-0.conda").unlink()
    with served(folder) as address:
        yield address


@pytest.fixture
def step(tmp_path, monkeypatch):
    """Give the step's module, at work in a folder of this test."""
    spec = importlib.util.spec_from_file_location("install_conda", STEPS / "install_conda.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "PREFIX", tmp_path / "env")
    monkeypatch.setattr(module, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(module, "PROFILE", tmp_path / "profile.sh")
    monkeypatch.setattr(module, "SEARCH_PATH", f"{tmp_path / 'env' / 'bin'}:/usr/bin:/bin")
    return module


@pytest.fixture
def lock(channels, tmp_path):
    asked = [Asked("fonts", "environment.yml:4"), Asked("r-base", "environment.yml:5")]
    found = asyncio.run(
        solve_conda(Question(asked, [], mirror=channels, platform="linux-64", cache=tmp_path / "indexes"))
    )
    path = tmp_path / "conda.lock"
    path.write_text(found.text, encoding="utf-8")
    return str(path)


def _refusal(step, lock, mirror):
    with pytest.raises(SystemExit) as caught:
        step.install_packages(lock, mirror)
    fact, hint = str(caught.value).split("\n")
    assert fact.startswith("error: conda packages could not be installed")
    assert hint.startswith("hint: ")
    return fact, hint


def test_packages_are_linked_and_their_scripts_run(step, lock, channels, tmp_path):
    step.install_packages(lock, channels)

    assert (tmp_path / "env" / "share" / "fonts" / "a").read_text() == "a"
    assert (tmp_path / "env" / "fonts.cache").read_text() == "linked\n"


def test_a_package_that_changed_after_locking_is_refused(step, lock, channels):
    fact, hint = _refusal(step, lock, f"{channels}/changed")

    assert "fonts-1-0.conda" in fact
    assert "hash mismatch" in fact
    assert "not the one that was locked" in hint


def test_a_package_that_is_gone_is_named(step, lock, channels):
    fact, hint = _refusal(step, lock, f"{channels}/lost")

    assert "fonts-1-0.conda" in fact
    assert "no more" in hint


@pytest.mark.parametrize("mirror", ["{channels}/breaks-off", NOWHERE])
def test_a_channel_that_breaks_off_or_is_silent_is_refused(step, lock, channels, mirror):
    fact, hint = _refusal(step, lock, mirror.format(channels=channels))

    assert ".conda" in fact
    assert "LECTERN_CONDA_CHANNELS" in hint


def test_a_kernel_gets_a_full_path_and_what_activation_sets(step, lock, channels, tmp_path):
    step.install_packages(lock, channels)
    step.settle_kernels()

    spec = json.loads((tmp_path / "env/share/jupyter/kernels/ir/kernel.json").read_text())
    assert spec["argv"] == [f"{tmp_path}/env/bin/R", "-e", "IRkernel::main()"]
    assert spec["env"] == {
        "KEPT": "1",
        "CONDA_PREFIX": f"{tmp_path}/env",
        "R_DATA": f"{tmp_path}/env/share/r",
    }
    assert f"export R_DATA={tmp_path}/env/share/r\n" in (tmp_path / "profile.sh").read_text()


def test_the_installer_is_the_builder_s_own_to_the_hash():
    assert _pinned(STEPS / "conda-installer.lock") == _pinned(ROOT / "requirements" / "builder.lock")
    assert (STEPS / "conda-installer.lock").read_text().count("==") == 1


def test_step_and_resolver_mean_the_same_official_address(step):
    assert step.OFFICIAL == OFFICIAL
