"""What a push may do: main publishes, other branches are previews, tags are kept. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from lectern import names
from lectern.errors import RepoError

_NOTHING = "0" * 40
_HASH = re.compile(r"[0-9a-f]{40}")
#: Each branch is a build; a push of a whole history of branches is a mistake.
_MOST_BRANCHES = 5
_BRANCH = "refs/heads/"
_TAG = "refs/tags/"

Action = Literal["publish", "preview", "accept"]


@dataclass(frozen=True)
class Update:
    """One line of what git tells the hook: a ref, and from where to where it goes."""

    old: str
    new: str
    ref: str

    @property
    def is_branch(self) -> bool:
        """Say whether it is a branch."""
        return self.ref.startswith(_BRANCH)

    @property
    def branch(self) -> str:
        """Give the ref's short name."""
        return self.ref.removeprefix(_BRANCH).removeprefix(_TAG)

    @property
    def is_new(self) -> bool:
        """Say whether the ref was not there before."""
        return self.old == _NOTHING

    @property
    def is_deletion(self) -> bool:
        """Say whether the ref goes away."""
        return self.new == _NOTHING


def read_updates(text: str) -> tuple[Update, ...]:
    """Read what git hands to a pre-receive hook.

    Raises
    ------
    RepoError
        It is something else.
    """
    updates = []
    for line in text.splitlines():
        words = line.split(" ", 2)
        if len(words) != 3 or not all(map(_HASH.fullmatch, words[:2])) or not words[2].startswith("refs/"):  # noqa: PLR2004
            raise RepoError("git told something that is no push", where="push", hint="push again")
        updates.append(Update(*words))
    return tuple(updates)


def decide(update: Update, *, is_fast_forward: bool, is_force_allowed: bool) -> Action:
    """Say what an update of a ref leads to.

    Raises
    ------
    RepoError
        It is refused; says why and what to do instead.
    """
    main = names.MAIN_BRANCH
    if update.ref.startswith(_TAG):
        return "accept"
    if not update.is_branch:
        raise RepoError("only branches and tags are kept here", where=update.ref, hint="push a branch")
    if update.branch != main:
        return "accept" if update.is_deletion else "preview"
    if update.is_deletion and not is_force_allowed:
        raise RepoError(
            "this branch is what participants get; it cannot be deleted",
            where=main,
            hint="delete other branches only",
        )
    if update.is_deletion:
        return "accept"
    if not (is_fast_forward or update.is_new or is_force_allowed):
        raise RepoError(
            "this push would throw away published history",
            where=main,
            hint="run `git pull --rebase`, then push again without --force",
        )
    return "publish"


def in_order(decided: list[tuple[Update, Action]]) -> list[tuple[Update, Action]]:
    """Put previews before what is published: when one fails, nothing has been published.

    Raises
    ------
    RepoError
        These are more branches than one push may bring.
    """
    built = [one for one in decided if one[1] != "accept"]
    if len(built) > _MOST_BRANCHES:
        raise RepoError(
            f"{len(built)} branches in one push: each is built, so at most {_MOST_BRANCHES} are taken",
            where="push",
            hint="push the branches that you need one by one",
        )
    return sorted(decided, key=lambda one: ("accept", "preview", "publish").index(one[1]))
