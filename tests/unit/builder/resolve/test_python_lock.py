"""Real uv against an index on loopback: what is chosen, and what is said when nothing can be."""

import platform

import pytest

from lectern.builder.declaration import Declaration
from lectern.builder.declare.items import CondaSpec, Item, Requirement
from lectern.builder.resolve import simple_index
from lectern.builder.resolve.fast import translate
from lectern.builder.resolve.python_lock import lock_requirements
from lectern.builder.resolve.refusals import RefusedError
from lectern.errors import ResolveError
from tests.support.package_index import PackageIndex

LINUX = f"manylinux_2_17_{platform.machine()}"


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Give uv one cache: to look at its interpreter anew for each test takes longer than the test."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def lock(index, cache):
    """Resolve requirement lines; the n-th stands in line n of the file."""

    def resolve(*lines, python="", file="environment.yml", apt=(), torch_index="", **more):
        declaration = Declaration(
            requirements=tuple(Requirement(line, f"{file}:{number}") for number, line in enumerate(lines, 1)),
            python=Item("python", python, f"{file}:99") if python else None,
            apt=tuple(Item(name, "", "apt.txt:1") for name in apt),
            **more,
        )
        return lock_requirements(translate(declaration), cache, torch_index=torch_index)

    resolve.index = index
    return resolve


def _refusal(lock, *lines, **more):
    with pytest.raises(RefusedError) as caught:
        lock(*lines, **more)
    return caught.value


def test_the_newest_release_that_fits_is_locked_with_its_hash(lock):
    for version in ("1.0", "1.5", "2.0"):
        lock.index.add("apple", version)

    found = lock("apple<2")

    assert found.python == "3.13"
    assert "apple==1.5 \\\n    --hash=sha256:" in found.requirements
    assert lock.index.url not in found.requirements
    assert found == lock("apple<2")


def test_what_a_package_needs_comes_along(lock):
    lock.index.add("apple", "1.0", requires=["pear>=2", "fig ; extra == 'sweet'"], extras=["sweet"])
    lock.index.add("pear", "2.1")
    lock.index.add("fig", "3.0")

    assert "fig" not in lock("apple").requirements
    assert "fig==3.0" in lock("apple[sweet]").requirements
    assert "pear==2.1" in lock("apple").requirements


def test_a_withdrawn_release_is_not_chosen_and_a_pin_to_it_is_honoured(lock):
    lock.index.add("apple", "1.0")
    lock.index.add("apple", "1.1", yanked=True)

    assert "apple==1.0" in lock("apple").requirements
    assert "apple==1.1" in lock("apple==1.1").requirements


def test_a_range_of_withdrawn_releases_says_so(lock):
    lock.index.add("apple", "1.0")
    lock.index.add("apple", "2.0", yanked=True)

    refusal = _refusal(lock, "apple>=2")

    assert refusal.where == "environment.yml:1"
    assert "withdrawn" in refusal.what
    assert "apple==1.0" in refusal.hint


def test_all_that_is_in_the_way_is_named_at_once_with_lines_and_ways_out(lock):
    lock.index.add("apple", "1.0", tag=f"cp39-cp39-{LINUX}")
    lock.index.add("apple", "2.0", tag=f"cp313-cp313-{LINUX}")
    lock.index.add("pear", "1.0", tag=f"cp39-cp39-{LINUX}")
    lock.index.add("pear", "1.0", tag=f"cp310-cp310-{LINUX}")

    refusal = _refusal(lock, "apple==1.0", "pear==1.0")

    assert (
        "environment.yml:1: `apple==1.0` has no wheel for Python 3.13, only for 3.9 → write `apple==2.0`"
        in refusal.what
    )
    assert "environment.yml:2: `pear==1.0` has no wheel for Python 3.13, only for 3.9 to 3.10" in refusal.what
    assert "write `- python=3.9`, where all is to be had" in refusal.hint
    assert {reason.where for reason in refusal.reasons} == {"environment.yml:1", "environment.yml:2"}


