"""Whether a newer release waits."""

import pytest

from lectern.hub.newer_release import PublishedCommits, Running


class Engine:
    """Knows what is published, and counts how often it is asked."""

    def __init__(self, commit):
        self.commit, self.asked = commit, []

    async def look(self, environment):
        self.asked.append(environment)
        return self.commit


@pytest.mark.parametrize(
    ("published", "running", "waits"),
    [
        ("new", Running("r", "old"), True),
        ("old", Running("r", "old"), False),
        ("", Running("r", "old"), False),
        ("new", None, False),
    ],
)
async def test_another_published_commit_is_a_newer_release(published, running, waits):
    assert await PublishedCommits().is_newer_waiting(running, Engine(published).look) is waits


async def test_sixty_reloads_are_one_look():
    engine, known = Engine("new"), PublishedCommits(clock=lambda: 0.0)

    for _ in range(60):
        await known.is_newer_waiting(Running("r", "old"), engine.look)

    assert engine.asked == ["r"]


async def test_a_release_is_noticed_after_some_seconds():
    now = [0.0]
    engine, known = Engine("old"), PublishedCommits(clock=lambda: now[0])
    assert not await known.is_newer_waiting(Running("r", "old"), engine.look)

    engine.commit = "new"
    now[0] = 60.0

    assert await known.is_newer_waiting(Running("r", "old"), engine.look)
