"""How far a start is, in the language of whoever looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyterhub.apihandlers.users import SpawnProgressAPIHandler

from lectern.hub.language import translation_of
from lectern.hub.start_errors import StartError
from lectern.hub.waiting import TOLD
from lectern.web.translation import to_translate, told

if TYPE_CHECKING:
    from gettext import NullTranslations

#: JupyterHub's own, here so that the catalogues have them.
_STOCK = (
    to_translate("Server requested"),
    to_translate("Spawning server..."),
    to_translate("Spawn cancelled"),
)


class ProgressApi(SpawnProgressAPIHandler):
    """/hub/api/users/<name>/server/progress: JupyterHub's own, translated."""

    async def send_event(self, event: dict[str, Any]) -> None:
        """Send one event."""
        problem = self._problem() if event.get("failed") else None
        await super().send_event(said(event, translation_of(self), problem))

    def _problem(self) -> StartError | None:
        """Find why the start failed."""
        spawners = self.find_user(self.path_args[0]).spawners
        start = spawners[next(iter(self.path_args[1:]), "")]._spawn_future  # noqa: SLF001 - as JupyterHub's handler
        if start is None or not start.done() or start.cancelled():
            return None
        problem = start.exception()
        return problem if isinstance(problem, StartError) else None


def said(
    event: dict[str, Any], translation: NullTranslations, problem: StartError | None = None
) -> dict[str, Any]:
    """Give an event in a language, without what JSON cannot hold.

    Parameters
    ----------
    problem : StartError or None
        Why the start failed that the event tells of.
    """
    shown = {key: value for key, value in event.items() if key != TOLD}
    if TOLD in event:
        shown["message"] = event[TOLD].said(translation)
    elif problem is not None:
        shown.pop("html_message", None)
        failed = translation.gettext(to_translate("Spawn failed"))
        shown["message"] = f"{failed}: {told(problem, translation)}"
    elif event.get("ready"):
        shown.pop("html_message", None)
        shown["message"] = translation.gettext(to_translate("Your server is ready"))
    elif text := shown.get("message"):
        shown["message"] = translation.gettext(text)
    return shown
