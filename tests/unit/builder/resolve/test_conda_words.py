import pytest

from lectern.builder.declaration import Declaration
from lectern.builder.declare.items import CondaSpec, Requirement
from lectern.builder.resolve.fast_lock import resolve
from lectern.builder.resolve.refusals import RefusedError


@pytest.fixture
def refused(index, tmp_path):
    """Give a function that resolves entries (name, version) and gives the refusal."""

    def resolve_them(*entries, **more):
        specs = tuple(
            CondaSpec(name, version, where=f"environment.yml:{line}")
            for line, (name, version) in enumerate(entries, 1)
        )
        with pytest.raises(RefusedError) as caught:
            resolve(Declaration(conda=specs, **more), tmp_path, tmp_path / "cache", apt_sources=tmp_path)
        return caught.value

    resolve_them.index = index
    return resolve_them


def test_what_is_proposed_can_be_written_in_the_files_place(refused):
    refused.index.add("opencv-python-headless", "4.8.1.78")

    refusal = refused(("opencv", "==4.2.0"))

    assert refusal.what == (
        "PyPI has no release of `opencv-python-headless` that fits `==4.2.0.*`: it has 4.8.1.78 to 4.8.1.78"
    )
    assert refusal.hint == "write `opencv==4.8.1`, the nearest with a wheel for Python 3.13, or no version"


def test_all_refused_entries_are_in_the_files_words(refused):
    refused.index.add("torch", "2.0", tag="cp38-cp38-manylinux2014_x86_64")
    refused.index.add("torch", "2.5")
    refused.index.add("dask", "2024.1", tag="cp38-cp38-manylinux2014_x86_64")

    refusal = refused(("python", "=3.13"), ("pytorch", "=2.0"), ("dask", "=2024.1"))

    assert "environment.yml:2: `pytorch==2.0.*` has no wheel" in refusal.what
    assert "write `pytorch==2.5`" in refusal.what
    assert "environment.yml:3: `dask==2024.1.*` has no wheel" in refusal.what


def test_pypis_name_stays_where_a_line_for_pip_has_it(refused):
    refused.index.add("torch", "2.5")

    refusal = refused(("pytorch", ""), requirements=(Requirement("torch==1.0", "environment.yml:9"),))

    assert refusal.hint == "write `torch==2.5`, the nearest with a wheel for Python 3.13, or no version"


def test_a_bound_that_is_part_of_a_conflict_is_named_with_its_line(refused):
    refused.index.add("setuptools", "30.0")
    refused.index.add("apple", "1.0", requires=["setuptools>=41"])

    refusal = refused(("setuptools", "=30"), requirements=(Requirement("apple", "r.txt:1"),))

    assert "environment.yml:1 bounds `setuptools`" in refusal.hint
