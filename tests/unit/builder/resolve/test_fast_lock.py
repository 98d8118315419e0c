import json
import lzma

import pytest

from lectern.builder.declaration import Declaration
from lectern.builder.declare.items import CondaSpec
from lectern.builder.resolve.debian import PackageList
from lectern.builder.resolve.fast_lock import resolve
from lectern.builder.resolve.refusals import RefusedError
from tests.support.package_index import served


@pytest.fixture
def sources(tmp_path):
    """Give a folder of apt sources whose archive has git and R."""
    archive = tmp_path / "archive"
    place = archive / PackageList("", "trixie", "main").folder.lstrip("/")
    place.mkdir(parents=True)
    packages = ("git", "r-base-core", "r-cran-irkernel", "r-cran-ggplot2")
    text = "".join(f"Package: {name}\nVersion: 2.0-1\n\n" for name in packages)
    (place / "Packages.xz").write_bytes(lzma.compress(text.encode()))
    folder = tmp_path / "sources"
    folder.mkdir()
    with served(archive) as server:
        stanza = f"Types: deb\nURIs: {server.url}\nSuites: trixie\nComponents: main\n"
        (folder / "debian.sources").write_text(stanza)
        yield folder


def _conda(*names):
    return Declaration(
        conda=tuple(CondaSpec(name, where=f"environment.yml:{n}") for n, name in enumerate(names, 1))
    )


def test_each_source_gives_its_part(index, sources, tmp_path):
    index.add("numpy", "2.0")
    index.add("my-lab", "1.0")
    repo = tmp_path / "repo"
    repo.mkdir()
    (repo / "a.ipynb").write_text(json.dumps({"cells": [{"cell_type": "code", "source": "import my_lab"}]}))

    lock = resolve(
        _conda("numpy", "git", "r-ggplot2", "r-visdat", "my-lab", "pip"),
        repo,
        tmp_path / "c",
        apt_sources=sources,
    )

    assert "numpy==2.0" in lock.python.requirements
    assert "my-lab==1.0" in lock.python.requirements
    assert lock.debian == ("git", "r-base-core", "r-cran-ggplot2", "r-cran-irkernel")
    assert [item.name for item in lock.r] == ["r-visdat"]
    assert set(lock.notices) == {
        "not needed here: pip",
        "taken from PyPI because the material imports it: my-lab",
    }


def test_an_export_is_never_resolved(index, tmp_path):
    specs = tuple(CondaSpec(f"lib{n}", "==1", "py39_0", where=f"environment.yml:{n}") for n in range(20))

    (tmp_path / "a.py").write_text("import lib3\n")

    with pytest.raises(RefusedError, match="is an export") as caught:
        resolve(Declaration(conda=specs), tmp_path, tmp_path / "c", apt_sources=tmp_path)

    assert "- lib3=1\n" in caught.value.hint
    assert index.server.asked == []


@pytest.mark.usefixtures("index")
def test_without_trixies_lists_debian_names_are_said_not_to_be_looked_up(tmp_path):
    lock = resolve(_conda("git"), tmp_path, tmp_path / "c", apt_sources=tmp_path)

    assert lock.debian == ("git",)
    assert "not looked up were git" in lock.notices[0]


def test_a_name_whose_releases_were_all_withdrawn_is_not_offered(index, sources, tmp_path):
    index.add("gone-lab", "1.0", yanked=True)
    index.add("good-lab", "1.0")
    index.add("good-lab", "2.0", yanked=True)

    with pytest.raises(RefusedError) as caught:
        resolve(_conda("gone-lab", "good-lab"), tmp_path, tmp_path / "c", apt_sources=sources)

    assert "PyPI has a `good-lab`" in caught.value.what
    assert "PyPI has a `gone-lab`" not in caught.value.what
