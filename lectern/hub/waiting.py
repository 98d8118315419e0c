"""What the page says while a server starts. Pure: the queue's outlook in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lectern.web.translation import Sentence, to_translate

if TYPE_CHECKING:
    from gettext import NullTranslations

    from lectern.hub.admission import Outlook

#: Where an event of the spawner holds what it says, for `lectern.hub.progress`.
TOLD = "told"

_MINUTE_S = 60
_STEP_S = 5

_AGAIN = Sentence(to_translate("It did not come up; trying once more."))
_BOOTS = Sentence(to_translate("Your server is starting"))
_WITHOUT_MEMORY = to_translate(
    "You are number {place} in the queue. All memory of this machine is in use: your server starts "
    "as soon as some becomes free. If it takes long, tell your teacher."
)
_SECONDS = to_translate("You are number {place} in the queue; your server starts in about {seconds} seconds")
_ONE_MINUTE = to_translate("You are number {place} in the queue; your server starts in about a minute")
_MINUTES = to_translate("You are number {place} in the queue; your server starts in about {minutes} minutes")


@dataclass(frozen=True)
class Told:
    """One event of JupyterHub's progress: a bar from 0 to 100, and what it means."""

    progress: int
    sentences: tuple[Sentence, ...]

    def said(self, translation: NullTranslations) -> str:
        """Give the words in a language."""
        return " ".join(sentence.told(translation) for sentence in self.sentences)

    @property
    def message(self) -> str:
        """Give the words as they are written here."""
        return " ".join(str(sentence) for sentence in self.sentences)


def tell(outlook: Outlook | None, *, is_second_attempt: bool) -> Told:
    """Say how far a start is.

    Parameters
    ----------
    outlook : Outlook or None
        The place in the queue; None for a server that boots.
    is_second_attempt : bool
        Whether the server failed to come up once already.
    """
    again = (_AGAIN,) if is_second_attempt else ()
    if outlook is None:
        return Told(60, (*again, _BOOTS))
    if outlook.lacks_memory:
        return Told(5, (*again, Sentence(_WITHOUT_MEMORY, {"place": outlook.place})))
    return Told(max(10, 50 - outlook.place), (*again, _queued(outlook.place, outlook.wait_s)))


def _queued(place: int, wait_s: float) -> Sentence:
    """Give a time as precise as a guess is: in steps of 5 seconds, then in minutes."""
    if wait_s < _MINUTE_S:
        seconds = max(_STEP_S, _STEP_S * math.ceil(wait_s / _STEP_S))
        return Sentence(_SECONDS, {"place": place, "seconds": seconds})
    minutes = math.ceil(wait_s / _MINUTE_S)
    return Sentence(_ONE_MINUTE if minutes == 1 else _MINUTES, {"place": place, "minutes": minutes})
