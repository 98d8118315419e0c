"""The conda resolver against channels of a few bytes each, on loopback."""

import asyncio
import json
import platform
from dataclasses import asdict
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.declaration import Declaration
from lectern.builder.declare.items import Item
from lectern.builder.resolve.conda import (
    OFFICIAL,
    Asked,
    Question,
    conda_platform,
    lock_conda,
    match_spec,
    solve_conda,
)
from lectern.builder.resolving import resolve
from lectern.errors import ResolveError
from lectern.settings import Settings
from tests.support.conda_channel import Channel, served
from tests.support.refusals import tried
from tests.support.repos import write_repo

NOWHERE = "http://127.0.0.1:9"


def _make_forge(folder):
    forge = Channel(folder / "conda-forge")
    forge.add("python", "3.10.1")
    forge.add("python", "3.11.2")
    forge.add("ipykernel", "7.0", "python >=3.10")
    forge.add("numpy", "1.26.4", "python >=3.10")
    forge.add("numpy", "2.0.0", "python >=3.11")
    forge.add("numpy", "2.1.0", "python >=3.11", made=datetime(2026, 1, 1, tzinfo=UTC))
    forge.add("pandas", "2.2.0", "numpy >=2", "python")
    forge.add("old-course", "1.0", "numpy <2")
    forge.add("r-base", "4.4.1")
    forge.add("r-ggplot2", "3.5.1", "r-base >=4.4")
    forge.add("r-irkernel", "1.3", "r-base")
    forge.add("for-this-image", "1", "__glibc >=2.40", "__unix", "__archspec 1 x86_64", "__linux >=4")
    forge.add("for-a-later-debian", "1", "__glibc >=2.42")
    forge.add("for-a-graphics-card", "1", "__cuda")
    forge.index_as_of_old()
    return forge


@pytest.fixture(scope="module")
def channels(tmp_path_factory):
    """Serve conda-forge, a mirror of it, one that breaks off, bioconda, defaults, and no channel."""
    folder = tmp_path_factory.mktemp("channels")
    forge = _make_forge(folder)
    forge.copy(folder / "mirror" / "conda-forge")
    bio = Channel(folder / "bioconda")
    bio.add("samtools", "1.20")
    bio.add("numpy", "9.9")
    bio.index()
    main = Channel(folder / "main")
    main.add("numpy", "1.20")
    main.index()
    of_r = Channel(folder / "r")
    of_r.add("numpy", "1.19")
    of_r.add("samtools", "1.0")
    of_r.index()
    forge.copy(folder / "breaks-off" / "conda-forge")
    for subdir in ("noarch", "linux-64"):
        (folder / "prose" / subdir).mkdir(parents=True)
        (folder / "prose" / subdir / "repodata.json").write_text("<html>Please log in</html>")
    with served(folder) as address:
        yield address


@pytest.fixture
def lock(channels, tmp_path):
    def do(*specs, names=("conda-forge",), mirror="", **more):
        asked = [Asked(spec, f"environment.yml:{number}") for number, spec in enumerate(specs, 4)]
        more = {"platform": "linux-64", "cache": tmp_path / "cache", **more}
        return asyncio.run(solve_conda(Question(asked, names, mirror=mirror or channels, **more)))

    return do


@pytest.fixture
def refusal(lock):
    def do(*specs, **more):
        with pytest.raises(ResolveError) as caught:
            lock(*specs, **more)
        assert caught.value.hint
        return caught.value

    return do


def _versions(found):
    return dict(package.split("=")[:2] for package in found.packages)


def test_the_newest_set_that_fits_is_chosen(lock):
    found = lock("pandas", "python =3.11")

    assert found.packages == ("ipykernel=7.0=0", "numpy=2.1.0=0", "pandas=2.2.0=0", "python=3.11.2=0")
    assert found.python == "3.11.2"
    assert found.python_packages == ("ipykernel==7.0", "numpy==2.1.0", "pandas==2.2.0")


def test_what_came_later_than_a_date_does_not_exist(lock):
    assert _versions(lock("numpy", newest=date(2025, 12, 31)))["numpy"] == "2.0.0"


def test_solving_again_gives_the_same_lock_whatever_the_order(lock):
    first = lock("pandas", "numpy", "r-base")

    assert lock("pandas", "numpy", "r-base") == first
    assert lock("r-base", "numpy", "pandas") == first


def test_a_mirror_does_not_appear_in_the_lock(lock, channels):
    first = lock("numpy")

    assert lock("numpy", mirror=f"{channels}/mirror").text == first.text
    assert f"{OFFICIAL}/conda-forge/noarch/numpy-2.1.0-0.conda" in first.text
    assert "127.0.0.1" not in first.text


def test_the_lock_has_a_hash_for_each_package(lock):
    found = lock("numpy")

    assert found.text.count("sha256:") == len(found.packages)


