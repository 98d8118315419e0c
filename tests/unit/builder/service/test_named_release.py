"""Which release somebody means."""

from datetime import UTC, datetime, timedelta

import pytest

from lectern.builder.releases import ReleaseHere
from lectern.builder.service import named_release
from lectern.release import Publication, Release

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
A, B, C = ("a" * 40, "b" * 40, "c" * 40)


def here(minute, commit, identity, tag="", *, is_published=False):
    at = NOW + timedelta(minutes=minute)
    made = Release("stats", commit, identity * 64, "base", "r", (), (), at, "passed", "main", "ada")
    return ReleaseHere(made, tag or commit, Publication("ada", NOW) if is_published else None, 1)


#: A, B, and B once more with newer packages; a preview of C.
RELEASES = [
    here(0, A, "1"),
    here(1, B, "2", f"{B}-{'2' * 12}"),
    here(2, B, "3", is_published=True),
    here(3, C, "4"),
]
FIRST, OF_OLD, PUBLISHED, PREVIEW = RELEASES


@pytest.mark.parametrize("one", RELEASES)
def test_a_tag_names_its_own_release_and_no_other(one):
    assert named_release.meant(RELEASES, one.tag) is one


@pytest.mark.parametrize(
    ("text", "one"), [("bbbbbbb", PUBLISHED), ("2" * 64, OF_OLD), ("2222222", OF_OLD), ("aaaa", FIRST)]
)
def test_a_short_commit_is_its_newest_release_and_an_identity_its_own(text, one):
    assert named_release.meant(RELEASES, text) is one


@pytest.mark.parametrize("text", ["", "b", "dddd", "-", "published"])
def test_what_names_no_release_finds_none(text):
    assert named_release.meant(RELEASES, text) is None


def test_one_goes_back_to_what_was_before_newer_packages_came():
    assert named_release.one_before(RELEASES, {A, B}) is OF_OLD


def test_a_preview_is_nothing_to_go_back_to():
    assert named_release.one_before([FIRST, here(1, C, "4"), PUBLISHED], {A, B}) is FIRST
    assert named_release.one_before([PUBLISHED], {A, B}) is None


def test_a_build_is_known_by_commit_and_identity():
    assert named_release.built(RELEASES, B, "2" * 64) is OF_OLD
    assert named_release.built(RELEASES, A, "2" * 64) is None
