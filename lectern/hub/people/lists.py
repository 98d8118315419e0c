"""A list of people as a teacher has it → who is to get which account. Pure."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lectern.errors import LecternError
from lectern.hub import accounts
from lectern.hub.accounts import SignUpError
from lectern.hub.roles import Role
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

ROWS_MAX = 5_000
BYTES_MAX = 1_000_000

_SEPARATORS = "\t;,"
_COLUMNS = {
    "name": {"name", "full name", "participant", "teilnehmer", "teilnehmerin"},
    "first": {"first name", "firstname", "given name", "vorname"},
    "last": {"last name", "lastname", "surname", "family name", "nachname"},
    "email": {"email", "e-mail", "mail", "e-mail address", "email address", "e-mail-adresse"},
    "role": {"role", "rolle"},
}
_ROLES = {
    "": Role.PARTICIPANT,
    "participant": Role.PARTICIPANT,
    "teilnehmer": Role.PARTICIPANT,
    "teilnehmerin": Role.PARTICIPANT,
    "helper": Role.HELPER,
    "helfer": Role.HELPER,
    "helferin": Role.HELPER,
    "instructor": Role.INSTRUCTOR,
    "lehrkraft": Role.INSTRUCTOR,
}
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,100}")


class LineError(LecternError):
    """A line cannot be used, or the whole list; `what` is a sentence, marked for translation."""


class ListError(LecternError):
    """A list cannot be taken; says why of each line that cannot be used."""

    def __init__(self, *problems: LineError) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Person:
    """One line of a list."""

    line: int
    name: str  # as it stands there
    email: str
    role: Role


@dataclass(frozen=True)
class NewAccount:
    """Somebody of a list, and the account's name."""

    person: Person
    account: str


def read_list(data: bytes) -> list[Person]:  # noqa: C901
    """Read a list: name, and optionally e-mail and role; comma, semicolon or tab between them.

    Parameters
    ----------
    data : bytes
        UTF-8 with or without a byte order mark, or what Excel writes in Western Europe.

    Raises
    ------
    ListError
        With a sentence for each line that cannot be used; nothing of the list is taken then.
    """
    if len(data) > BYTES_MAX:
        raise ListError(LineError(to_translate("The list is larger than {most} kB."), most=BYTES_MAX // 1000))
    rows = list(_rows(text_of(data)))
    if not rows:
        raise ListError(LineError(to_translate("The list is empty.")))
    columns = _header(rows[0][1])
    if columns is not None:
        rows = rows[1:]
        if "name" not in columns and not {"first", "last"} <= columns.keys():
            raise ListError(LineError(to_translate("Line 1: there is no column “name”.")))
    if len(rows) > ROWS_MAX:
        raise ListError(
            LineError(
                to_translate("The list has {count} people; {most} at once are possible."),
                count=len(rows),
                most=ROWS_MAX,
            )
        )
    people: list[Person] = []
    problems: list[LineError] = []
    seen: dict[tuple[str, str], int] = {}
    for line, cells in rows:
        try:
            person = _person(line, cells, columns)
        except LineError as problem:
            problems.append(problem)
            continue
        key = (unicodedata.normalize("NFKC", person.name).casefold(), person.email.casefold())
        if key in seen:
            problems.append(
                LineError(
                    to_translate("Line {line}: “{name}” stands in line {before} already."),
                    line=line,
                    name=person.name,
                    before=seen[key],
                )
            )
        seen.setdefault(key, line)
        people.append(person)
    if problems:
        raise ListError(*problems)
    if not people:
        raise ListError(LineError(to_translate("The list has no people.")))
    return people


def name_accounts(
    people: list[Person], *, taken: Collection[str], protected: Collection[str]
) -> list[NewAccount]:
    """Give everybody an account's name that nobody has; an account that exists is never given away.

    Parameters
    ----------
    taken : Collection[str]
        The names of all accounts.
    protected : Collection[str]
        Names that nobody may look like: the admins'.

    Raises
    ------
    ListError
        Somebody's name cannot be used, as it looks like a reserved one.
    """
    used, accounts_made, problems = set(taken), [], []
    for person in people:
        plain = _plain_name(person)
        try:
            accounts.check_name(plain, protected=protected)
        except SignUpError:
            problems.append(
                LineError(
                    to_translate("Line {line}: the name “{name}” would look like a reserved one."),
                    line=person.line,
                    name=person.name,
                )
            )
            continue
        name = accounts.free_name(plain, is_taken=used.__contains__)
        used.add(name)
        accounts_made.append(NewAccount(person, name))
    if problems:
        raise ListError(*problems)
    return accounts_made


def _plain_name(person: Person) -> str:
    """Give the name in letters that an account may have; else the e-mail's first part, else `person-7`."""
    for source in (person.name, person.email.partition("@")[0]):
        plain = accounts.plain_name(source)
        if len(plain) >= accounts.NAME_MIN:
            return plain
    return f"{accounts.NAMELESS}-{person.line}"


def text_of(data: bytes) -> str:
    """Read a list's letters: UTF-8 with or without a mark, or what Excel writes in Western Europe."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text), delimiter=_separator(text))
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield reader.line_num, cells
    except csv.Error as problem:
        unreadable = LineError(
            to_translate("Line {line}: cannot be read ({why})."), line=reader.line_num, why=problem
        )
        raise ListError(unreadable) from problem


def _separator(text: str) -> str:
    """Give what separates: a header says it; without one the first people may have a name alone."""
    lines = [line for line in text.splitlines() if line.strip()]
    says_it = lines[:1] if lines and _header([lines[0].strip()]) else lines
    telling = next((line for line in says_it if any(sign in line for sign in _SEPARATORS)), "")
    return max(_SEPARATORS, key=telling.count)


def _header(cells: list[str]) -> dict[str, int] | None:
    found = {
        column: place
        for place, cell in enumerate(cells)
        for column, words in _COLUMNS.items()
        if cell.casefold() in words
    }
    return found or None


def _person(line: int, cells: list[str], columns: dict[str, int] | None) -> Person:
    places = columns or {"name": 0, "email": 1, "role": 2}

    def cell(column: str) -> str:
        place = places.get(column, -1)
        return cells[place] if 0 <= place < len(cells) else ""

    name = cell("name") or " ".join(part for part in (cell("first"), cell("last")) if part)
    if not name:
        raise LineError(to_translate("Line {line}: there is no name."), line=line)
    if len(name) > 200 or not name.isprintable():  # noqa: PLR2004 - as wide as the table's column
        raise LineError(
            to_translate("Line {line}: the name is too long, or holds characters that cannot be printed."),
            line=line,
        )
    if (email := cell("email")) and not _EMAIL.fullmatch(email):
        raise LineError(
            to_translate("Line {line}: “{email}” is no e-mail address."), line=line, email=email[:80]
        )
    role = _ROLES.get(cell("role").casefold())
    if role is None:
        raise LineError(
            to_translate("Line {line}: “{role}” is no role: participant, helper or instructor."),
            line=line,
            role=cell("role")[:40],
        )
    return Person(line, name, email, role)
