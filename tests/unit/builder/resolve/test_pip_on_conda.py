"""What `pip:` adds to a conda environment, against an index of a few bytes on loopback."""

import hashlib
import zipfile
from dataclasses import replace

import pytest

from lectern.builder.resolve.conda import CondaLock
from lectern.builder.resolve.pip_on_conda import lock_pip
from lectern.errors import ResolveError
from tests.support.conda_channel import served

CONDA = CondaLock(
    text="",
    python="3.11.2",
    packages=(),
    python_packages=("matplotlib-base==3.9.0", "numpy==2.0.7", "odd-one==2024a_b", "xarray==2030.1"),
    kernels=("python",),
)


def _add_wheel(index, name, version, *needs, requires_python=">=3.8"):
    folder = index / name
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{name.replace('-', '_')}-{version}"
    metadata = [f"Name: {name}", f"Version: {version}", f"Requires-Python: {requires_python}"]
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(
            f"{stem}.dist-info/METADATA",
            "\n".join(
                ["Metadata-Version: 2.1", *metadata, *(f"Requires-Dist: {need}" for need in needs), ""]
            ),
        )
        wheel.writestr(
            f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{stem}.dist-info/RECORD", "")
    links = [
        f'<a href="{path.name}#sha256={hashlib.sha256(path.read_bytes()).hexdigest()}">{path.name}</a>'
        for path in sorted(folder.glob("*.whl"))
    ]
    (folder / "index.html").write_text(f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>")


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    _add_wheel(folder, "numpy", "1.26.4")
    _add_wheel(folder, "numpy", "2.3.0", "extra-of-numpy")
    _add_wheel(folder, "matplotlib", "3.10.0")
    _add_wheel(folder, "plots", "1.0", "matplotlib>=3", "numpy>=2", "tiny")
    _add_wheel(folder, "tiny", "1.0")
    _add_wheel(folder, "tiny", "2.0", requires_python=">=3.12")
    _add_wheel(folder, "of-old", "1.0", "numpy<2")
    _add_wheel(folder, "lab", "1.0")
    _add_wheel(folder, "lab", "2.0")
    _add_wheel(folder, "lab", "3.0rc1")
    with served(folder) as address:
        yield address


@pytest.fixture
def lock(index, tmp_path, monkeypatch):
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("UV_DEFAULT_INDEX", index)

    def do(*lines, **more):
        requirements = [(line, f"environment.yml:{number}") for number, line in enumerate(lines, 9)]
        return lock_pip(requirements, more.pop("conda", CONDA), cache=tmp_path / "uv", **more)

    return do


def _refusal(lock, *lines, **more):
    with pytest.raises(ResolveError) as caught:
        lock(*lines, **more)
    return caught.value


def _names(text):
    return [line.split(" ")[0] for line in text.splitlines() if "==" in line]


def test_only_what_conda_does_not_have_is_added_for_conda_s_python(lock):
    text = lock("plots", pypi_names={"matplotlib-base": "matplotlib"})

    assert _names(text) == ["plots==1.0", "tiny==1.0"]
    assert text.count("--hash=sha256:") == 2


def test_resolving_again_gives_the_same(lock):
    assert lock("plots") == lock("plots")


def test_the_lock_names_no_index_and_no_folder(lock, index):
    text = lock("plots")

    assert index not in text
    assert "file:" not in text


def test_what_conda_calls_otherwise_is_had_under_pypi_s_name(lock):
    assert "matplotlib==3.10.0" in _names(lock("plots"))
    assert "matplotlib==3.10.0" not in _names(lock("plots", pypi_names={"matplotlib-base": "matplotlib"}))


def test_a_version_that_pypi_never_had_counts_as_any_other(lock):
    assert lock("xarray>=2029", "numpy") == ""


def test_another_python_gives_other_versions(lock):
    assert _names(lock("tiny", conda=replace(CONDA, python="3.13.1"))) == ["tiny==2.0"]


def test_nothing_asked_is_nothing_added(lock):
    assert lock() == ""


def test_a_requirement_against_conda_s_version_names_both(lock):
    problem = _refusal(lock, "plots", "numpy<2")

    assert problem.where == "environment.yml:10"
    assert "conda chose numpy 2.0.7" in problem.what
    assert "numpy<2" in problem.what
    assert "file:" not in problem.what
    assert problem.hint.startswith("pin what conda chose")


def test_a_package_that_needs_another_version_than_conda_s_is_named(lock):
    problem = _refusal(lock, "tiny", "of-old")

    assert problem.where == "environment.yml:10"
    assert "conda chose numpy 2.0.7" in problem.what


def test_bounds_hold_for_what_is_chosen_anyway_and_add_nothing(lock):
    bounds = [("lab<2", "bounds.txt:1"), ("tiny==1.0", "bounds.txt:2")]

    assert _names(lock("lab", constraints=bounds)) == ["lab==1.0"]


def test_a_bound_against_conda_s_version_is_named(lock):
    problem = _refusal(lock, "plots", constraints=[("lab<2", "bounds.txt:1"), ("numpy<2", "bounds.txt:2")])

    assert problem.where == "environment.yml:9, bounds.txt:2"
    assert "conda chose numpy 2.0.7" in problem.what


def test_pre_releases_count_where_they_are_asked_for(lock):
    assert _names(lock("lab")) == ["lab==2.0"]
    assert _names(lock("lab", allows_prereleases=True)) == ["lab==3.0rc1"]


def test_an_unknown_package_is_named(lock):
    problem = _refusal(lock, "plots", "qqqq>=1")

    assert problem.where == "environment.yml:10"
    assert "conda chose" not in problem.what
    assert problem.hint


def test_an_index_that_does_not_answer_is_said_so(lock, monkeypatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")

    assert "127.0.0.1:9" in _refusal(lock, "plots").what