def test_another_python_is_offered_in_the_words_of_the_file_that_asks(lock):
    for name in ("apple", "pear"):
        lock.index.add(name, "1.0", tag=f"cp39-cp39-{LINUX}")

    def hint(file, python=""):
        return _refusal(lock, "apple==1.0", "pear==1.0", file=file, python=python).hint

    assert "write `python-3.9` into runtime.txt, where all" in hint("requirements.txt")
    assert 'write `requires-python = "==3.9.*"`, where all' in hint("pyproject.toml", "==3.13.*")


def test_without_a_python_line_an_older_python_saves_the_pins_and_says_so(lock):
    lock.index.add("apple", "1.0", tag=f"cp311-cp311-{LINUX}")

    found = lock("apple==1.0")

    assert found.python == "3.11"
    assert found.notices[0].startswith(
        "Python 3.11 was chosen, because it cannot be 3.13: environment.yml:1: `apple"
    )


def test_with_a_python_line_no_other_python_is_tried(lock):
    lock.index.add("apple", "1.0", tag=f"cp311-cp311-{LINUX}")

    refusal = _refusal(lock, "apple==1.0", python="==3.13.*")

    assert "only for 3.11" in refusal.what
    assert "python=3.11" in refusal.hint


def test_for_a_python_that_ended_one_is_told_where_all_is_to_be_had(lock):
    lock.index.add("apple", "1.0", tag=f"cp311-cp311-{LINUX}")
    lock.index.add("pear", "1.0")

    refusal = _refusal(lock, "apple", "pear", python="==3.7.*")

    assert (refusal.where, refusal.what) == (
        "environment.yml:99",
        "`python==3.7.*`: Python 3.7 ended in 2023; 3.8 to 3.14 can be had",
    )
    assert refusal.hint.startswith("write `- python=3.11`, where all is to be had; or choose conda")


def test_for_a_python_that_ended_all_is_told_that_is_in_the_way_on_the_one_that_serves_most(lock):
    for minor in ("38", "310"):
        lock.index.add("apple", "1.0", tag=f"cp{minor}-cp{minor}-{LINUX}")
    lock.index.add("pear", "1.0", tag=f"cp310-cp310-{LINUX}")
    lock.index.add("fig", "2.0")

    refusal = _refusal(lock, "apple", "pear", "fig==1", python="==3.6.*")

    assert [reason.where for reason in refusal.reasons] == ["environment.yml:99", "environment.yml:3"]
    assert "environment.yml:99: `python==3.6.*`: Python 3.6 ended in 2021" in refusal.what
    assert "environment.yml:3: on Python 3.10: PyPI has no release of `fig`" in refusal.what
    assert refusal.hint.startswith("write `- python=3.10` and change each as it says")


def test_a_python_that_ended_is_told_beside_a_line_that_is_no_requirement(lock):
    refusal = _refusal(lock, "apple ==", python="==3.6.*")

    assert [reason.where for reason in refusal.reasons] == ["environment.yml:99", "environment.yml:1"]


def test_a_python_that_ended_is_told_although_the_index_does_not_answer(lock):
    lock.index.server.fails_after = 0

    refusal = _refusal(lock, "unheard-of", python="==3.6.*")

    assert refusal.where == "environment.yml:99"
    assert refusal.hint.startswith("write `- python=3.8` and renew the pins")


def test_another_python_is_said_to_be_downloaded(lock):
    lock.index.add("apple", "1.0")

    found = lock("apple", python="==3.9.*")

    assert (found.python, found.notices) == ("3.9", ("Python 3.9 is downloaded, Debian's own is 3.13",))


def test_an_unknown_name_is_told_with_the_nearest_known(lock):
    refusal = _refusal(lock, "numppy")

    assert (refusal.where, refusal.what) == ("environment.yml:1", "PyPI has no package `numppy`")
    assert refusal.hint == "did you mean `numpy`?"


