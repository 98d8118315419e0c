"""The looks at git addresses go on, whatever one of them meets."""

import asyncio
from types import SimpleNamespace

import pytest

from lectern.builder.service import app
from lectern.builder.service.app import _look_at_mirrors
from lectern.errors import RepoError

PASSING = [RepoError("there is no such environment", where="gone"), OSError(24, "Too many open files")]


class _Mirrors:
    """Something is due, and finding that out may fail."""

    def __init__(self, *problems):
        self._problems = list(problems)

    async def due(self, _now):
        if self._problems:
            raise self._problems.pop(0)
        return ["first", "second"]


class _Actions:
    """Each look at the first environment fails."""

    def __init__(self, problem=None):
        self._problem = problem
        self.seen_second = asyncio.Event()

    async def refresh(self, _person, name):
        if name == "second":
            self.seen_second.set()
        elif self._problem:
            raise self._problem


@pytest.fixture
async def look(monkeypatch):
    """Let the loop of looks run until the second environment is looked at; give what was logged."""
    monkeypatch.setattr(app, "_LOOK_EVERY_S", 0)
    tasks = []

    async def run(mirrors, actions):
        tasks.append(asyncio.create_task(_look_at_mirrors(SimpleNamespace(mirrors=mirrors, actions=actions))))
        await asyncio.wait_for(actions.seen_second.wait(), 5)

    yield run
    for task in tasks:
        task.cancel()


@pytest.mark.parametrize("problem", PASSING)
async def test_looks_go_on_when_what_is_due_could_not_be_told(look, caplog, problem):
    await look(_Mirrors(problem), _Actions())

    assert str(problem).splitlines()[0] in caplog.text


@pytest.mark.parametrize("problem", PASSING)
async def test_looks_go_on_when_one_environment_cannot_be_looked_at(look, caplog, problem):
    await look(_Mirrors(), _Actions(problem))

    assert str(problem).splitlines()[0] in caplog.text
