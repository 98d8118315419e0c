"""The form that makes an environment."""

import pytest

from lectern.builder.service.pages.listing import NewHandler

FORM = {"name": "stats", "source": "", "url": "https://git.example.org/course.git", "course": ""}


@pytest.mark.parametrize("hours", ["-1", "daily", "10000"])
async def test_a_wrong_number_of_hours_makes_nothing_and_is_shown_again(post, service, hours):
    status, text = await post(NewHandler, **FORM, every_hours=hours)

    assert status == 400
    assert f"{hours}: is no number of hours" in text
    assert f'value="{hours}"' in text
    assert service.repos.names() == []
