"""What the page says while a server starts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.hub.admission import Outlook
from lectern.hub.progress import said as say
from lectern.hub.start_errors import StartError
from lectern.hub.waiting import TOLD, tell
from lectern.web.translation import translation


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


def test_the_wait_is_told_in_the_reader_s_language():
    told = tell(Outlook(7, 12, lacks_memory=False), is_second_attempt=True)
    event = {"progress": told.progress, "message": told.message, TOLD: told}

    shown = say(event, translation("de"))

    assert shown == {
        "progress": 43,
        "message": "Er ist nicht hochgekommen; es wird noch einmal versucht. "
        "Sie sind Nummer 7 in der Warteschlange; Ihr Server startet in etwa 15 Sekunden",
    }


def test_why_a_start_failed_is_told_in_the_reader_s_language():
    problem = StartError(
        "The environment “{environment}” is not published yet.",
        hint="Please tell your teacher: publishing an environment makes it available.",
        environment="{maps}",
    )
    event = {"failed": True, "message": f"Spawn failed: {problem.jupyterhub_message}"}

    assert say(event, translation("en"), problem) == event
    assert "Die Umgebung „{maps}“" in say(event, translation("de"), problem)["message"]
    assert problem.what == "The environment “{maps}” is not published yet."


def test_jupyterhub_s_own_words_are_translated():
    german = translation("de")

    assert say({"message": "Server requested"}, german)["message"] == "Der Server ist angefordert"
    assert say({"message": "Server ready at /", "ready": True, "url": "/"}, german) == {
        "message": "Ihr Server ist bereit",
        "ready": True,
        "url": "/",
    }
