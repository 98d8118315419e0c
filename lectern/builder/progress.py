"""What a build tells while it runs: to a person, in sentences, or to a program, in lines of JSON."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEARTBEAT_S = 10


class Listener(Protocol):
    """Who is told what happens within a phase."""

    def step(self, text: str) -> None:
        """Take that a step of a phase ended."""

    def notice(self, text: str) -> None:
        """Take what a person should know."""


class PhaseListener(Listener, Protocol):
    """Who is told of phases too."""

    def phase(self, text: str) -> None:
        """Take that a phase begins."""


class Talk:
    """Tells a person, and every few seconds that it still goes on."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._phase = ""
        self._ended = threading.Event()
        threading.Thread(target=self._beat, daemon=True).start()

    def phase(self, text: str) -> None:
        """Tell that a phase begins."""
        self._phase = text
        self._say(text)

    def step(self, text: str) -> None:
        """Tell that a step ended, set in under its phase."""
        self._say(f"  {text}")

    def notice(self, text: str) -> None:
        """Tell a notice."""
        self._say(text)

    def end(self) -> float:
        """Stop telling; return the seconds it took."""
        self._ended.set()
        return time.monotonic() - self._begun

    def _say(self, text: str) -> None:
        click.echo(f"    {text} ({time.monotonic() - self._begun:.0f} s)", err=True)

    def _beat(self) -> None:
        while not self._ended.wait(_HEARTBEAT_S):
            if self._phase:
                self._say(f"{self._phase} …")


class Events:
    """Tells a program: one JSON object a line, on stdout."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def phase(self, text: str) -> None:
        """Tell that a phase begins."""
        self.tell("phase", text)

    def step(self, text: str) -> None:
        """Tell that a step ended."""
        self.tell("step", text)

    def notice(self, text: str) -> None:
        """Tell a notice."""
        self.tell("notice", text)

    def tell(self, kind: str, text: str, more: Mapping[str, Any] | None = None) -> None:
        """Write an event."""
        event = {"kind": kind, "text": text, "at_s": round(time.monotonic() - self._begun, 2), **(more or {})}
        click.echo(json.dumps(event))


class Stopwatch:
    """Tells each phase as it begins, and keeps how long each took.

    Parameters
    ----------
    listener : PhaseListener
        Who is told.
    """

    def __init__(self, listener: PhaseListener) -> None:
        self._listener = listener
        self._phase, self._begun = "", 0.0
        self._seconds: dict[str, float] = {}

    def begin(self, phase: str, text: str) -> None:
        """End the phase that runs, and begin another.

        Parameters
        ----------
        phase : str
            Its name in `seconds`.
        text : str
            What is told.
        """
        self._note()
        self._phase, self._begun = phase, time.monotonic()
        self._listener.phase(text)

    def step(self, text: str) -> None:
        """Tell that a step of the phase ended."""
        self._listener.step(text)

    def notice(self, text: str) -> None:
        """Tell a notice."""
        self._listener.notice(text)

    def pause(self) -> None:
        """End the phase that runs."""
        self._note()
        self._phase = ""

    def seconds(self) -> dict[str, float]:
        """End the phase that runs; give the seconds of each, in their order."""
        self.pause()
        return {phase: round(seconds, 2) for phase, seconds in self._seconds.items()}

    def _note(self) -> None:
        if self._phase:
            took = time.monotonic() - self._begun
            self._seconds[self._phase] = self._seconds.get(self._phase, 0.0) + took