def test_a_lock_can_be_kept_as_json(lock):
    found = lock("numpy")

    assert json.loads(json.dumps(asdict(found)))["packages"] == list(found.packages)


def test_a_process_of_its_own_gives_the_same(lock, channels, tmp_path):
    where = {"mirror": channels, "platform": "linux-64", "cache": tmp_path / "other"}

    assert lock_conda(Question([Asked("numpy", "environment.yml:4")], ["conda-forge"], **where)) == lock(
        "numpy"
    )
    with pytest.raises(ResolveError) as caught:
        lock_conda(Question([Asked("pandsa", "environment.yml:4")], ["conda-forge"], **where))
    assert caught.value.where == "environment.yml:4"
    assert caught.value.hint == "did you mean `pandas`?"


@pytest.mark.parametrize(
    ("specs", "kernels"),
    [
        (("numpy",), ("python",)),
        ((), ("python",)),
        (("samtools",), ("python",)),
        (("r-ggplot2",), ("r",)),
        (("r-base", "python"), ("python", "r")),
        (("r-base", "numpy"), ("python", "r")),
    ],
)
def test_each_language_that_is_asked_for_gets_its_kernel(lock, specs, kernels):
    assert lock(*specs, names=("conda-forge", "bioconda")).kernels == kernels


def test_a_pip_part_brings_python_even_to_r(lock):
    assert lock("r-base", with_python=True).kernels == ("python", "r")


def test_a_package_comes_from_the_first_channel_that_has_it(lock):
    assert _versions(lock("numpy", names=("conda-forge", "bioconda")))["numpy"] == "2.1.0"
    assert _versions(lock("numpy", names=("bioconda", "conda-forge")))["numpy"] == "9.9"


def test_a_channel_can_be_named_in_the_spec_alone(lock):
    assert "samtools" in _versions(lock("bioconda::samtools"))


def test_a_channel_in_the_spec_comes_beside_conda_forge_where_a_repo_names_none(lock):
    found = _versions(lock("bioconda::samtools", names=()))

    assert (found["samtools"], found["ipykernel"]) == ("1.20", "7.0")
    assert lock("bioconda::samtools", names=("nodefaults",)) == lock("bioconda::samtools", names=())


@pytest.mark.parametrize("names", [(), ("conda-forge", "bioconda")])
def test_defaults_in_the_spec_are_main_and_r(lock, names):
    found = lock("defaults::numpy", "defaults::samtools >=1", names=names)

    assert (_versions(found)["numpy"], _versions(found)["samtools"]) == ("1.20", "1.0")
    assert f"{OFFICIAL}/main/noarch/numpy-1.20-0.conda" in found.text


def test_what_defaults_do_not_have_is_refused_at_its_line(refusal):
    assert refusal("numpy", "defaults::pandas").where == "environment.yml:5"
    assert "defaults::numpy =2" in refusal("defaults::numpy =2").what


def test_an_address_of_a_channel_is_its_name(lock):
    assert lock("numpy", names=(f"{OFFICIAL}/conda-forge/",)) == lock("numpy")


def test_a_repo_without_channels_is_served_by_conda_forge(lock):
    assert lock("numpy", names=()) == lock("numpy", names=("nodefaults",)) == lock("numpy")


def test_the_image_counts_and_not_the_machine_that_solves(lock, refusal):
    assert "for-this-image" in _versions(lock("for-this-image"))
    assert "__glibc >=2.42" in refusal("for-a-later-debian").what
    assert "__cuda" in refusal("for-a-graphics-card").what


def test_an_architecture_is_named_as_conda_does():
    assert conda_platform(platform.machine()) in {"linux-64", "linux-aarch64"}
    assert conda_platform("AMD64") == "linux-64"
    assert conda_platform("arm64") == "linux-aarch64"
    with pytest.raises(ResolveError, match="riscv64"):
        conda_platform("riscv64")


@pytest.mark.parametrize(
    ("parts", "written"),
    [
        ({}, "numpy"),
        ({"version": "=1.26"}, "numpy =1.26"),
        ({"version": ">=1,<2"}, "numpy >=1,<2"),
        ({"version": "=1.26.4", "build": "py312h1"}, "numpy =1.26.4 py312h1"),
        ({"build": "*_mkl"}, "numpy * *_mkl"),
        ({"channel": "conda-forge"}, "conda-forge::numpy"),
    ],
)
def test_the_parts_of_an_entry_become_a_match_spec(parts, written):
    assert match_spec("numpy", **parts) == written


@pytest.mark.parametrize(
    "version", ["=1.26", "1.26.4", "==1.26.*", "==1.26.4", ">=1,<2", "=1.25|=1.26", "~=1.26"]
)
def test_every_way_to_write_a_version_is_conda_s_own(lock, version):
    assert _versions(lock(match_spec("numpy", version=version)))["numpy"] == "1.26.4"


