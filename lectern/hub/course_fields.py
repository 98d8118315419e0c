"""What a teacher can say of a course: the same fields in a form, in course.yml and in a request. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lectern.errors import LecternError, UnreadableError
from lectern.hub.roles import Role
from lectern.hub.schedule import ScheduleError, check_timezone, parse_moment
from lectern.settings import parse_memory
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
_TITLE_LETTERS = 120
_CPUS = (0.1, 64.0)
_PROCESSES = (64, 4096)  # JupyterLab with two kernels takes some fifty
_SEATS = (1, 10_000)


class FieldError(LecternError):
    """A field of a course that cannot be used; `where` is the field."""


@dataclass(frozen=True)
class CourseFields:
    """All of a course that a teacher decides, but its name."""

    title: str
    environments: tuple[str, ...] = ()
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    timezone: str = "UTC"
    memory_bytes: int | None = None  # None: what the installation gives
    cpus: float | None = None  # None: all that are free
    processes: int | None = None
    materials: str = ""  # folder of the shared folder that Lab opens
    allows_helping: bool = False  # whether helpers may open participants' servers


#: Field as it is written → what it means.
FIELDS = {
    "title": "what people read; the name when absent",
    "environments": "one or more; a list, or names with commas between",
    "opens": "first moment that participants can start, `2026-12-01 09:00`",
    "closes": "moment from which servers do not start; homes stay",
    "timezone": "of both, `Europe/Berlin`",
    "memory": "limit of each participant, `4 GB`",
    "cpus": "processors that a participant can use at most, `1.5`",
    "processes": f"processes and threads of a participant at most, {_PROCESSES[0]} to {_PROCESSES[1]}",
    "materials": "folder of the course's shared folder that JupyterLab opens first, `week-1`",
    "helping": "whether helpers may open participants' running servers, `yes` or `no`",
}


def check_name(name: str, *, what: str = "name") -> str:
    """Give a course's or an environment's name.

    Raises
    ------
    FieldError
        It has other characters than an address and an image's name can hold.
    """
    if not _NAME.fullmatch(name):
        raise FieldError(
            to_translate("`{text}` cannot be used"),
            where=what,
            hint=to_translate("up to 41 letters a to z, digits and hyphens, as in `statistics-1`"),
            text=name[:60],
        )
    return name


def name_is_taken(name: str) -> FieldError:
    """Make the error of a course's name that another has."""
    text, hint = to_translate("`{name}` is taken"), to_translate("choose another")
    return FieldError(text, where="name", hint=hint, name=name)


def read_fields(raw: Mapping[str, object], before: CourseFields) -> CourseFields:
    """Read what a form, a file or a request says of a course.

    Parameters
    ----------
    raw : Mapping[str, object]
        Some of `FIELDS` with text, numbers or a list of names; None and empty text take a value back.
    before : CourseFields
        What holds for the fields that are not there.

    Raises
    ------
    FieldError
        A field is unknown or cannot be used.
    """
    for field in raw:
        if field not in FIELDS:
            raise FieldError("no such field", where=field, hint=f"there are {', '.join(FIELDS)}")
    words = {field: _text(field, value) for field, value in raw.items() if field != "environments"}

    def read[T](field: str, parse: Callable[[str], T], otherwise: T) -> T:
        if field not in words:
            return otherwise
        return _parse(field, words[field], parse)

    timezone = read("timezone", lambda text: check_timezone(text or "UTC"), before.timezone)
    # A file without a zone must not mean whichever the course had: only a form shows that one.
    zone = timezone if "timezone" in words else ""
    fields = replace(
        before,
        title=read("title", _title, before.title),
        environments=_names(raw["environments"]) if "environments" in raw else before.environments,
        opens_at=read("opens", lambda text: parse_moment(text, zone), before.opens_at),
        closes_at=read("closes", lambda text: parse_moment(text, zone), before.closes_at),
        timezone=timezone,
        memory_bytes=read("memory", lambda text: parse_memory(text) if text else None, before.memory_bytes),
        cpus=read("cpus", _cpus, before.cpus),
        processes=read("processes", _processes, before.processes),
        materials=read("materials", _folder, before.materials),
        allows_helping=read("helping", _yes, before.allows_helping),
    )
    if fields.opens_at and fields.closes_at and fields.closes_at <= fields.opens_at:
        raise FieldError(to_translate("the course would close before it opens"), where="closes")
    return fields


def read_code(raw: Mapping[str, object], *, timezone: str) -> tuple[Role, int | None, datetime | None]:
    """Read what a new sign-up code should be: role, seats and end.

    Raises
    ------
    FieldError
        There is no such role, or seats or end cannot be used.
    """
    said = {field: value for field, value in raw.items() if value is not None}
    role, seats, expires = (str(said.get(field, "")).strip() for field in ("role", "seats", "expires"))
    if (role or Role.PARTICIPANT) not in set(Role):
        raise FieldError(
            to_translate("`{text}` is no role"),
            where="role",
            hint=to_translate("there are {roles}"),
            text=role[:60],
            roles=", ".join(Role),
        )
    seats_or_none = _parse("seats", seats, lambda text: int(_number(text, _SEATS)) if text else None)
    expires_at = _parse("expires", expires, lambda text: parse_moment(text, timezone))
    return Role(role or Role.PARTICIPANT), seats_or_none, expires_at


def read_memory(text: str) -> int:
    """Read a memory limit that is asked for by itself.

    Raises
    ------
    FieldError
        It cannot be used.
    """
    return _parse("memory", text, parse_memory)


def _parse[T](field: str, text: str, parse: Callable[[str], T]) -> T:
    try:
        return parse(text)
    except ScheduleError as problem:
        what, hint = problem.texts
        raise FieldError(what, where=field, hint=hint, **problem.values) from problem
    except UnreadableError as problem:
        what = to_translate("`{text}` cannot be used: {why}")
        raise FieldError(what, where=field, text=text[:60], why=problem) from problem


def _text(field: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) and field == "helping":
        return "yes" if value else "no"
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        # Not marked, as the list of names below: no form sends it, and files are answered in English.
        raise FieldError("must be text or a number", where=field, hint=FIELDS[field])
    return str(value).strip()


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = re.split(r"[\s,;]+", value.strip()) if value.strip() else []
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise FieldError("must be a list of names", where="environments", hint=FIELDS["environments"])
    return tuple(dict.fromkeys(check_name(name, what="environments") for name in value))


def _title(text: str) -> str:
    if not text or len(text) > _TITLE_LETTERS or not text.isprintable():
        raise UnreadableError(
            to_translate("a title has 1 to {most} letters on one line"), most=_TITLE_LETTERS
        )
    return text


def _number(text: str, bounds: tuple[float, float]) -> float:
    lowest, highest = bounds
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not lowest <= number <= highest:
        raise UnreadableError(
            to_translate("write a number from {lowest} to {highest}"),
            lowest=f"{lowest:g}",
            highest=f"{highest:g}",
        )
    return number


def _cpus(text: str) -> float | None:
    return _number(text, _CPUS) if text else None


def _processes(text: str) -> int | None:
    return int(_number(text, _PROCESSES)) if text else None


def _yes(text: str) -> bool:
    if text.casefold() not in {"", "yes", "no"}:
        raise UnreadableError(to_translate("write yes or no"))
    return text.casefold() == "yes"


def _folder(text: str) -> str:
    parts = [part for part in text.split("/") if part]
    if any(part in {".", ".."} or not part.isprintable() for part in parts) or len(text) > _TITLE_LETTERS:
        raise UnreadableError(to_translate("write a folder of the shared folder, as in week-1"))
    return "/".join(parts)
