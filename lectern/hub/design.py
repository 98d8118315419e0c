"""What every page of the hub is given beside its own facts: the design's files, and whom it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lectern import names
from lectern.hub.language import LanguageExtension
from lectern.hub.notice import read_notice
from lectern.web.assets import FOLDER, addresses

if TYPE_CHECKING:
    from pathlib import Path

#: Where the hub gives out the design's files (handlers.py).
ASSETS = "/hub/lectern/"

LOGO = FOLDER / "logo.svg"

JINJA_OPTIONS: dict[str, Any] = {"extensions": [LanguageExtension]}


def is_instructor(user: Any) -> bool:  # noqa: ANN401 - JupyterHub's user, or None
    """Say whether somebody has environments to look after."""
    if user is None:
        return False
    return bool(user.admin) or any(group.name.startswith(names.instructor_group("")) for group in user.groups)


def template_vars(notice_folder: Path) -> dict[str, Any]:
    """Give what JupyterHub hands to every template; it calls a function with who is logged in."""
    return {
        "assets": addresses(ASSETS),
        "is_instructor": is_instructor,
        "has_notice": lambda _user: read_notice(notice_folder) is not None,
    }
