"""A branch belongs to one push at a time, and to none that has ended."""

import asyncio
from pathlib import Path

import pytest

from lectern.builder.service.access import Person
from lectern.builder.service.builds import Builds
from lectern.builder.service.push_rules import read_updates
from lectern.builder.service.pushes import Push, Pushes, Told
from lectern.settings import Settings

ADA = Person("ada")


@pytest.fixture
def pushes(repos, tmp_path):
    """Give the pushes to environments whose builds all fail at once."""
    builds = Builds(tmp_path / "work", lambda _request, _folder: ["false"])
    return Pushes(repos, builds, Settings(), socket=Path("/nowhere"))


@pytest.fixture
async def deletion(repos, tmp_path):
    """Give what a hook tells of a push that deletes two branches: nothing of it is built."""
    content = tmp_path / "content"
    content.mkdir()
    (content / "environment.yml").write_text("name: x")
    commit = await repos.create("stats", content)
    for branch in ("a", "b"):
        await repos.advance("stats", branch, commit)
    lines = "".join(f"{commit} {'0' * 40} refs/heads/{branch}\n" for branch in ("a", "b"))
    return Told(read_updates(lines), "", "", "")


async def silence(_text):
    pass


async def test_a_push_that_breaks_while_it_waits_leaves_no_branch_held(pushes, deletion):
    first, broken = Push("1", "stats", ADA), Push("2", "stats", ADA)
    pushes.begin(first)
    pushes.begin(broken)
    assert await pushes.is_accepted(first, deletion, silence)
    waiting = asyncio.create_task(pushes.is_accepted(broken, deletion, silence))
    await asyncio.sleep(0.01)

    pushes.end(broken)
    pushes.end(first)

    assert not await asyncio.wait_for(waiting, 5)
    assert not pushes.branch("stats", "a").locked()


async def test_a_push_that_breaks_between_two_branches_leaves_none_held(pushes, deletion):
    push, said = Push("1", "stats", ADA), []

    async def breaks_off(text):
        said.append(text)
        if "waiting" in text:
            pushes.end(push)
            second.release()

    second = pushes.branch("stats", "b")
    await second.acquire()
    pushes.begin(push)

    assert not await pushes.is_accepted(push, deletion, breaks_off)
    assert "error: b: this push has ended" in said
    assert not pushes.branch("stats", "a").locked()
    assert not second.locked()


async def test_the_next_push_takes_what_a_broken_one_wanted(pushes, deletion):
    broken, later = Push("1", "stats", ADA), Push("2", "stats", ADA)
    pushes.begin(broken)
    accepting = asyncio.create_task(pushes.is_accepted(broken, deletion, silence))
    pushes.end(broken)
    await accepting
    pushes.begin(later)

    assert await asyncio.wait_for(pushes.is_accepted(later, deletion, silence), 5)
