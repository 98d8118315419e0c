"""What an instructor does on the page of one environment."""

import pytest

from lectern.builder.service.mirrors import Mirror
from lectern.builder.service.pages.environment import ScheduleHandler
from lectern.errors import RepoError

URL = "https://git.example.org/course.git"


async def test_the_schedule_of_a_followed_address_is_changed(post, service):
    await service.repos.create("stats")
    await service.mirrors.follow("stats", URL, every_hours=24)

    status, _ = await post(ScheduleHandler, "stats", every_hours="6")

    assert status == 303
    assert await service.mirrors.find("stats") == Mirror(URL, 6)


async def test_a_schedule_needs_an_address_to_look_at(post, service):
    await service.repos.create("stats")

    with pytest.raises(RepoError, match="follows no address"):
        await post(ScheduleHandler, "stats", every_hours="6")
