"""Errors that a person reads: where, what, and what to do next.

::

    LecternError
    ├── UnreadableError     a text is no size, number or folder; a ValueError as well
    ├── SettingError        a variable in .env that cannot be used
    ├── DeclarationError    a file of an environment repo that cannot be used
    ├── ResolveError        packages that are not to be had as declared
    ├── BuildError          an image that could not be built
    ├── SmokeTestError      an image that was built and does not work
    ├── EngineError         the Docker engine refused or did not answer
    ├── RepoError           a git repo of an environment that cannot do what was asked
    ├── AccessError         a person who may not do what they asked for
    └── HubError            the hub refused or did not answer a command
"""

from __future__ import annotations

from typing import Any


def to_translate(text: str) -> str:
    """Mark a text for the catalogues where it is written; it is translated where it is shown."""
    return text


class LecternError(Exception):
    """Anything that a person has to know about.

    Parameters
    ----------
    what : str
        The fact, as a lower-case sentence fragment without a full stop.
    where : str
        File and line, variable, package or person concerned; empty when `what` says it.
    hint : str
        What to do next; empty when there is nothing to do.
    **values : object
        What each `{name}` in `what` and `hint` stands for: texts that a page translates are written so.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "", **values: object) -> None:
        self.texts = (what, hint)
        self.values: dict[str, Any] = values
        self.what = what.format(**values) if values else what
        self.where = where
        self.hint = hint.format(**values) if values else hint
        super().__init__(self.what)

    def __str__(self) -> str:
        """Give the two lines that a terminal shows, without their `error:` prefix."""
        fact = f"{self.where}: {self.what}" if self.where else self.what
        return f"{fact}\nhint: {self.hint}" if self.hint else fact


class UnreadableError(LecternError, ValueError):
    """A text is not what it should be; `what` says what to write, and pydantic takes it for a ValueError."""


class SettingError(LecternError):
    """A setting has a value that cannot be used; `where` is the variable."""


class DeclarationError(LecternError):
    """A file of an environment repo cannot be used; `where` is file:line."""


class ResolveError(LecternError):
    """Packages cannot be had as they are declared."""


class BuildError(LecternError):
    """An image could not be built; `hint` has the log's path."""


class SmokeTestError(LecternError):
    """An image was built and does not work as a participant would use it."""


class EngineError(LecternError):
    """The Docker engine refused or did not answer."""


class RepoError(LecternError):
    """A git repo of an environment cannot do what was asked."""


class AccessError(LecternError):
    """Somebody may not do what they asked for; `where` is the person."""


class HubError(LecternError):
    """The hub refused or did not answer a command."""
