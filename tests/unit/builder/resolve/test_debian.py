import gzip
import lzma
import os

import pytest

from lectern.builder.resolve.debian import PackageList, find_lists, parse_packages, read_archive
from lectern.errors import ResolveError
from tests.support.package_index import served

PACKAGES = """Package: git
Version: 1:2.47.3-0+deb13u1
Description: x
 Version: not this one

Package: mawk
Version: 1.3
Provides: awk, posix-awk (= 1)
"""

SOURCES = """\
# comment
Types: deb deb-src
URIs: http://one/debian
Suites: trixie trixie-updates
Components: main
 contrib
Signed-By:
 -----BEGIN-----

Types: deb
URIs: http://two
Suites: bookworm
Components: main

Types: deb
URIs: http://three
Suites: trixie
Components: main
Enabled: no
"""


def _publish(folder, suite, text, pack=lzma.compress, suffix=".xz"):
    place = PackageList("", suite, "main").folder.lstrip("/")
    (folder / place).mkdir(parents=True)
    (folder / place / f"Packages{suffix}").write_bytes(pack(text.encode()))


def _age(cache):
    for path in cache.iterdir():
        os.utime(path, (0, 0))


def test_names_versions_and_virtual_names_are_read():
    assert parse_packages(PACKAGES) == {
        "git": "1:2.47.3-0+deb13u1", "mawk": "1.3", "awk": "", "posix-awk": "",
    }  # fmt: skip


def test_sources_of_trixie_are_found_and_others_are_not(tmp_path):
    (tmp_path / "debian.sources").write_text(SOURCES)

    found = find_lists(tmp_path)

    assert {(one.archive, one.suite, one.component) for one in found} == {
        ("http://one/debian", suite, component)
        for suite in ("trixie", "trixie-updates")
        for component in ("main", "contrib")
    }
    assert find_lists(tmp_path / "nothing") == ()


def test_a_later_suites_version_counts(tmp_path):
    _publish(tmp_path / "a", "trixie", "Package: git\nVersion: 1\n")
    _publish(tmp_path / "a", "trixie-security", "Package: git\nVersion: 2\n", gzip.compress, ".gz")
    with served(tmp_path / "a") as server:
        lists = [PackageList(server.url, suite, "main") for suite in ("trixie-security", "trixie")]
        found = read_archive(lists, tmp_path / "cache")

    assert found.find_version("git") == "2"
    assert found.find_version("nonesuch") is None


def test_a_kept_list_is_used_without_asking_then_revalidated_then_replaced(tmp_path):
    _publish(tmp_path / "a", "trixie", PACKAGES)
    cache = tmp_path / "cache"
    with served(tmp_path / "a") as server:
        lists = [PackageList(server.url, "trixie", "main")]
        first = read_archive(lists, cache)
        asked = len(server.asked)
        assert read_archive(lists, cache) == first
        assert len(server.asked) == asked

        _age(cache)
        assert read_archive(lists, cache) == first
        assert server.unchanged == 1

        _age(cache)
        next(tmp_path.glob("a/**/Packages.xz")).write_bytes(lzma.compress(b"Package: git\nVersion: 3\n"))
        assert read_archive(lists, cache).find_version("git") == "3"


def test_an_archive_that_is_away_is_an_error_unless_its_list_is_kept(tmp_path):
    _publish(tmp_path / "a", "trixie", PACKAGES)
    cache = tmp_path / "cache"
    with served(tmp_path / "a") as server:
        lists = [PackageList(server.url, "trixie", "main")]
        read_archive(lists, cache)
        server.fails_after = 0
        _age(cache)

        assert read_archive(lists, cache).find_version("git")
        with pytest.raises(ResolveError, match="answers 503"):
            read_archive(lists, tmp_path / "other")
