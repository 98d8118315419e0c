"""Which Julia an environment gets, and what is said when there is none."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.resolve.julia import Asked, JuliaLock, choose, lock_julia, read_asked
from lectern.builder.resolve.julia_releases import Archive, read_archives, read_releases
from lectern.errors import LecternError, ResolveError
from tests.support.repos import write_repo

BASE = "https://julia.example/bin"
UNIT = "11111111-2222-4333-8444-555555555555"
PROJECT = f'[deps]\nUnit = "{UNIT}"\n\n[compat]\nUnit = "1"\njulia = "1.6"\n'
_ENTRY = f'uuid = "{UNIT}"\nversion = "1.1.0"\n'
MANIFEST = f'julia_version = "1.10.4"\nmanifest_format = "2.0"\n\n[[deps.Unit]]\n{_ENTRY}'
OLD_MANIFEST = f"[[Unit]]\n{_ENTRY}"


def entry(version, architecture="x86_64", system="linux", libc="gnu"):
    return {
        "arch": architecture,
        "extension": "tar.gz",
        "kind": "archive",
        "os": system,
        "sha256": "AB" * 32,
        "size": 1,
        "triplet": f"{architecture}-{system}-{libc}",
        "url": f"https://julialang-s3.julialang.org/bin/{system}/{architecture}/julia-{version}.tar.gz",
        "version": version,
    }


def releases(*versions):
    return read_releases(
        {each: {"files": [entry(each)], "stable": "-" not in each} for each in (versions or ("1.10.4",))}
    )


def pick(asked, found, architecture="x86_64"):
    return choose(asked, found, architecture=architecture, base=BASE)


def test_the_manifests_own_release_is_taken_however_many_are_newer():
    asked = read_asked(PROJECT, MANIFEST)

    assert pick(asked, releases("1.9.0", "1.10.4", "1.12.1")).version == "1.10.4"


def test_a_manifest_of_a_release_candidate_gets_it():
    asked = read_asked(PROJECT, MANIFEST.replace("1.10.4", "1.12.0-rc1"))

    assert pick(asked, releases("1.12.0-rc1", "1.12.0")).version == "1.12.0-rc1"


def test_without_a_manifest_the_newest_stable_release_that_fits_is_taken():
    asked = read_asked(PROJECT.replace('"1.6"', '"~1.10"'), "")

    assert pick(asked, releases("1.9.4", "1.10.9", "1.10.10", "1.10.11-rc1", "1.11.0")).version == "1.10.10"


def test_a_project_that_asks_for_no_version_gets_the_newest_stable_one():
    asked = read_asked("", "")

    assert pick(asked, releases("1.9.4", "1.12.1", "1.13.0-beta1")).version == "1.12.1"


def test_a_manifest_of_before_julia_1_6_names_no_release():
    asked = read_asked(PROJECT, OLD_MANIFEST)

    assert asked.exact == ""
    assert pick(asked, releases("1.10.4")).version == "1.10.4"


def test_only_archives_for_linux_with_the_usual_c_library_count():
    files = [
        entry("1.10.4"),
        entry("1.10.4", "aarch64"),
        entry("1.10.4", libc="musl"),
        entry("1.10.4", system="mac"),
        entry("1.10.4", "i686"),
    ]

    (release,) = read_releases({"1.10.4": {"files": files, "stable": True}})
    archives = read_archives(release, BASE)

    assert [archive.architecture for archive in archives] == ["aarch64", "x86_64"]
    assert archives[1] == Archive("x86_64", "linux/x86_64/julia-1.10.4.tar.gz", "ab" * 32)


def test_a_release_is_chosen_from_those_for_this_machine():
    found = read_releases(
        {
            "1.5.3": {"files": [entry("1.5.3"), entry("1.5.3", "aarch64")], "stable": True},
            "1.5.4": {"files": [entry("1.5.4")], "stable": True},
        }
    )

    assert pick(read_asked("", ""), found, "aarch64").version == "1.5.3"
    assert pick(read_asked("", ""), found, "x86_64").version == "1.5.4"


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "none"},
        {"sha256": None},
        {"url": "https://elsewhere/julia.tar.gz"},
        {"url": "https://h/bin/../../etc/x.tar.gz"},
        {"url": "https://h/bin/a b;id.tar.gz"},
    ],
)
def test_a_release_without_checksum_or_path_matters_only_when_it_is_chosen(change):
    listed = {"1.10.4": entry("1.10.4") | change, "1.9.4": entry("1.9.4")}
    found = read_releases({name: {"files": [each], "stable": True} for name, each in listed.items()})

    assert read_archives(found[1], BASE)
    with pytest.raises(ResolveError) as caught:
        read_archives(found[0], BASE)
    assert caught.value.what == "Julia 1.10.4 for x86_64 has no address with a sha256"


def test_a_lock_holds_no_address_and_becomes_json():
    lock = JuliaLock("1.10.4", read_archives(releases("1.10.4")[0], BASE), PROJECT, "")

    assert "://" not in json.dumps(dataclasses.asdict(lock))
    assert lock.archive("x86_64").sha256 == "ab" * 32


def test_a_lock_says_when_there_is_no_archive_for_a_machine():
    lock = JuliaLock("1.5.3", read_archives(releases("1.5.3")[0], BASE), PROJECT, "")

    with pytest.raises(ResolveError, match=r"Julia 1\.5\.3 is not published for aarch64"):
        lock.archive("aarch64")


@pytest.mark.parametrize(("version", "debian"), [("1.5.4", ("curl",)), ("1.6.0", ()), ("1.12.0-rc1", ())])
def test_only_a_julia_that_cannot_download_needs_a_program_for_it(version, debian):
    assert JuliaLock(version, (), "", "").debian == debian


@pytest.mark.parametrize(
    ("project", "manifest", "message"),
    [
        ("[deps\n", "", "binder/Project.toml:1: is no TOML: expected ']' at the end of a table declaration"),
        ("deps = 1\n", "", "binder/Project.toml: `deps` is no table"),
        ('[deps]\n# a comment\nUnit = "1.0"\n', "", "binder/Project.toml:3: `Unit` has no UUID"),
        ('[compat]\njulia = "latest"\n', "", "binder/Project.toml:2: julia: `latest` is no version range"),
        ("[compat]\njulia = 1.10\n", "", "binder/Project.toml:2: julia: `1.1` must stand in quotes"),
        (PROJECT, "julia_version = 1.6\n", "binder/Manifest.toml:1: julia_version `1.6` is no version"),
        (PROJECT, "x = [\n", "binder/Manifest.toml: is no TOML: invalid value"),
        (PROJECT, 'manifest_format = "2.0"\n', "binder/Project.toml:2: `Unit` is not in binder/Manif"),
        (PROJECT, 'manifest_format = "2.0"\ndeps = 1\n', "binder/Manifest.toml: `deps` is no table"),
        (
            PROJECT,
            MANIFEST + '\n[[deps.Own]]\npath = "../own"\nuuid = "x"\n',
            "binder/Manifest.toml:9: `Own` is taken from a folder, which is not there",
        ),
        (
            PROJECT.replace('"1.6"', '"1.11"'),
            MANIFEST,
            "binder/Manifest.toml:1: it was made by Julia 1.10.4, which `julia = ",
        ),
    ],
)  # fmt: skip
def test_files_that_cannot_be_used_are_named_with_their_line(project, manifest, message):
    with pytest.raises(ResolveError) as caught:
        read_asked(project, manifest, "binder/Project.toml", "binder/Manifest.toml")

    assert str(caught.value).startswith(message)
    assert caught.value.hint


@pytest.mark.parametrize("folder", ["", "binder/", ".binder/"])
@pytest.mark.parametrize("own", ["", "Julia"])
def test_the_files_are_named_as_the_repo_has_them(tmp_path, folder, own):
    manifest = MANIFEST.replace("1.10.4", "1.5.0")
    project_path, manifest_path = f"{folder}{own}Project.toml", f"{folder}{own}Manifest.toml"
    repo = write_repo(tmp_path, {project_path: PROJECT, manifest_path: manifest})

    with pytest.raises(ResolveError) as caught:
        lock_julia(PROJECT, manifest, architecture="x86_64", base=BASE, repo=repo)

    assert caught.value.where == f"{manifest_path}:1"
    assert f"in {project_path} excludes" in caught.value.what
    assert f"remove {manifest_path} to" in caught.value.hint


def test_a_release_that_does_not_exist_is_named_with_the_newest():
    asked = read_asked(PROJECT, MANIFEST.replace("1.10.4", "1.10.99"))

    with pytest.raises(ResolveError) as caught:
        pick(asked, releases("1.10.4", "1.12.1"))

    assert caught.value.what == f"there is no Julia 1.10.99 for x86_64 at {BASE}"
    assert caught.value.where == "Manifest.toml:1"
    assert "the newest there is 1.12.1" in caught.value.hint


def test_a_compat_that_no_release_satisfies_is_named_with_its_line():
    asked = read_asked(PROJECT.replace('"1.6"', '"2"'), "")

    with pytest.raises(ResolveError) as caught:
        pick(asked, releases("1.12.1"))

    assert caught.value.what == f'no Julia for x86_64 at {BASE} fits `julia = "2"`'
    assert (caught.value.where, caught.value.hint) == ("Project.toml:6", "the newest there is 1.12.1")


def test_a_list_without_a_stable_release_serves_nobody():
    with pytest.raises(ResolveError, match="is stable"):
        pick(Asked("", None, "Project.toml"), releases("1.13.0-beta1"))


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_texts_are_read_or_refused_with_a_hint(project, manifest):
    try:
        read_asked(project, manifest)
    except LecternError as problem:
        assert problem.hint  # noqa: PT017 - either outcome is right
