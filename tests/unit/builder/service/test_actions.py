"""What a person does is done as a whole, or not at all."""

import asyncio
from pathlib import Path

import pytest

from lectern.builder.service.access import OPERATOR, Course
from lectern.builder.service.actions import EMPTY, Actions
from lectern.builder.service.builds import Builds
from lectern.builder.service.mirrors import Mirrors
from lectern.builder.service.pushes import Pushes
from lectern.errors import HubError, RepoError
from lectern.settings import Settings


class _Hub:
    """A hub that takes an environment, refuses it, or never answers."""

    def __init__(self):
        self.problem = None
        self.is_silent = False
        self.asked = asyncio.Event()
        self.added = []

    async def courses(self):
        return (Course("stats", ()),)

    async def add_environment(self, course, environment):
        self.asked.set()
        if self.is_silent:
            await asyncio.Event().wait()
        if self.problem:
            raise self.problem
        self.added.append((course, environment))


@pytest.fixture
def actions(repos, tmp_path):
    """Give the actions on repos whose builds all end at once."""
    settings = Settings(builds=tmp_path / "builds", environments=repos.folder)
    builds = Builds(tmp_path / "work", lambda _request, _folder: ["false"])
    pushes = Pushes(repos, builds, settings, socket=Path("/nowhere"))
    examples = tmp_path / "examples"
    (examples / "geo").mkdir(parents=True)
    (examples / "geo" / "environment.yml").write_text("name: geo")
    return Actions(settings, repos, builds, pushes, Mirrors(repos, 1_000_000, lambda: ()), _Hub(), examples)


@pytest.mark.parametrize("source", ["geo", EMPTY])
async def test_what_the_hub_does_not_take_leaves_its_name_free(actions, source):
    actions.hub.problem = HubError("does not answer", where="hub")

    with pytest.raises(HubError, match="does not answer"):
        await actions.create(OPERATOR, "new", source, course="stats")

    assert not actions.repos.has("new")
    actions.hub.problem = None
    await actions.create(OPERATOR, "new", source, course="stats")
    assert actions.hub.added == [("stats", "new")]


async def test_who_goes_away_while_the_hub_is_asked_leaves_the_name_free(actions):
    actions.hub.is_silent = True
    creating = asyncio.create_task(actions.create(OPERATOR, "new", EMPTY, course="stats"))
    await asyncio.wait_for(actions.hub.asked.wait(), 5)

    creating.cancel()

    with pytest.raises(asyncio.CancelledError):
        await creating
    assert not actions.repos.has("new")


async def test_a_name_that_is_taken_stays_its_owners(actions):
    await actions.create(OPERATOR, "new", EMPTY, course="stats")
    actions.hub.problem = HubError("does not answer", where="hub")

    with pytest.raises(RepoError, match="there is such an environment already"):
        await actions.create(OPERATOR, "new", EMPTY, course="stats")

    assert actions.repos.has("new")


async def test_who_goes_away_while_an_address_is_fetched_leaves_the_name_free(actions, monkeypatch):
    fetching = asyncio.Event()

    async def fetch(_self, _name):
        fetching.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Mirrors, "fetch", fetch)
    creating = asyncio.create_task(actions.create(OPERATOR, "new", "https://git.example.org/course.git"))
    await asyncio.wait_for(fetching.wait(), 5)

    creating.cancel()

    with pytest.raises(asyncio.CancelledError):
        await creating
    assert not actions.repos.has("new")
