"""Who may take care of whose account. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Standing:
    """What somebody is in the installation; names of courses."""

    name: str
    is_admin: bool
    courses: frozenset[str]  # all that they are in
    instructs: frozenset[str]
    helps: frozenset[str]


def may_reset(actor: Standing, target: Standing) -> bool:
    """Say whether one may hand out a link that opens another's account.

    A link opens all that the account can do. So an instructor may for those only who are participants in
    every course that they are in, and all of those courses must be the instructor's own.
    """
    if actor.is_admin:
        return True
    if target.is_admin or target.instructs or target.helps or actor.name == target.name:
        return False
    return bool(target.courses) and target.courses <= actor.instructs


def may_open(actor: Standing, target: Standing, course: str) -> bool:
    """Say whether one may open another's server that runs in a course which allows it.

    The home is the same in all courses, so nobody's is opened who can do more than a participant anywhere:
    what lies there could do it too. Where the server runs is asked by the caller.
    """
    if target.is_admin or target.instructs or target.helps or actor.name == target.name:
        return False
    return course in target.courses and (actor.is_admin or course in actor.instructs | actor.helps)
