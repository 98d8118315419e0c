"""What a rehearsal showed: a verdict in plain words, data, and a picture of the timeline. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from html import escape
from typing import Any

PHASES = ("sign up", "log in", "start", "open Lab", "check")
_COLOURS = ("#7aa2c4", "#4a7ba6", "#d9a441", "#79a86b", "#8c6bb1")
_GB = 1 << 30
_ROW, _LEFT, _WIDTH = 10, 110, 800


@dataclass(frozen=True)
class Journey:
    """One synthetic participant: when each phase ended, in seconds from the common begin."""

    name: str
    ends_s: tuple[float, ...]
    problem: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether all of it went well."""
        return not self.problem and len(self.ends_s) == len(PHASES)


@dataclass(frozen=True)
class Use:
    """What the whole machine has left of something that can run out."""

    what: str
    before: float
    least: float
    kept: float  # never to be used: the host's

    def people(self, number: int) -> int | None:
        """Say for how many people it would last; None where nothing was used."""
        each = (self.before - self.least) / number
        return None if each <= 0 else number + int(max(0.0, self.least - self.kept) / each)


@dataclass(frozen=True)
class Report:
    """A rehearsal with all that was measured."""

    journeys: tuple[Journey, ...]
    memory: Use
    others: tuple[Use, ...]

    @property
    def is_good(self) -> bool:
        """Whether everybody got through."""
        return all(journey.is_ready for journey in self.journeys)

    @property
    def ready_s(self) -> float:
        """Give when the last one's JupyterLab was open."""
        lab = PHASES.index("open Lab")
        return max((one.ends_s[lab] for one in self.journeys if len(one.ends_s) > lab), default=0.0)

    def bounds(self) -> dict[str, int]:
        """Give, for each thing that can run out, the number of people it is enough for."""
        number = len(self.journeys)
        found = {use.what: use.people(number) for use in (self.memory, *self.others)}
        return {what: people for what, people in found.items() if people is not None}

    def verdict(self) -> str:
        """Say it in plain words."""
        number = len(self.journeys)
        ready = sum(journey.is_ready for journey in self.journeys)
        lines = [
            f"{ready} of {number} ready in {self.ready_s:.0f} s; memory left {self.memory.least / _GB:.1f} GB"
        ]
        if bounds := self.bounds():
            first = min(bounds, key=lambda what: bounds[what])
            lines[0] += f"; you can have {bounds[first]}"
            last_s = self.ready_s * bounds[first] / number
            lines.append(f"{first} would run out first; so many would wait up to about {last_s:.0f} s")
        reasons = sorted({journey.problem for journey in self.journeys if journey.problem})
        return "\n".join([*lines, *(f"failed: {reason}" for reason in reasons)])

    def as_data(self) -> dict[str, Any]:
        """Give all of it as JSON has it."""
        return asdict(self) | {
            "phases": PHASES,
            "is_good": self.is_good,
            "ready_s": self.ready_s,
            "bounds": self.bounds(),
            "verdict": self.verdict(),
        }

    def picture(self) -> str:
        """Draw everybody's phases, one line a person, as SVG."""
        last = max((one.ends_s[-1] for one in self.journeys if one.ends_s), default=1.0) or 1.0
        height = _ROW * (len(self.journeys) + 4)
        box = f"0 0 {_LEFT + _WIDTH + 20} {height}"
        style = 'font-family="sans-serif" font-size="8"'
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" {style}>',
            '<rect width="100%" height="100%" fill="#fff"/>',
        ]
        for number, (phase, colour) in enumerate(zip(PHASES, _COLOURS, strict=True)):
            x = _LEFT + number * 90.0
            parts.append(f'<rect x="{x}" y="6" width="10" height="8" fill="{colour}"/>'
                         f'<text x="{x + 14}" y="13">{phase}</text>')  # fmt: skip
        for line, one in enumerate(self.journeys, 2):
            y, begun = line * _ROW, 0.0
            parts.append(f'<text x="4" y="{y + 8}">{escape(one.name)}</text>')
            for end, colour in zip(one.ends_s, _COLOURS, strict=False):
                x, width = _LEFT + _WIDTH * begun / last, _WIDTH * (end - begun) / last
                parts.append(f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="8" fill="{colour}"/>')
                begun = end
            if one.problem:
                x = _LEFT + _WIDTH * begun / last
                parts.append(
                    f'<text x="{x:.1f}" y="{y + 8}" fill="#b00020">✗ {escape(one.problem[:80])}</text>'
                )
        foot = f'y="{height - 6}"'
        parts += [
            f'<text x="{_LEFT}" {foot}>0 s</text>',
            f'<text x="{_LEFT + _WIDTH}" {foot} text-anchor="end">{last:.1f} s</text></svg>',
        ]
        return "\n".join(parts)
