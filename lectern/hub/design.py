"""What every page of the hub is given beside its own facts: the design's files, and whom it is for."""

from __future__ import annotations

from typing import Any

from lectern import names
from lectern.hub.language import LanguageExtension
from lectern.web.assets import FOLDER, addresses

#: Where the hub gives out the design's files (handlers.py).
ASSETS = "/hub/lectern/"

LOGO = FOLDER / "logo.svg"

JINJA_OPTIONS: dict[str, Any] = {"extensions": [LanguageExtension]}


def is_instructor(user: Any) -> bool:  # noqa: ANN401 - JupyterHub's user, or None
    """Say whether somebody has environments to look after."""
    if user is None:
        return False
    return bool(user.admin) or any(group.name.startswith(names.instructor_group("")) for group in user.groups)


def template_vars() -> dict[str, Any]:
    """Give what JupyterHub hands to every template; it calls a function with who is logged in."""
    return {"assets": addresses(ASSETS), "is_instructor": is_instructor}
