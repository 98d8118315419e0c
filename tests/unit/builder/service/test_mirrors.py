"""What follows an address, and when it is looked at."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from lectern.builder.service import mirrors as mirrors_module
from lectern.builder.service.mirror_url import read_url, resolve
from lectern.builder.service.mirrors import Mirror, Mirrors, own_networks, read_hours
from lectern.errors import EngineError, RepoError
from lectern.settings import Settings

URL = "https://git.example.org/course.git"
NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("every_hours", "looked", "is_due"),
    [(0, None, False), (1, None, True), (1, 59, False), (1, 60, True), (24, 60, False)],
)
def test_an_address_is_due_when_its_hours_are_over(every_hours, looked, is_due):
    looked_at = None if looked is None else NOW - timedelta(minutes=looked)

    assert Mirror(URL, every_hours, looked_at).is_due(NOW) == is_due


@pytest.mark.parametrize(("typed", "hours"), [("0", 0), ("24", 24), ("9999", 9999)])
def test_hours_are_read_as_they_are_typed(typed, hours):
    assert read_hours(typed) == hours


@pytest.mark.parametrize("typed", ["", "-1", "1.5", "daily", "10000", "²"])
def test_what_is_no_number_of_hours_is_refused(typed):
    with pytest.raises(RepoError, match="is no number of hours"):
        read_hours(typed)


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
    with pytest.raises(RepoError, match="follows no address"):
        await Mirrors(repos, 1_000_000, lambda: ()).read("stats")


async def test_an_environment_that_goes_meanwhile_takes_no_others_turn(repos, monkeypatch):
    mirrors = Mirrors(repos, 1_000_000, lambda: ())
    await repos.create("stats")
    await mirrors.follow("stats", URL, every_hours=24)
    monkeypatch.setattr(type(repos), "names", lambda _: ["gone", "stats"])

    assert await mirrors.due(NOW) == ["stats"]


class _Engine:
    """An engine with two networks."""

    def __init__(self, _project):
        pass

    def subnets(self):
        return ["172.17.0.0/16", "172.17.0.1", "fd00:1::/64", "fd00:1::1"]


@pytest.fixture
def on_this_machine(monkeypatch, tmp_path):
    """Give what is known of a machine that people reach at 192.0.2.7, in a container on 172.18."""
    routes = tmp_path / "route"
    routes.write_text("Iface Destination Gateway Flags RefCnt Use Metric Mask\n")
    with routes.open("a") as table:
        table.write("eth0 00000000 010012AC 3 0 0 0 00000000\neth0 000012AC 00000000 1 0 0 0 0000FFFF\n")
    monkeypatch.setattr(mirrors_module, "_ROUTES", routes)
    monkeypatch.setattr(mirrors_module, "Engine", _Engine)
    return lambda: own_networks(Settings(address="http://192.0.2.7:8000"))


@pytest.mark.parametrize(
    "host",
    [
        "172.17.0.1",
        "172.17.0.9",
        "172.18.0.1",
        "172.18.0.9",
        "192.0.2.7",
        "[fd00:1::1]",
        "[::ffff:172.17.0.1]",
    ],
)
async def test_no_address_of_this_machine_or_its_containers_is_fetched(repos, on_this_machine, host):
    mirrors = Mirrors(repos, 1_000_000, on_this_machine)
    await repos.create("stats")
    await mirrors.follow("stats", f"http://{host}:3000/x.git")

    with pytest.raises(RepoError, match="Lectern's own machine"):
        await mirrors.fetch("stats")


async def test_a_campus_address_is_taken(on_this_machine):
    assert await resolve(read_url("http://10.1.2.3/x.git"), on_this_machine()) == ["10.1.2.3"]


async def test_a_refused_address_waits_for_its_next_time(repos, on_this_machine):
    mirrors = Mirrors(repos, 1_000_000, on_this_machine)
    await repos.create("stats")
    await mirrors.follow("stats", "http://172.17.0.1/x.git", every_hours=1)

    with pytest.raises(RepoError):
        await mirrors.fetch("stats")

    assert await mirrors.due(datetime.now(UTC)) == []


async def test_the_machine_is_asked_once_a_look_and_beside_the_loop(repos):
    threads = []

    def networks():
        threads.append(threading.current_thread())
        raise EngineError("does not answer", where="Docker")

    mirrors = Mirrors(repos, 1_000_000, networks)
    await repos.create("stats")
    await mirrors.follow("stats", URL)

    with pytest.raises(EngineError):
        await mirrors.fetch("stats")

    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()
