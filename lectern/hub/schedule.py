"""When a course is open, in the time zone that its teacher thinks in. Pure: `now` is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from lectern.errors import LecternError
from lectern.hub.codes import CourseClosedError
from lectern.web.translation import to_translate

#: At the edges of the calendar a moment has no equal in another time zone.
_YEARS = (2000, 2999)


class ScheduleError(LecternError):
    """A date or a time zone that cannot be used."""


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def check_timezone(name: str) -> str:
    """Give a time zone's name.

    Raises
    ------
    ScheduleError
        There is no such zone.
    """
    if name not in _zones():
        raise ScheduleError(
            to_translate("there is no time zone `{name}`"),
            hint=to_translate("write it as in `Europe/Berlin`, `America/New_York` or `UTC`"),
            name=name,
        )
    return name


def parse_moment(text: str, timezone: str) -> datetime | None:
    """Read a date and time as a teacher writes it.

    Parameters
    ----------
    text : str
        "2026-12-01 09:00" or with an offset, "2026-12-01T09:00+01:00"; empty for none.
    timezone : str
        Zone of a moment without an offset; empty when none was told.

    Returns
    -------
    datetime | None
        In UTC.

    Raises
    ------
    ScheduleError
        It is no date, is out of `_YEARS`, or nobody said in which time zone.
    """
    text = text.strip()
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise ScheduleError(
            to_translate("`{text}` is no date and time"),
            hint=to_translate("write it as in `2026-12-01 09:00`"),
            text=text,
        ) from problem
    if not _YEARS[0] <= moment.year <= _YEARS[1]:
        raise ScheduleError(
            to_translate("`{text}` is not in the years {first} to {last}"),
            hint=to_translate("leave it empty for no bound"),
            text=text,
            first=_YEARS[0],
            last=_YEARS[1],
        )
    if moment.tzinfo is None:
        if not timezone:
            raise ScheduleError(
                to_translate("`{text}` does not say in which time zone"),
                hint=to_translate("add `timezone: Europe/Berlin`, or yours"),
                text=text,
            )
        moment = moment.replace(tzinfo=ZoneInfo(check_timezone(timezone)))
    return moment.astimezone(UTC)


@dataclass(frozen=True)
class Schedule:
    """When a course opens and closes; None is no bound."""

    opens_at: datetime | None
    closes_at: datetime | None
    timezone: str

    def is_open(self, now: datetime) -> bool:
        """Say whether servers start at `now`."""
        return not self.is_before(now) and not self.is_after(now)

    def is_before(self, now: datetime) -> bool:
        """Say whether the course has not opened yet."""
        return self.opens_at is not None and now < self.opens_at

    def is_after(self, now: datetime) -> bool:
        """Say whether the course has closed."""
        return self.closes_at is not None and now >= self.closes_at

    def say(self, moment: datetime) -> str:
        """Write a moment as people of the course read it, with its time zone."""
        return f"{moment.astimezone(ZoneInfo(self.timezone)):%Y-%m-%d %H:%M} ({self.timezone})"

    def refusal(self, title: str, now: datetime) -> CourseClosedError | None:
        """Give what to tell whoever comes too early or too late; None while it is open."""
        if self.opens_at is not None and now < self.opens_at:
            return CourseClosedError(
                to_translate("The course “{title}” opens on {moment}."),
                title=title,
                moment=self.say(self.opens_at),
            )
        if self.closes_at is not None and now >= self.closes_at:
            return CourseClosedError(
                to_translate("The course “{title}” closed on {moment}. Your files are kept."),
                title=title,
                moment=self.say(self.closes_at),
            )
        return None
