"""How far a start is, in the language of whoever looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyterhub.apihandlers.users import SpawnProgressAPIHandler

from lectern.hub.language import translation_of
from lectern.hub.waiting import TOLD
from lectern.web.translation import to_translate

if TYPE_CHECKING:
    from gettext import NullTranslations

#: JupyterHub's own, here so that the catalogues have them.
_STOCK = (
    to_translate("Server requested"),
    to_translate("Spawning server..."),
    to_translate("Spawn cancelled"),
)


class ProgressHandler(SpawnProgressAPIHandler):
    """/hub/api/users/<name>/server/progress: JupyterHub's own, translated."""

    async def send_event(self, event: dict[str, Any]) -> None:
        """Send one event."""
        await super().send_event(said(event, translation_of(self)))


def said(event: dict[str, Any], translation: NullTranslations) -> dict[str, Any]:
    """Give an event in a language, without what JSON cannot hold."""
    shown = {key: value for key, value in event.items() if key != TOLD}
    if TOLD in event:
        shown["message"] = event[TOLD].said(translation)
    elif event.get("ready"):
        shown.pop("html_message", None)
        shown["message"] = translation.gettext(to_translate("Your server is ready"))
    elif text := shown.get("message"):
        shown["message"] = translation.gettext(text)
    return shown
