"""BuildKit's plain output → what a person wants to know: which step took how long, and what it says. Pure."""

from __future__ import annotations

import re

# `#6 [stage-0 2/9] RUN --mount=… bash /srv/build/install-python.bash 3.13`, later `#6 DONE 3.9s`
_BEGUN = re.compile(r"#(?P<number>\d+) \[[^\]]*\] RUN .* bash /srv/build/(?P<step>[\w-]+)\.bash")
_DONE = re.compile(r"#(?P<number>\d+) DONE (?P<seconds>\d+\.\d+)s")
# `#6 0.512 notice: …`: what a step of ours has to say to whoever asked for the build.
_NOTICE = re.compile(r"#\d+ \d+\.\d+ notice: (?P<text>.{1,300})")

#: Shorter steps are nobody's concern.
_TOLD_FROM_S = 0.5


class StepTimes:
    """Reads a build's output line by line."""

    def __init__(self) -> None:
        self._steps: dict[str, str] = {}

    def read(self, line: str) -> str | None:
        """Give what a line tells: a step that ended, with its seconds; None for all else."""
        if begun := _BEGUN.match(line):
            self._steps[begun["number"]] = begun["step"].replace("-", " ")
        done = _DONE.match(line)
        if not done or done["number"] not in self._steps or float(done["seconds"]) < _TOLD_FROM_S:
            return None
        return f"{self._steps.pop(done['number'])}: {done['seconds']} s"


def read_notice(line: str) -> str | None:
    """Give the notice in a line of a build's output, None when it is something else."""
    found = _NOTICE.match(line)
    return found["text"].strip() if found else None
