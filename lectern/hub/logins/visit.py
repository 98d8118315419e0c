"""What a way to log in tells about somebody, and what follows from it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from lectern.errors import LecternError
from lectern.hub.roles import Role, groups_of
from lectern.login_settings import EVERYBODY, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from jupyterhub.handlers.base import BaseHandler

    from lectern.login_settings import GroupRule


class ProviderDownError(LecternError):
    """A provider does not answer, or answers that it cannot; says nothing about the person."""


@dataclass(frozen=True)
class Person:
    """Somebody, as a provider describes them."""

    subject: str  # the provider's stable id; never a name, which may be given to somebody else later
    name: str  # what they are called there: a suggestion for our name, nothing more
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Visit:
    """A person and what is needed to ask for them again."""

    person: Person
    state: dict[str, Any] = field(default_factory=dict)  # kept encrypted; tokens live here


class Way(Protocol):
    """A way to log in, as the dispatcher needs it beside JupyterHub's Authenticator."""

    async def visit(self, handler: BaseHandler, data: Any) -> Visit | None:  # noqa: ANN401 - JupyterHub's
        """Say who comes; None when it is nobody.

        Raises
        ------
        ProviderDownError
            It cannot be asked now.
        """

    async def renew(self, state: dict[str, Any]) -> Visit | None:
        """Ask for somebody again; None when the provider no longer lets them in.

        Raises
        ------
        ProviderDownError
            It cannot be asked now.
        """


def may_enter(person: Person, allow: str) -> bool:
    """Say whether a provider's person may enter, by a setting ``…_ALLOW``."""
    allowed = set(words(allow))
    return EVERYBODY in allowed or bool(allowed & person.groups)


def wanted_groups(person: Person, rules: Iterable[GroupRule]) -> frozenset[str]:
    """Give the hub's groups that somebody's groups at the provider lead to."""
    wanted: set[str] = set()
    for rule in rules:
        if rule.group in person.groups:
            wanted.update(groups_of(rule.course, Role(rule.role)))
    return frozenset(wanted)


def courses_of(rules: Collection[GroupRule]) -> frozenset[str]:
    """List the courses that rules name."""
    return frozenset(rule.course for rule in rules)
