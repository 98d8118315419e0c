"""What the page says while a server starts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.hub.admission import Outlook
from lectern.hub.waiting import tell


@pytest.mark.parametrize(
    ("wait_s", "said"),
    [
        (0, "about 5 seconds"),
        (12.3, "about 15 seconds"),
        (59, "about 60 seconds"),
        (60, "about a minute"),
        (61, "about 2 minutes"),
    ],
)
def test_the_expected_wait_is_as_precise_as_a_guess(wait_s, said):
    told = tell(Outlook(7, wait_s, lacks_memory=False), is_second_attempt=False)

    assert told.message == f"You are number 7 in the queue; your server starts in {said}"


def test_missing_memory_is_said_and_no_time_is_promised():
    told = tell(Outlook(1, 3, lacks_memory=True), is_second_attempt=False)

    assert "All memory of this machine is in use" in told.message
    assert "seconds" not in told.message


def test_a_second_attempt_is_not_hidden():
    assert "trying once more" in tell(None, is_second_attempt=True).message


@given(place=st.integers(1, 5000), wait_s=st.floats(0, 1e6), lacks_memory=st.booleans())
def test_the_bar_of_who_waits_is_behind_the_bar_of_who_boots(place, wait_s, lacks_memory):
    waiting = tell(Outlook(place, wait_s, lacks_memory=lacks_memory), is_second_attempt=False)

    assert 0 < waiting.progress < tell(None, is_second_attempt=False).progress < 100