def test_a_release_that_does_not_exist_is_told_with_those_that_do(lock):
    lock.index.add("apple", "1.0")
    lock.index.add("apple", "1.9")

    refusal = _refusal(lock, "apple==7")

    assert "1.0 to 1.9" in refusal.what
    assert "apple==1.9" in refusal.hint


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        *(("==3.24.1", "3.24.0"), ("<=0.3.0", "1.4"), (">=5", "3.29.0"), ("==1.5.1", "1.4")),
        ("==2.9.9", "3.24.0"),
    ],
)
def test_for_a_release_that_does_not_exist_the_nearest_that_this_python_can_use_is_told(lock, asked, near):
    for version in ("1.4", "3.24.0", "3.29.0"):
        lock.index.add("apple", version)
    for version in ("0.3.1", "4.0"):
        lock.index.add("apple", version, tag=f"cp39-cp39-{LINUX}")

    refusal = _refusal(lock, f"apple{asked}", python="==3.8.*")

    assert refusal.hint == f"write `apple=={near}`, the nearest with a wheel for Python 3.8, or no version"


def test_for_a_release_that_does_not_exist_a_source_is_told_where_there_are_no_wheels(lock):
    lock.index.add_source("apple", "1.0", {"apple.py": ""})

    assert _refusal(lock, "apple==7").hint == "write `apple==1.0`, or no version"


def test_versions_of_one_package_that_exclude_each_other_are_both_named(lock):
    lock.index.add("six", "1.16.0")
    lock.index.add("six", "1.17.0")

    refusal = _refusal(lock, conda=(CondaSpec("six", "=1.16,=1.17", where="environment.yml:3"),))

    assert refusal.where == "environment.yml:3"
    assert refusal.what == "PyPI has no release of `six` that fits `==1.16.*` and `==1.17.*` at once"
    assert refusal.hint == "keep one of them; where two lines name `six`, take one out"


def test_packages_that_exclude_each_other_are_both_named_and_the_change_that_helps_is_tried(lock):
    lock.index.add("apple", "1.0", requires=["pear<2"])
    lock.index.add("pear", "1.0")
    lock.index.add("pear", "2.0")

    refusal = _refusal(lock, "apple==1.0", "pear==2.0", python="==3.13.*")

    assert "environment.yml:1: `apple==1.0`" in refusal.what
    assert "environment.yml:2: `pear==2.0`" in refusal.what
    assert "apple depend on pear<2" in refusal.what
    assert refusal.where == "environment.yml:2"
    assert refusal.hint == "take the version off `pear` (environment.yml:2)"


def test_a_pure_source_release_is_taken_with_a_notice_and_its_code_does_not_run(lock, tmp_path):
    trap = tmp_path / "ran"
    lock.index.add_source(
        "apple", "1.0", {"setup.py": f"open({str(trap)!r}, 'w')", "apple.py": ""}, requires=["pear"]
    )
    lock.index.add("pear", "1.0")

    found = lock("apple")

    assert found.sources == ("apple",)
    assert "pear==1.0" in found.requirements
    assert any("apple 1.0 has no wheel" in notice for notice in found.notices)
    assert not trap.exists()


def test_a_source_release_that_is_large_is_read_once(lock, monkeypatch, capsys):
    monkeypatch.setattr(simple_index, "MAX_BYTES", 64)
    monkeypatch.setattr(simple_index, "_TOLD_EVERY_BYTES", 64)
    lock.index.add_source("large-apple", "1.0", {"apple.py": ""}, requires=["pear"])
    lock.index.add("pear", "1.0")

    first, second = lock("large-apple"), lock("large-apple")

    assert first.sources == second.sources == ("large-apple",)
    assert "pear==1.0" in second.requirements
    assert lock.index.server.asked.count("/files/large-apple-1.0.tar.gz") == 1
    assert "large-apple-1.0.tar.gz is read for what it needs" in capsys.readouterr().err


def test_a_source_release_that_is_too_large_is_told_with_its_line_beside_all_else(lock, monkeypatch):
    monkeypatch.setattr(simple_index, "MAX_RELEASE_BYTES", 64)
    lock.index.add_source("apple", "1.0", {"apple.py": ""})
    lock.index.add("pear", "1.0")

    refusal = _refusal(lock, "apple", "pear==9")

    assert [reason.where for reason in refusal.reasons] == ["environment.yml:1", "environment.yml:2"]
    assert "environment.yml:1: `apple` has no wheel, and its source has more than" in refusal.what


