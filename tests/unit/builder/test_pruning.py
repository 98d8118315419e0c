"""Which releases are let go of."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.pruning import outdated
from lectern.release import Release

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
FOUND = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 50), st.booleans()), max_size=20)


def _release(environment: str, day: int, ref: str = "main") -> Release:
    return Release(
        environment,
        f"c{day}",
        "identity",
        "base",
        "recipe",
        ("python3",),
        ("Python",),
        BEGIN + timedelta(day),
        "passed",
        ref,
    )


def test_the_newest_stay_of_each_environment():
    found = [(_release("a", day), False) for day in (1, 4, 2, 3)] + [(_release("b", 0), False)]

    assert [release.commit for release in outdated(found, keep=2)] == ["c2", "c1"]


def test_the_newest_stay_of_each_branch():
    found = [(_release("a", day, ref), False) for day, ref in ((1, "main"), (2, "x"), (3, "x"), (4, "x"))]

    assert [(release.ref, release.commit) for release in outdated(found, keep=2)] == [("x", "c2")]


@given(FOUND, st.integers(0, 5))
def test_the_published_always_stays_and_no_more_goes_than_has_to(entries, keep):
    found = [(_release(name, day), is_published) for name, day, is_published in entries]

    gone = outdated(found, keep=keep)

    for name in "ab":
        others = [
            release for release, is_published in found if release.environment == name and not is_published
        ]
        assert len([release for release in gone if release.environment == name]) == max(0, len(others) - keep)
    published = [release for release, is_published in found if is_published]
    assert not [release for release in gone if release in published and (release, False) not in found]