def test_an_unknown_name_is_refused_with_the_nearest(refusal):
    problem = refusal("numpy", "pandsa")

    assert (
        str(problem) == "environment.yml:5: no package `pandsa` in conda-forge\nhint: did you mean `pandas`?"
    )
    assert "another channel" in refusal("qqqqqq").hint


def test_a_version_that_nobody_has_is_refused_with_those_that_are_there(refusal):
    problem = refusal("numpy =3")

    assert (problem.where, problem.what) == ("environment.yml:4", "no `numpy =3` in conda-forge")
    assert problem.hint == "the newest there: 2.1.0, 2.0.0, 1.26.4"


def test_all_that_cannot_be_had_stands_in_one_message(refusal):
    problem = refusal("numpy =3", "pandsa", "python")

    assert problem.where == "environment.yml"
    assert "environment.yml:4: no `numpy =3`" in problem.what
    assert "environment.yml:5: no package `pandsa`" in problem.what
    assert "environment.yml:6" not in problem.what


def test_a_conflict_names_the_lines_and_the_reason(refusal):
    problem = refusal("r-base", "pandas", "old-course")

    assert problem.what == (
        "no set of packages fits\n"
        "  environment.yml:6: `old-course`\n"
        "  environment.yml:5: `pandas`\n"
        "├─ old-course cannot be had:\n"
        "│  └─ old-course 1.0 would require\n"
        "│     └─ numpy <2, which cannot be had:\n"
        "│        └─ numpy 1.26.4, which conflicts with the above.\n"
        "└─ pandas cannot be had:\n"
        "   └─ pandas 2.2.0 would require\n"
        "      └─ numpy >=2, which cannot be had:\n"
        "         ├─ numpy 2.1.0, which conflicts with the above.\n"
        "         └─ numpy 2.0.0, which conflicts with the above."
    )


def test_a_pin_of_python_that_stands_in_the_way_is_named(refusal):
    assert "environment.yml:5: `python =3.10`" in refusal("pandas", "python =3.10").what


@pytest.mark.parametrize("spec", ["numpy >", "a;b", "numpy*", "^n.*$", "numpy[build", "", "numpy ===1"])
def test_what_is_no_spec_is_refused_at_its_line(refusal, spec):
    assert refusal("python", spec).where == "environment.yml:5"


def test_a_file_from_anywhere_is_refused(refusal):
    assert "an address" in refusal("https://example.org/numpy-1-0.conda").what
    assert "an address" in refusal("numpy[url='https://example.org/numpy-1-0.conda']").what


@given(st.text() | st.text(alphabet="numpy<>=!~.,*|[]:0123456789 "))
def test_any_text_is_a_spec_or_refused(text):
    asked = [Asked(text, "environment.yml:4"), Asked("a;b", "environment.yml:5")]
    question = Question(asked, [], mirror=NOWHERE, platform="linux-64", cache=None)
    _, problem = tried(lambda: asyncio.run(solve_conda(question)))

    assert problem.where in {"environment.yml:4", "environment.yml:5"}


def test_a_kernel_that_cannot_be_had_says_what_it_is_for(refusal):
    problem = refusal("samtools", names=("bioconda",))

    assert "for the Python kernel: no package `ipykernel` in bioconda" in problem.what


def test_an_unknown_channel_is_named(refusal):
    problem = refusal("numpy", names=("conda-forge", "conda-froge"))

    assert problem.where == "channel conda-froge"
    assert problem.what == "there is no such channel"


def test_a_channel_that_does_not_answer_is_named(refusal):
    problem = refusal("numpy", mirror=NOWHERE)

    assert problem.where == "channel conda-forge"
    assert "Connection refused" in problem.what
    assert "LECTERN_CONDA_CHANNELS" in problem.hint


def test_a_channel_that_breaks_off_is_named(refusal, channels):
    problem = refusal("numpy", mirror=f"{channels}/breaks-off")

    assert problem.where == "channel conda-forge"
    assert "does not answer as a channel does" in problem.what


def test_a_page_that_is_no_channel_is_named(refusal):
    assert refusal("numpy", names=("conda-forge", "prose")).where == "channel prose"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a b",
        "../x",
        "https://ada:secret@example.org/x",
        "https://example.org/t/ab-12/x",
        "file:///x",
        "-x",
    ],
)
def test_a_channel_that_would_show_a_secret_or_is_none_is_refused(refusal, name):
    assert refusal("numpy", names=(name,)).where == "channels"


def test_a_repo_that_is_a_project_gets_python_and_has_it_installed_on_top(channels, tmp_path):
    repo = write_repo(tmp_path, {"setup.py": "x\n", "setup.cfg": "[metadata]\nname = ours\n"})
    asked = Declaration(resolver="conda", local=(Item(".", "", "setup.py"),))

    chosen = resolve(asked, repo, Settings(builds=tmp_path / "builds", conda_channels=channels), base=None)

    assert chosen.local == (".",)
    assert chosen.conda.kernels == ("python",)