def test_a_source_release_that_only_its_code_can_explain_is_refused(lock, tmp_path):
    trap = tmp_path / "ran"
    code = f"open({str(trap)!r}, 'w')\nsetup(name='apple', install_requires=compute())"
    lock.index.add_source("apple", "1.0", {"setup.py": code}, metadata_version="1.2")

    refusal = _refusal(lock, "apple")

    assert "only when its code runs" in refusal.what
    assert not trap.exists()


def test_for_a_pin_whose_source_is_of_no_help_the_nearest_release_with_a_wheel_is_told(lock):
    lists = {"apple.egg-info/requires.txt": "pytz>=2011k\n", "apple.egg-info/PKG-INFO": "Name: apple\n"}
    lock.index.add_source("apple", "1.0", lists, metadata_version="1.2")
    lock.index.add("apple", "1.1")

    refusal = _refusal(lock, "apple==1.0")

    assert (
        refusal.what
        == "`apple==1.0` has no wheel for Python 3.13, and its source needs something that is no "
        "requirement (`pytz>=2011k`)"
    )
    assert refusal.hint.startswith("write `apple==1.1`, the nearest with a wheel for Python 3.13; or leave")


def test_a_source_release_beside_a_pin_for_an_older_python_does_not_hide_that_python(lock):
    lock.index.add_source("apple", "1.0", {"apple.py": ""})
    lock.index.add("pear", "1.0", tag=f"cp312-cp312-{LINUX}")

    found = lock("apple", "pear==1.0")

    assert (found.python, found.sources) == ("3.12", ("apple",))


def test_a_source_release_that_can_be_had_is_not_told_to_be_in_the_way(lock):
    lock.index.add_source("apple", "1.0", {"apple.py": ""})
    lock.index.add("pear", "1.0")

    refusal = _refusal(lock, "apple", "pear==9")

    assert [reason.where for reason in refusal.reasons] == ["environment.yml:2"]


def test_a_source_release_that_another_package_needs_is_told_with_the_line_that_brought_it(lock):
    lock.index.add("apple", "1.0", requires=["fig"])
    lock.index.add_source("fig", "1.0", {"fig.c": ""})

    refusal = _refusal(lock, "apple")

    assert refusal.where == "environment.yml:1"
    assert "`fig` has no wheel" in refusal.what


def test_what_has_to_be_compiled_asks_for_the_compiler_by_name(lock):
    lock.index.add_source("apple", "1.0", {"apple.pyx": ""})

    refusal = _refusal(lock, "apple")

    assert "has to be compiled" in refusal.what
    assert "python3-dev, build-essential" in refusal.hint
    assert lock("apple", apt=["gcc", "python3-dev"]).sources == ("apple",)


def test_wheels_that_newer_releases_have_for_newer_pythons_are_told_and_the_python_that_helps(lock):
    lock.index.add_source("apple", "1.0", {"apple.pyx": ""})
    for minor in ("39", "314"):
        lock.index.add("apple", "2.0", tag=f"cp{minor}-cp{minor}-{LINUX}", requires_python=">=3.9")
    lock.index.add("pear", "1.0", requires=["apple"])

    refusal = _refusal(lock, "apple", python="==3.8.*")
    indirect = _refusal(lock, "pear", python="==3.8.*")

    said = (
        "`apple` has no wheel for Python 3.8, only its source, which has to be compiled; newer releases have "
        "wheels for Python 3.9 to 3.14"
    )
    assert (refusal.what, indirect.what) == (said, said)
    assert refusal.where == indirect.where == "environment.yml:1"
    assert refusal.hint.startswith("write `- python=3.14`, where all is to be had; or put")
    assert indirect.hint.startswith("write `- python=3.14`, where all is to be had; or put")


def test_wheels_for_another_python_alone_do_not_advise_to_leave_the_package_out_at_once(lock):
    lock.index.add("apple", "1.0", tag=f"cp39-cp39-{LINUX}")

    refusal = _refusal(lock, "apple", "pear", python="==3.13.*")

    assert (
        "`apple` has no wheel for Python 3.13, only for 3.9 → name one of those Pythons, or" in refusal.what
    )


