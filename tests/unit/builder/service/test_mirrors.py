"""What follows an address, and when it is looked at."""

from datetime import UTC, datetime, timedelta

import pytest

from lectern.builder.service.mirrors import Mirror, Mirrors
from lectern.errors import RepoError

URL = "https://git.example.org/course.git"
NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("every_hours", "looked", "is_due"),
    [(0, None, False), (1, None, True), (1, 59, False), (1, 60, True), (24, 60, False)],
)
def test_an_address_is_due_when_its_hours_are_over(every_hours, looked, is_due):
    looked_at = None if looked is None else NOW - timedelta(minutes=looked)

    assert Mirror(URL, every_hours, looked_at).is_due(NOW) == is_due


async def test_address_and_schedule_are_kept(repos):
    mirrors = Mirrors(repos, 1_000_000, lambda: ())
    await repos.create("stats")
    await repos.create("geo")

    await mirrors.follow("stats", URL, every_hours=24)

    assert await mirrors.find("stats") == Mirror(URL, 24)
    assert await mirrors.find("geo") is None
    assert await mirrors.due(NOW) == ["stats"]


async def test_what_follows_nothing_is_not_fetched(repos):
    await repos.create("stats")

    with pytest.raises(RepoError, match="follows no address"):
        await Mirrors(repos, 1_000_000, lambda: ()).fetch("stats")


async def test_an_environment_that_goes_meanwhile_takes_no_others_turn(repos, monkeypatch):
    mirrors = Mirrors(repos, 1_000_000, lambda: ())
    await repos.create("stats")
    await mirrors.follow("stats", URL, every_hours=24)
    monkeypatch.setattr(type(repos), "names", lambda _: ["gone", "stats"])

    assert await mirrors.due(NOW) == ["stats"]
