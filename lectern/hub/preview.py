"""Trying a release before it is published: who may, and as a server of which course. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lectern import names
from lectern.hub.accounts import SignUpError
from lectern.hub.choice import Place, find_place
from lectern.hub.roles import Role
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ENVIRONMENT = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
_RELEASE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")  # what Docker takes as a tag


class PreviewError(SignUpError):
    """A release cannot be tried by this person, or there is no such name."""

    @property
    def jupyterhub_message(self) -> str:
        """Give what the page shows when a start fails by it."""
        return self.what


@dataclass(frozen=True)
class Wish:
    """A release that somebody wants to try."""

    environment: str
    release: str  # a commit, or `published`

    @property
    def options(self) -> dict[str, str]:
        """Give it as JupyterHub keeps it."""
        return {"environment": self.environment, "release": self.release}


def wish(options: Mapping[str, Any]) -> Wish:
    """Read which release is meant.

    Raises
    ------
    PreviewError
        The names cannot be an environment's and a release's.
    """
    environment = str(options.get("environment") or "")
    release = str(options.get("release") or names.PUBLISHED)
    if not (_ENVIRONMENT.fullmatch(environment) and _RELEASE.fullmatch(release)):
        raise PreviewError(
            to_translate("This link names no release. Please open it from the environment's page.")
        )
    return Wish(environment, release)


def place_for(wanted: Wish, known: Sequence[Place], *, is_admin: bool) -> Place | None:
    """Give the course whose limits and shared folder the preview has; None for an admin outside of all.

    Raises
    ------
    PreviewError
        Who asks instructs no course with this environment.
    """
    instructed = [place for place in known if place.role is Role.INSTRUCTOR]
    place = find_place(instructed, environment=wanted.environment)
    if place is None and not is_admin:
        raise PreviewError(
            to_translate("Only instructors of a course with the environment “{name}” can try its releases."),
            name=wanted.environment,
        )
    return place