def test_a_pin_that_would_have_to_be_compiled_is_told_with_the_nearest_release_that_has_a_wheel(lock):
    lock.index.add_source("apple", "3.0.1", {"apple.c": ""})
    lock.index.add("apple", "3.1", tag=f"cp38-cp38-{LINUX}")
    lock.index.add("apple", "4.0", tag=f"cp313-cp313-{LINUX}")

    refusal = _refusal(lock, "apple==3.0.*", python="==3.8.*")

    assert refusal.what.startswith("`apple==3.0.*` has no wheel for Python 3.8, only its source")
    assert refusal.hint.startswith(
        "write `apple==3.1`, the nearest with a wheel for Python 3.8; or put build-"
    )


def test_a_stale_pin_counts_as_unsatisfied_although_it_has_a_wheel(lock):
    lock.index.add("apple", "0.9", uploaded="2021-02-28", requires=["pear"])
    lock.index.add("apple", "1.5", uploaded="2026-01-01", requires=["pear"])
    lock.index.add("pear", "3.0", uploaded="2026-01-01")

    refusal = _refusal(lock, "apple==0.9")

    assert "2021-02-28, older than Python 3.13" in refusal.what
    assert "python=3.9" in refusal.hint


def test_for_a_stale_pin_a_python_is_offered_in_the_words_of_the_file_that_asks(lock):
    lock.index.add("apple", "1.0", uploaded="2021-03-01", requires=["pear"])
    lock.index.add("apple", "2.0", uploaded="2025-06-01", requires=["pear"])
    lock.index.add("pear", "2.0", uploaded="2025-06-01")

    refusal = _refusal(lock, "apple==1.0", python="==3.13.*", file="Pipfile")

    assert refusal.hint.startswith('write `python_version = "3.9"` or take')


def test_where_the_author_names_the_python_a_pin_may_be_two_pythons_older(lock):
    for version, date in (("1.0", "2022-11-01"), ("0.9", "2022-10-01"), ("2.0", "2026-01-01")):
        lock.index.add("apple", version, uploaded=date, requires=["pear"])
    lock.index.add("pear", "3.0", uploaded="2026-01-01")

    assert "apple==1.0" in lock("apple==1.0", python="==3.13.*").requirements
    assert "older than Python 3.13" in _refusal(lock, "apple==0.9", python="==3.13.*").what


def test_where_the_choice_is_ours_a_python_no_younger_than_the_pins_is_found(lock):
    for version, date in (("1.0", "2023-11-01"), ("2.0", "2026-01-01")):
        lock.index.add("apple", version, uploaded=date, requires=["pear"])
    lock.index.add("pear", "3.0", uploaded="2026-01-01")

    assert lock("apple==1.0").python == "3.12"


def test_a_pin_that_needs_nothing_newer_is_not_stale(lock):
    lock.index.add("apple", "0.9", uploaded="2021-02-28")
    lock.index.add("apple", "1.5")

    assert "apple==0.9" in lock("apple==0.9").requirements


def test_an_old_release_that_is_still_the_newest_is_not_stale(lock):
    lock.index.add("apple", "0.9", uploaded="2021-02-28", requires=["pear"])
    lock.index.add("pear", "3.0")

    assert "apple==0.9" in lock("apple==0.9").requirements


def test_an_index_that_goes_away_half_way_is_named(lock):
    lock.index.add("apple", "1.0", requires=["pear"])
    lock.index.add("pear", "1.0")
    lock.index.server.fails_after = 2

    with pytest.raises(ResolveError) as caught:
        lock("apple")

    assert caught.value.where == "PyPI"
    assert "online" in caught.value.hint


def test_hashes_beside_a_requirement_are_held(lock):
    lock.index.add("apple", "1.0")
    digest = lock("apple").requirements.partition("apple==1.0 \\\n    --hash=sha256:")[2][:64]

    assert "apple==1.0" in lock(f"apple==1.0 --hash=sha256:{digest}").requirements
    assert "hashes" in _refusal(lock, f"apple==1.0 --hash=sha256:{'0' * 64}").what


def test_a_constraint_bounds_without_installing(lock):
    lock.index.add("apple", "1.0")
    lock.index.add("apple", "2.0")
    lock.index.add("pear", "1.0")

    found = lock("apple", constraints=(Requirement("apple<2", "c.txt:1"), Requirement("pear<2", "c.txt:2")))

    assert "apple==1.0" in found.requirements
    assert "pear" not in found.requirements


def test_a_constraint_that_is_none_is_refused_with_its_line(lock):
    refusal = _refusal(lock, "ipykernel", constraints=(Requirement("-r /etc/passwd", "c.txt:1"),))

    assert refusal.where == "c.txt:1"


def test_a_requirement_for_another_machine_is_no_concern(lock):
    lock.index.add("apple", "1.0")

    found = lock(
        "apple", "pywin32==1; sys_platform == 'win32'", "fig; python_version < '3.9'", python="==3.13.*"
    )

    assert "apple==1.0" in found.requirements
    assert "fig" not in found.requirements


def test_prereleases_count_only_when_asked_for(lock):
    lock.index.add("apple", "1.0")
    lock.index.add("apple", "2.0rc1")

    assert "apple==1.0" in lock("apple").requirements
    assert "apple==2.0rc1" in lock("apple", options=(Item("--pre", "", "requirements.txt:1"),)).requirements


def test_torch_comes_from_its_own_index_even_when_another_package_needs_it(lock):
    lock.index.add("torch", "2.9.0")
    lock.index.add("apple", "1.0", requires=["torch"])
    processors = PackageIndex(speaks_json=False)
    processors.add("torch", "2.9.0+cpu", tag=f"cp313-cp313-{LINUX}")
    processors.add("apple", "9.9")

    direct, indirect = (lock(name, torch_index=processors.url) for name in ("torch", "apple"))
    processors.close()

    for found in (direct, indirect):
        assert "torch==2.9.0+cpu" in found.requirements
        assert found.needs_torch_index
    assert "apple==1.0" in indirect.requirements


def test_without_an_answer_from_torchs_index_pypis_is_taken_and_said(lock):
    lock.index.add("torch", "2.9.0")
    lock.index.add("apple", "1.0")

    found = lock("torch", torch_index="http://127.0.0.1:9")

    assert "torch==2.9.0 " in found.requirements
    assert not found.needs_torch_index
    assert any("does not answer" in notice for notice in found.notices)
    assert lock("apple", torch_index="http://127.0.0.1:9").notices == ()


def test_an_index_that_speaks_html_serves_too(lock, monkeypatch):
    plain = PackageIndex(speaks_json=False)
    plain.add("ipykernel", "7.0")
    plain.add("apple", "1.0", requires_python=">=3.8")
    plain.add("apple", "2.0", requires_python=">=3.14")
    monkeypatch.setenv("UV_DEFAULT_INDEX", plain.url)

    refusal = _refusal(lock, "apple==2.0", python="==3.13.*")
    found = lock("apple")
    plain.close()

    assert "apple==1.0" in found.requirements
    assert "only for 3.14" in refusal.what


def test_answers_of_the_index_are_kept(lock):
    lock.index.add("apple", "1.0", tag=f"cp39-cp39-{LINUX}")

    for _ in range(2):
        _refusal(lock, "apple", python="==3.13.*")

    assert lock.index.server.unchanged


@pytest.mark.parametrize("line", ["apple; os.system('x')", "apple ==", "@", "apple; extra ==", "-r x", "a b"])
def test_what_is_no_requirement_is_refused_with_its_line(lock, line):
    assert _refusal(lock, line).where == "environment.yml:1"


def test_conda_versions_reach_uv(index, tmp_path):
    index.add("numpy", "2.1.4")
    index.add("numpy", "2.2.0")
    declaration = Declaration(conda=(CondaSpec("numpy", "=2.1", where="environment.yml:1"),))

    assert "numpy==2.1.4" in lock_requirements(translate(declaration), tmp_path).requirements
